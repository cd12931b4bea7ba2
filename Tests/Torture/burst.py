"""Lets many announcements fall due at one instant, and looks at those who suffer from it.

    burst.py PROGRAM [COUNT]

For the classic wire a subscriber that reads nothing must not be cut off by Redis, at its default limits; for streams a reader of 100
entries a call must see every entry. In both, what falls due 1.5 s later must not wait for the burst, and the dispatcher's memory
stays below 96 MiB.
"""
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

from torture import Redis

MEMORY = 96 << 10


class Client:
    """Just enough of a Redis client."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.file = self.socket.makefile("rb")

    def send(self, *words):
        parts = [f"${len(word)}\r\n{word}\r\n" for word in map(str, words)]
        self.socket.sendall(f"*{len(parts)}\r\n{''.join(parts)}".encode())

    def read(self):
        line = self.file.readline()
        kind, value = line[:1], line[1:-2]
        if kind == b"*":
            return None if value == b"-1" else [self.read() for _ in range(int(value))]
        if kind == b"$":
            return None if value == b"-1" else self.file.read(int(value) + 2)[:-2]
        return value

    def ask(self, *words):
        self.send(*words)
        return self.read()


class Burst:
    def __init__(self, program, count, wire):
        self.program, self.count, self.wire = program, count, wire
        self.folder = tempfile.mkdtemp(prefix="announce-burst-")
        self.database = os.path.join(self.folder, "announce.sqlite")
        self.redis = Redis(self.folder)
        self.redis.start()
        self.environment = {
            "PATH": os.environ["PATH"], "USER": "burst", "HOME": self.folder, "ANNOUNCE_DATABASE": self.database,
            "ANNOUNCE_REDIS_URL": f"redis://127.0.0.1:{self.redis.port}", "ANNOUNCE_TIMEZONE": "UTC",
            **{key: os.environ[key] for key in ["LD_LIBRARY_PATH", "TZDIR"] if key in os.environ},
        }

    def query(self, sql):
        connection = sqlite3.connect(self.database, timeout=20)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def store(self):
        """Copies one announcement so often; all are due in some seconds, the last of them a little later."""
        words = [self.program, "add", "--all", "--in", "1h", "--grace", "1h", "x" * 200]
        subprocess.run(words, env=self.environment, check=True, capture_output=True)
        connection = sqlite3.connect(self.database)
        names = [row[1] for row in connection.execute("PRAGMA table_info(announcements)") if row[1] != "id"]
        names = ", ".join(names)
        at = int(time.time() * 1000) + 5_000 + self.count // 50
        connection.execute(
            f"""WITH RECURSIVE numbers (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM numbers WHERE n < {self.count})
            INSERT INTO announcements (id, {names}) SELECT n, {names} FROM numbers, announcements WHERE id = 1"""
        )
        connection.execute("DELETE FROM queue")
        connection.execute(
            f"""INSERT INTO queue (due_at, rank, announcement_id, nominal_at, phase)
            SELECT {at} + (id = {self.count}) * 1500, 2, id, {at} + (id = {self.count}) * 1500, 'start' FROM announcements"""
        )
        connection.execute(f"UPDATE totals SET value = {self.count} WHERE name = 'pending'")
        connection.commit()
        connection.close()

    def run(self):
        self.store()
        client = Client(self.redis.port)
        if self.wire == "classic":
            client.ask("PSUBSCRIBE", "socket.io#*")
        process = subprocess.Popen(
            [self.program, "run", "--wire", self.wire], env=self.environment, stdout=subprocess.DEVNULL,
            stderr=open(os.path.join(self.folder, "log"), "wb"),
        )
        complaints = self.stall() if self.wire == "classic" else self.read(client)
        # What the last batch was is recorded a moment later.
        while self.query("SELECT value FROM totals WHERE name = 'pending'") != [(0,)]:
            time.sleep(0.05)
        with open(f"/proc/{process.pid}/status") as status:
            memory = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
        process.terminate()
        process.wait()
        self.redis.end(signal.SIGKILL)
        outcomes = self.query("SELECT outcome, count(*), max(concluded_at - nominal_at) FROM deliveries GROUP BY outcome")
        later = self.query(f"SELECT concluded_at - nominal_at FROM deliveries WHERE announcement_id = {self.count}")[0][0]
        print(
            f"{self.wire}: " + ", ".join(f"{outcome} {count}, the last {late} ms late" for outcome, count, late in outcomes)
            + f"; what fell due later {later} ms late; {memory / 1024:.0f} MiB at most"
        )
        if [row[:2] for row in outcomes] != [("published", self.count)]:
            complaints.append("not all were published")
        if memory > MEMORY:
            complaints.append("too much memory")
        if later > 1_000:
            complaints.append("what fell due later had to wait")
        if not complaints:
            shutil.rmtree(self.folder)
        return complaints

    def stall(self):
        """Reads nothing until all is out."""
        while self.query("SELECT value FROM totals WHERE name = 'pending'") != [(0,)]:
            time.sleep(0.1)
        clients = Client(self.redis.port).ask("CLIENT", "LIST", "TYPE", "pubsub").decode().split()
        buffers = [int(word[5:]) for word in clients if word.startswith("omem=")]
        print(f"classic: Redis keeps {sum(buffers) / 1e6:.1f} MB for a subscriber that reads nothing")
        return [] if buffers else ["the subscriber was cut off"]

    def read(self, client):
        """Reads 100 entries a call, as the adapter does, until nothing comes any more."""
        last, seen, quiet = "0", 0, 0
        while seen < self.count and quiet < 30:
            found = client.ask("XREAD", "BLOCK", 1000, "COUNT", 100, "STREAMS", "socket.io", last)
            quiet = 0 if found or seen == 0 else quiet + 1
            if found:
                entries = found[0][1]
                seen, last = seen + len(entries), entries[-1][0].decode()
        print(f"streams: a reader of 100 entries a call saw {seen} of {self.count}")
        return [] if seen == self.count else ["entries were trimmed before they were read"]


def main():
    program, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    complaints = [what for wire in ["classic", "streams"] for what in Burst(program, count, wire).run()]
    for what in complaints:
        print(f"FAILED: {what}")
    sys.exit(1 if complaints else 0)


if __name__ == "__main__":
    main()
