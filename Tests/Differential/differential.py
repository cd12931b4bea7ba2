"""Compares `announce next` with cronsim and python-dateutil on random rules.

    differential.py PROGRAM [SEED] [RULES]

Prints the seed, so that a run can be repeated, and every difference; exits with 1 when there is one. Left out is what the
peers read otherwise on purpose (docs/time.md): cron with seconds and changes of less than an hour (cronsim), BYWEEKNO, weekly
BYSETPOS and ordinal days beside plain ones (python-dateutil).
"""

import json
import random
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone
from itertools import islice
from zoneinfo import ZoneInfo

from cronsim import CronSim
from dateutil.rrule import rrulestr

# One hour of daylight saving, not at midnight.
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Sydney", "Asia/Tokyo", "America/Los_Angeles"]
LIMIT = 6


def announce(program, words):
    command = [program, "next", *words, "--limit", str(LIMIT), "-o", "json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\n{done.stderr}")
    return [element["utc"] for element in json.loads(done.stdout)]


def text(instant):
    return instant.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def moment(draw):
    """Near a change of clocks as often as not."""
    year = draw.randint(2024, 2037)
    month, day = draw.choice([(3, 7), (3, 25), (10, 1), (10, 24), (11, 1), (4, 2), (1, 28), (12, 30), (2, 27)])
    return datetime(year, month, day, tzinfo=timezone.utc) + timedelta(minutes=draw.randint(0, 14 * 1440))


def cron(draw):
    def field(low, high, fixed):
        kind = draw.randint(0, 5)
        if kind == 0 and not fixed:
            return "*"
        if kind == 1 and not fixed:
            return f"*/{draw.randint(1, (high - low + 1) // 2)}"
        if kind == 2:
            first = draw.randint(low, high - 1)
            return f"{first}-{draw.randint(first + 1, high)}"
        if kind == 3:
            return ",".join(str(number) for number in sorted(draw.sample(range(low, high + 1), 2)))
        return str(draw.randint(low, high))

    days = "*" if draw.randint(0, 2) else field(1, 28, True)
    months = "*" if draw.randint(0, 2) else field(1, 12, False)
    weekdays = "*" if draw.randint(0, 2) else draw.choice(["MON-FRI", "0", "6", "1,3", "SUN", "5#2", "FRI#1", "5L"])
    if "#" in weekdays or "L" in weekdays:
        days = "*"
    return f"{field(0, 59, False)} {field(0, 23, False)} {days} {months} {weekdays}"


def cron_case(draw, program):
    expression, zone, start = cron(draw), draw.choice(ZONES), moment(draw)
    ours = announce(program, ["--cron", expression, "--tz", zone, "--from", text(start)])
    local = start.astimezone(ZoneInfo(zone))
    theirs, last = [], start
    for instant in CronSim(expression, local):
        # cronsim yields an instant twice where two wall times fall on it.
        if instant.astimezone(timezone.utc) > last:
            theirs.append(text(instant))
            last = instant.astimezone(timezone.utc)
        if len(theirs) == LIMIT:
            break
    return f"--cron '{expression}' --tz {zone} --from {text(start)}", ours, theirs


def rule(draw):
    frequency = draw.choice(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
    parts = [f"FREQ={frequency}"]
    if draw.randint(0, 1):
        parts.append(f"INTERVAL={draw.randint(1, 4)}")
    if draw.randint(0, 2) == 0:
        parts.append(f"BYMONTH={','.join(map(str, sorted(draw.sample(range(1, 13), 3))))}")
    days = draw.sample(["MO", "TU", "WE", "TH", "FR", "SA", "SU"], draw.randint(1, 3))
    choice = draw.randint(0, 4)
    if choice == 0 and frequency != "WEEKLY":
        parts.append(f"BYMONTHDAY={draw.choice([1, 15, 28, 31, -1, -2])}")
    elif choice == 1:
        parts.append(f"BYDAY={','.join(days)}")
        if frequency == "MONTHLY" and draw.randint(0, 1):
            parts.append(f"BYSETPOS={draw.choice([1, -1, 2])}")
    elif choice == 2 and frequency in ("MONTHLY", "YEARLY"):
        parts.append(f"BYDAY={draw.choice(['1', '2', '-1', '-2'])}{days[0]}")
    if draw.randint(0, 3) == 0:
        parts.append(f"BYHOUR={','.join(map(str, sorted(draw.sample(range(24), 2))))}")
    if draw.randint(0, 3) == 0:
        parts.append(f"COUNT={draw.randint(1, 20)}")
    if draw.randint(0, 3) == 0:
        parts.append(f"WKST={draw.choice(['SU', 'MO', 'WE'])}")
    return ";".join(parts)


def rule_case(draw, program):
    text_of_rule, zone = rule(draw), draw.choice(ZONES)
    start = moment(draw).replace(tzinfo=None)
    after = (start + timedelta(days=draw.randint(-3, 200))).replace(tzinfo=timezone.utc)
    words = ["--rrule", text_of_rule, "--start", start.strftime("%Y-%m-%d %H:%M:%S"), "--tz", zone]
    ours = announce(program, [*words, "--from", text(after)])
    theirs = []
    # A wall time in a gap is read with the offset before it, as RFC 5545 has it; zoneinfo does so too.
    for wall in islice(rrulestr(text_of_rule, dtstart=start), 20000):
        instant = wall.replace(tzinfo=ZoneInfo(zone)).astimezone(timezone.utc)
        if instant > after and text(instant) not in theirs:
            theirs.append(text(instant))
        if len(theirs) == LIMIT + 2:
            break
    return f"--rrule '{text_of_rule}' --start '{start}' --tz {zone} --from {text(after)}", ours, sorted(theirs)[:LIMIT]


def main():
    program = sys.argv[1]
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else time.time_ns() % 1_000_000_000
    rules = int(sys.argv[3]) if len(sys.argv) > 3 else 150
    print(f"seed {seed}, {rules} cron expressions and {rules} recurrence rules")
    draw = random.Random(seed)
    differences = 0
    for case in [cron_case] * rules + [rule_case] * rules:
        what, ours, theirs = case(draw, program)
        if ours != theirs:
            differences += 1
            print(f"announce next {what}\n  here  {' '.join(ours)}\n  peer  {' '.join(theirs)}")
    print(f"{2 * rules - differences} alike, {differences} different")
    sys.exit(1 if differences else 0)


main()
