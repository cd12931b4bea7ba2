"""Measures `next(after:)` of the rules in a file, here and in three Python libraries, in turns within one run.

    peers.py PROGRAM CASES [ROUNDS]

PROGRAM is the release build of `recurrence`. `step` goes from one occurrence to the next, in whichever way is the library's
fastest; `ask` is a question about an instant out of nowhere, with the rule read beforehand where the library allows it (the
two cron libraries read it with the instant). Each figure is the median of all rounds, in microseconds; `x` is how many times
as long the fastest peer takes.
"""

import json
import random
import statistics
import subprocess
import sys
import time
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from croniter import croniter
from cronsim import CronSim
from dateutil.rrule import rrulestr

STEPS = 40
ASKED = 40
# dateutil walks from DTSTART, up to seconds a question.
ASKED_SLOWLY = 3


def instants(zone):
    draw = random.Random(20261124)
    return [datetime(2026, 1, 1, tzinfo=zone) + timedelta(seconds=draw.randrange(63_072_000)) for _ in range(ASKED)]


def microseconds(body, number):
    began = time.perf_counter()
    body()
    return (time.perf_counter() - began) / number * 1e6


def cronsim(case, starts):
    def step():
        for _ in islice(CronSim(case["cron"], starts[0]), STEPS):
            pass

    def ask():
        for start in starts:
            next(CronSim(case["cron"], start), None)

    return step, ask


def cron_iterator(case, starts):
    def step():
        rule = croniter(case["cron"], starts[0], second_at_beginning=True)
        for _ in range(STEPS):
            rule.get_next(datetime)

    def ask():
        for start in starts:
            croniter(case["cron"], start, second_at_beginning=True).get_next(datetime)

    return step, ask


def dateutil(case, starts):
    # The libraries' fastest way: wall times without a zone.
    rule = rrulestr(case["rrule"], dtstart=datetime.fromisoformat(case["start"]))
    walls = [start.replace(tzinfo=None) for start in starts[:ASKED_SLOWLY]]

    def step():
        for _ in islice(rule, STEPS):
            pass

    def ask():
        for wall in walls:
            rule.after(wall)

    return step, ask


def peers(case):
    if "exclude" in case:
        return {}
    if "rrule" in case:
        return {"dateutil": dateutil}
    return {"cronsim": cronsim, "croniter": cron_iterator}


def measure_peers(case, results):
    starts = instants(ZoneInfo(case["zone"]))
    for name, peer in peers(case).items():
        figures = results.setdefault((case["name"], name), {"step": [], "ask": []})
        if figures is None:
            continue
        try:
            step, ask = peer(case, starts)
            figures["step"].append(microseconds(step, STEPS))
            figures["ask"].append(microseconds(ask, ASKED_SLOWLY if name == "dateutil" else ASKED))
        except Exception:  # It does not know the expression, or finds nothing: no figure.
            results[(case["name"], name)] = None


def measure_here(program, path, results):
    done = subprocess.run([program, "time", path], capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        found = json.loads(line)
        figures = results.setdefault((found["name"], "announce"), {"step": [], "ask": [], "worst": []})
        for key in figures:
            figures[key].append(found[key] / 1000)


def cell(figures, key):
    return f"{statistics.median(figures[key]):9.2f}" if figures and figures.get(key) else f"{'-':>9}"


def main():
    program, path = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    with open(path, encoding="utf-8") as file:
        cases = json.load(file)
    results = {}
    for _ in range(rounds):
        measure_here(program, path, results)
        for case in cases:
            measure_peers(case, results)
    print(f"{'microseconds, medians of ' + str(rounds):40} {'step':>9} {'ask':>9} {'worst':>9}  {'step x':>7} {'ask x':>7}")
    for case in cases:
        own = results[(case["name"], "announce")]
        others = {name: results.get((case["name"], name)) for name in peers(case)}
        ratios = []
        for key in ("step", "ask"):
            known = [statistics.median(figures[key]) for figures in others.values() if figures and figures[key]]
            mine = statistics.median(own[key])
            ratios.append(f"{min(known) / mine:7.0f}" if known else f"{'-':>7}")
        print(f"{case['name']:40} {cell(own, 'step')} {cell(own, 'ask')} {cell(own, 'worst')}  {' '.join(ratios)}")
        for name, figures in others.items():
            print(f"    {name:36} {cell(figures, 'step')} {cell(figures, 'ask')}")


main()
