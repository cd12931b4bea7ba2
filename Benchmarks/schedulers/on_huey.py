"""huey, with its storage on Redis or on SQLite, as PEERS_STORAGE says.

Its schedule is read every second, which is the shortest it has. The queue on Redis is waited for; on SQLite it is polled every
0.1 s without backing off, and written without fsync. Two threads (the default kind), no results, no periodic tasks.
"""
import os

from huey import RedisHuey, SqliteHuey

from common import DATABASE, REDIS, main, moment, publish

if os.environ["PEERS_STORAGE"] == "redis":
    huey = RedisHuey("peers", url=REDIS, results=False)
else:
    huey = SqliteHuey("peers", filename=DATABASE, results=False, fsync=False)
announce = huey.task(name="announce")(publish)


def put(plan):
    for due, text in plan:
        announce.schedule((text,), eta=moment(due))


def work():
    huey.create_consumer(workers=2, initial_delay=0.1, max_delay=0.1, backoff=1, scheduler_interval=1, periodic=False).run()


main(put, work)
