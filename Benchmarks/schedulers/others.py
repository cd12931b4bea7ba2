"""Other schedulers at the same job, in turns with the program: the row `peers` of side-by-side.

Each is set up in its own way, and publishes what the program publishes, so that the same subscriber hears all of them. What was
chosen for each is said at the head of its file. Nothing is required of the ratios, which are peer / announce.
"""
import dataclasses
import json
import os
import signal
import sqlite3
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PACKAGES = [
    "APScheduler==3.11.3", "SQLAlchemy==2.1.9", "celery[redis]==5.7.0", "huey==3.5.4", "rq==3.0.0", "redis==8.1.0",
    "hiredis==3.5.0", "msgpack==1.1.0",
]
# A peer that has not announced everything so many seconds after the last was due is given up.
PATIENCE = 180
# How many are due in the burst.
COUNT = 10_000


@dataclasses.dataclass
class Peer:
    name: str
    program: str
    lead: int
    """How long before the burst is due its 10,000 are put in, in seconds: that takes a while, as does a worker's start."""
    storage: str = ""
    records: bool = False
    """Whether it writes what it delivered into a table as the program does, which is then waited for."""


PEERS = [
    Peer("hand-written Python", "handwritten.py", 6, records=True),
    Peer("APScheduler 3", "on_apscheduler.py", 25),
    Peer("Celery", "on_celery.py", 40),
    Peer("huey on Redis", "on_huey.py", 14, "redis"),
    Peer("huey on SQLite", "on_huey.py", 14, "sqlite"),
    Peer("RQ", "on_rq.py", 25),
]


class Unfinished(Exception):
    """A peer did not announce everything in time."""


def members(session):
    """The processes of a session."""
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as file:
                if int(file.read().rsplit(")", 1)[1].split()[3]) == session:
                    yield int(name)
        except OSError:
            pass


def memory(session):
    """Of its processes together, in MiB: one process' peak, or what several have now, with what they share counted once."""
    pids = list(members(session))
    name, key = ("status", "VmHWM:") if len(pids) == 1 else ("smaps_rollup", "Pss:")
    size = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/{name}") as file:
                size += next((int(line.split()[1]) for line in file if line.startswith(key)), 0)
        except OSError:
            pass
    return size / 1024


class Attempt:
    """One peer, with an empty Redis, an empty database, and a plan."""

    def __init__(self, site, python, peer):
        self.site, self.peer = site, peer
        self.database = os.path.join(site.folder, "peer.sqlite")
        self.words = [python, os.path.join(HERE, peer.program)]
        self.environment = {
            **site.environment, "PEERS_REDIS": f"redis://127.0.0.1:{site.port}/0", "PEERS_DATABASE": self.database,
            "PEERS_STORAGE": peer.storage,
        }
        subprocess.run(["redis-cli", "-p", str(site.port), "FLUSHALL"], check=True, stdout=subprocess.DEVNULL)
        for end in ["", "-wal", "-shm"]:
            if os.path.exists(self.database + end):
                os.remove(self.database + end)

    def run(self, plan):
        """What was heard; how many seconds after the first was due all was heard, and recorded; memory."""
        first, last = plan[0][0] / 1000, plan[-1][0] / 1000
        subprocess.run([*self.words, "put"], input=json.dumps(plan), text=True, check=True, env=self.environment)
        if time.time() + 4 > first:
            raise Unfinished("not set up in time")
        log = os.path.join(self.site.folder, "peer.log")
        with open(log, "w") as file:
            worker = subprocess.Popen(
                [*self.words, "work"], env=self.environment, stdin=subprocess.DEVNULL, stdout=file, stderr=file,
                start_new_session=True,
            )
        listener = self.site.listener(len(plan), int(last - time.time()) + PATIENCE)
        used, looked = 0, 0
        try:
            while listener.poll() is None or time.time() < last + PATIENCE and not self.recorded(len(plan)):
                if time.time() > looked + 0.2:
                    used, looked = max(used, memory(worker.pid)), time.time()
                if worker.poll() is not None:
                    listener.kill()
                    with open(log) as file:
                        raise RuntimeError(f"{self.peer.name} stopped: {file.read()[-2000:]}")
                time.sleep(0.004)
            took = time.time() - first
            used = max(used, memory(worker.pid))
        finally:
            worker.kill()
            for pid in members(worker.pid):
                os.kill(pid, signal.SIGKILL)
            worker.wait()
        heard = json.loads(listener.communicate()[0])
        if heard["got"] < len(plan) or not self.recorded(len(plan)):
            raise Unfinished(f"not within {PATIENCE} s ({heard['got']:,} of {len(plan):,})")
        return heard, took if self.peer.records else heard["drain_s"], used

    def recorded(self, count):
        if not self.peer.records:
            return True
        connection = sqlite3.connect(self.database)
        found = connection.execute("SELECT count(*) FROM deliveries").fetchone()[0]
        connection.close()
        return found == count


def text(due, size=24):
    """A text that tells latesub when it is due."""
    return f"due={due * 1_000_000:020d}".ljust(size, "x")


def whole_second(seconds):
    """The next whole second so many seconds from now: some peers know no others."""
    return (int(time.time() + seconds) + 1) * 1000


def compared(bench, python, peer):
    """The rows of one peer: what, measured, ratio."""
    def burst():
        own = bench.heard_burst(whole_second(6), COUNT)
        due = whole_second(peer.lead)
        _, *theirs = Attempt(bench.site, python, peer).run([(due, text(due, 43))] * COUNT)
        return *own, *theirs

    def spaced():
        own = bench.heard_spaced()
        heard, _, _ = Attempt(bench.site, python, peer).run([(due, text(due)) for due in bench.spaced(10)])
        return [found[key] for found in (own, heard) for key in ("p50_ms", "p99_ms", "min_ms")]

    what = f"{peer.name}: {COUNT:,} at one instant"
    try:
        took, used, their_took, their_used = bench.medians(burst)
        yield what, f"{took:.2f} s : {their_took:.2f} s", their_took / took
        yield "memory of that, MiB", f"{used:.0f} : {their_used:.0f}", their_used / used
    except Unfinished as reason:
        yield what, str(reason), None
    what = f"{peer.name}: due to heard, 200 × 50 ms, p50"
    try:
        p50, p99, least, their_p50, their_p99, their_least = bench.medians(spaced)
        yield what, f"{p50:.2f} ms : {their_p50:.2f} ms", their_p50 / p50 if their_p50 > 0 else None
        yield "p99", f"{p99:.2f} ms : {their_p99:.2f} ms", their_p99 / p99
        yield "the earliest, ms", f"{least:.2f} : {their_least:.2f}{' (early)' if their_least < 0 else ''}", None
    except Unfinished as reason:
        yield what, str(reason), None


def rows(bench):
    script = [os.path.join(ROOT, "scripts/peers"), "schedulers", *PACKAGES]
    python = os.path.join(ROOT, subprocess.run(script, check=True, capture_output=True, text=True).stdout.strip())
    for peer in PEERS:
        for what, measured, ratio in compared(bench, python, peer):
            yield what, measured, ratio, "–", True
