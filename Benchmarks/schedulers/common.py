"""What the schedulers share: the message, the connection to Redis, and how side-by-side calls them.

    PEERS_REDIS=URL PEERS_DATABASE=FILE SCHEDULER.py put <PLAN
    PEERS_REDIS=URL PEERS_DATABASE=FILE SCHEDULER.py work

`put` schedules the announcements of a plan, a JSON list of pairs: due, in milliseconds since 1970, and text. `work` announces
them when they are due, until it is killed.
"""
import json
import os
import sys
from datetime import datetime, timezone

import msgpack
import redis

CHANNEL = "socket.io#/#"
DATABASE = os.environ["PEERS_DATABASE"]
REDIS = os.environ["PEERS_REDIS"]

client = redis.Redis.from_url(REDIS)


def message(text):
    """As the Redis emitter of Socket.IO writes it."""
    packet = {"type": 2, "data": ["announcement", text], "nsp": "/"}
    return msgpack.packb(["emitter", packet, {"rooms": [], "flags": {}, "except": []}])


def publish(text):
    client.publish(CHANNEL, message(text))


def moment(milliseconds):
    return datetime.fromtimestamp(milliseconds / 1000, timezone.utc)


def main(put, work):
    if sys.argv[1] == "put":
        put(json.load(sys.stdin))
    else:
        work()
