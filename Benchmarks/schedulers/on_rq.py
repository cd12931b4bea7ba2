"""RQ with the scheduler that its workers bring.

The schedule is read every second, which cannot be changed, and the queue is waited for. Two SimpleWorkers, which RQ's notes on
performance name for jobs of some milliseconds (its usual worker forks for each); no results are kept.
"""
from rq import Queue, SimpleWorker
from rq.worker_pool import WorkerPool

from common import client, main, moment


def put(plan):
    queue = Queue(connection=client)
    for due, text in plan:
        queue.enqueue_at(moment(due), "common.publish", text, result_ttl=0)


def work():
    WorkerPool(["default"], connection=client, num_workers=2, worker_class=SimpleWorker).start(logging_level="WARNING")


main(put, work)
