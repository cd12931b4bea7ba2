"""Takes Redis away, then the leader, and measures how long nobody hears what is due.

    outage.py PROGRAM [SECONDS]

Redis is down for SECONDS (60), while 100 announcements fall due: each has to be heard once after it is back. Then leaders are killed
and stopped while a standby waits and something is due every 100 ms: the gap until something is heard on time has to be at most 5 s.
"""
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time

from torture import Torture

COUNT = 100
TEXT = "~{{id}}|{{count}}~"
TIMES = 8
# In seconds: the longest takeover, and how late is still on time.
GAP, ON_TIME = 5.0, 0.5


class Outage(Torture):
    """The same servers and the same witness; what happens is chosen here, and nothing stands in between."""

    def __init__(self, program):
        super().__init__(program, 0, 0)
        # When the first occurrence of each announcement is due, in seconds since 1970.
        self.first = {}
        self.redis.start()
        self.witness.start()
        self.witness.listens.wait(5)

    def start(self):
        self.dispatchers.append(
            subprocess.Popen(
                [self.program, "run"], env=self.environment(self.redis.port), stdout=self.log, stderr=self.log
            )
        )

    def close(self):
        for process in self.dispatchers:
            process.kill()
            process.wait()
        self.redis.end(signal.SIGKILL)
        shutil.rmtree(self.folder)

    def without_redis(self, seconds):
        """Lets announcements fall due while Redis is down."""
        self.start()
        self.redis.end(signal.SIGKILL)
        self.witness.listens.clear()
        began = time.time()
        ids = []
        for number in range(COUNT):
            due = began + seconds * number / COUNT - time.time()
            words = ["--in", f"{max(0, int(due))}s", "--grace", "1h"]
            ids.append(self.announce("add", "--all", *words, "-o", "json", TEXT)["id"])
        time.sleep(max(0, began + seconds - time.time()))
        self.redis.start()
        back = time.time()
        while time.time() < back + 60 and not all(self.witness.heard[id, 1] for id in ids):
            time.sleep(0.01)
        # Time for a repetition.
        time.sleep(1)
        once = sum(self.witness.heard[id, 1] == 1 for id in ids)
        last = max((self.witness.at.get((id, 1), back + 60) for id in ids)) - back
        print(f"Redis down for {back - began:.0f} s: {once} of {COUNT} heard once, the last {last:.1f} s after it was back")
        return [] if once == COUNT else [f"{COUNT - once} were lost or said twice"]

    def gap(self, how):
        """How long after the end of the leader something is heard on time again, in seconds."""
        while len(self.dispatchers) < 2:
            self.start()
        while not (leader := self.leader()):
            time.sleep(0.05)
        self.heard_on_time_after(time.time())
        leader.send_signal(how)
        ended = time.time()
        gap = self.heard_on_time_after(ended) - ended
        leader.kill()
        leader.wait()
        self.dispatchers.remove(leader)
        return gap

    def leader(self):
        holder = self.announce("status", "-o", "json")["leader"] or ""
        return next((process for process in self.dispatchers if f"process {process.pid} " in holder), None)

    def heard_on_time_after(self, moment):
        """When something is heard after a moment, and at its time."""
        while time.time() < moment + 60:
            for (id, ordinal), at in list(self.witness.at.items()):
                nominal = self.first.get(id, 0) + ordinal - 1
                if at > moment and nominal > moment and at - nominal < ON_TIME:
                    return at
            time.sleep(0.005)
        return moment + 60

    def takeovers(self):
        """Ends leaders in two ways, while something is due every tenth of a second."""
        for _ in range(10):
            id = self.announce("add", "--all", "--every", "1s", "-o", "json", TEXT)["id"]
            self.first[id] = self.query(f"SELECT nominal_at FROM queue WHERE announcement_id = {id}")[0][0] / 1000
            time.sleep(0.05)
        complaints = []
        for words, how in [("killed with -9", signal.SIGKILL), ("stopped, as if on another machine", signal.SIGSTOP)]:
            gaps = [self.gap(how) for _ in range(TIMES)]
            print(
                f"{TIMES} leaders {words}: on time again after {statistics.median(gaps):.2f} s (median), "
                f"{max(gaps):.1f} s (longest)"
            )
            if max(gaps) > GAP:
                complaints.append(f"a takeover took {max(gaps):.1f} s")
        return complaints


def main():
    program, seconds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 60
    outage = Outage(program)
    try:
        complaints = outage.without_redis(seconds) + outage.takeovers()
    finally:
        outage.close()
    for what in complaints:
        print(f"FAILED: {what}")
    os._exit(1 if complaints else 0)


if __name__ == "__main__":
    main()
