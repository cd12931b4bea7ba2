"""APScheduler 3 with its SQLAlchemy job store on SQLite.

It sleeps until the next is due, there is nothing to poll. The log is written ahead, synchronous NORMAL; two threads announce, and
nothing counts as missed for being late, which is a second by default.
"""
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import create_engine, event

from common import DATABASE, main, moment


def made(kind):
    engine = create_engine(f"sqlite:///{DATABASE}")

    @event.listens_for(engine, "connect")
    def tune(connection, _):
        connection.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")

    return kind(
        jobstores={"default": SQLAlchemyJobStore(engine=engine)}, executors={"default": ThreadPoolExecutor(2)},
        job_defaults={"misfire_grace_time": None}, timezone="UTC",
    )


def put(plan):
    scheduler = made(BackgroundScheduler)
    scheduler.start(paused=True)
    for due, text in plan:
        scheduler.add_job("common:publish", "date", run_date=moment(due), args=[text])
    scheduler.shutdown()


def work():
    made(BlockingScheduler).start()


main(put, work)
