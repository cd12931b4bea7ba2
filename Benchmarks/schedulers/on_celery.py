"""Celery with a Redis broker: tasks with an eta.

As its guide says: a timer precision of 0.1 s for more than a second's, 128 tasks ahead for short ones, no results; two processes
(prefork, the default) that do not talk to other workers.
"""
from celery import Celery

from common import REDIS, main, moment, publish

app = Celery("peers", broker=REDIS)
app.conf.update(
    task_ignore_result=True, worker_timer_precision=0.1, worker_prefetch_multiplier=128, worker_hijack_root_logger=False,
)
announce = app.task(name="announce")(publish)


def put(plan):
    for due, text in plan:
        announce.apply_async((text,), eta=moment(due))


def work():
    app.worker_main([
        "worker", "--concurrency=2", "--loglevel=WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat",
    ])


main(put, work)
