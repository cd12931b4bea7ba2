#!/usr/bin/env python3
"""Writes zone-samples.tsv: what Python's zoneinfo says about the zones in this folder's zoneinfo/.

Run: PYTHONTZPATH=zoneinfo python3 make-zone-samples.py > zone-samples.tsv
Lines: zone, then `at` instant offset abbreviation daylight, or `wall` time, its instant for fold=0 and for fold=1.
Instants are seconds since 1970-01-01T00:00:00Z, wall times likewise as if they were UTC, offsets seconds east.
"""
import datetime
import pathlib
import random
import zoneinfo

random.seed(9636)
EPOCH = datetime.datetime(1970, 1, 1)
START = int((datetime.datetime(1900, 1, 1) - EPOCH).total_seconds())
END = int((datetime.datetime(2200, 1, 1) - EPOCH).total_seconds())
FAR = int((datetime.datetime(9999, 12, 30) - EPOCH).total_seconds())


def local(zone, second):
    return (EPOCH + datetime.timedelta(seconds=second)).replace(tzinfo=datetime.timezone.utc).astimezone(zone)


def offset(zone, second):
    return int(local(zone, second).utcoffset().total_seconds())


def change(zone, low, high):
    """The first second of the offset that holds at `high`, found by bisection."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if offset(zone, middle) == offset(zone, high) else (middle, high)
    return high


folder = pathlib.Path(__file__).parent / "zoneinfo"
for path in sorted(folder.rglob("*")):
    name = str(path.relative_to(folder))
    if not path.is_file() or "." in name:
        continue
    zone = zoneinfo.ZoneInfo(name)
    week = 7 * 86400
    changes = [change(zone, s, s + week) for s in range(START, END, week) if offset(zone, s) != offset(zone, s + week)]
    chosen = sorted(random.sample(changes, min(14, len(changes))))
    instants = {s + d for s in chosen for d in (-1, 0, 1)}
    instants |= {random.randint(START, END) for _ in range(12)} | {random.randint(END, FAR) for _ in range(4)}
    for second in sorted(instants):
        d = local(zone, second)
        print(name, "at", second, offset(zone, second), d.tzname(), 1 if d.dst() else 0, sep="\t")
    walls = set()
    for second in chosen:
        before, after = offset(zone, second - 1), offset(zone, second)
        walls |= {second + before - 1, second + before, second + after - 1, second + after, second + (before + after) // 2}
    for wall in sorted(walls):
        naive = EPOCH + datetime.timedelta(seconds=wall)
        first, second = (wall - int(naive.replace(tzinfo=zone, fold=f).utcoffset().total_seconds()) for f in (0, 1))
        print(name, "wall", wall, first, second, sep="\t")
