"""What one would write by hand: a narrow queue in SQLite, MessagePack, pipelines to Redis, and what was delivered, in SQLite.

It sleeps until the next is due, and takes up to 1024 at once. Write-ahead log, synchronous NORMAL; one process.
"""
import sqlite3
import time

from common import CHANNEL, DATABASE, client, main, message

BATCH = 1024


def connect():
    connection = sqlite3.connect(DATABASE, isolation_level=None)
    connection.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 4000;")
    return connection


def put(plan):
    connection = connect()
    connection.executescript("""
        BEGIN;
        CREATE TABLE announcements (id INTEGER PRIMARY KEY, text TEXT NOT NULL);
        CREATE TABLE due (due_at INTEGER NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (due_at, id)) WITHOUT ROWID;
        CREATE TABLE deliveries (id INTEGER PRIMARY KEY, delivered_at INTEGER NOT NULL);
    """)
    for due, text in plan:
        number = connection.execute("INSERT INTO announcements (text) VALUES (?)", (text,)).lastrowid
        connection.execute("INSERT INTO due VALUES (?, ?)", (due, number))
    connection.execute("COMMIT")


def announce(connection, rows):
    pipeline = client.pipeline(transaction=False)
    for _, _, text in rows:
        pipeline.publish(CHANNEL, message(text))
    pipeline.execute()
    now = int(time.time() * 1000)
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("INSERT INTO deliveries VALUES (?, ?)", [(number, now) for _, number, _ in rows])
    connection.executemany("DELETE FROM due WHERE due_at = ? AND id = ?", [row[:2] for row in rows])
    connection.execute("COMMIT")


def work():
    connection = connect()
    client.ping()
    while True:
        rows = connection.execute(
            """SELECT due_at, id, text FROM (SELECT due_at, id FROM due WHERE due_at <= ? ORDER BY due_at, id LIMIT ?)
            CROSS JOIN announcements USING (id)""",
            (int(time.time() * 1000), BATCH),
        ).fetchall()
        if rows:
            announce(connection, rows)
            continue
        due = connection.execute("SELECT min(due_at) FROM due").fetchone()[0]
        # Another process may add something earlier: it looks again after a second at most.
        time.sleep(1 if due is None else min(1, max(0, due / 1000 - time.time())))


main(put, work)
