"""Tortures real dispatchers for a while, and counts what was lost and what was said twice.

    torture.py PROGRAM SECONDS [SEED]

Two `announce run` share one database. At random instants they are killed, stopped and continued, told to end, their clocks are
stepped (libfaketime), their disk is full (a limit on the size of files), their connections to Redis are cut with or without the
reply, and Redis is paused, restarted or killed. A subscriber is the witness: every occurrence that is recorded as published has to
have been heard once, every other one never, and every one that was accepted has to have a record.
"""
import collections
import glob
import json
import os
import random
import re
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

PATTERN = re.compile(rb"~(\d+)\|(\d+)~")
FAKETIME = next(iter(glob.glob("/usr/lib/*-linux-gnu/faketime/libfaketime.so.1")), None)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Redis:
    """A redis-server that keeps what it was told, and can be killed."""

    def __init__(self, folder):
        self.folder, self.port, self.process = folder, free_port(), None

    def start(self):
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--dir", self.folder, "--appendonly", "yes", "--save", ""],
            stdout=subprocess.DEVNULL,
        )
        while True:
            try:
                connection = socket.create_connection(("127.0.0.1", self.port), 1)
                connection.sendall(b"PING\r\n")
                if connection.recv(16).startswith(b"+PONG"):
                    return connection.close()
            except OSError:
                pass
            time.sleep(0.01)

    def end(self, how):
        self.process.send_signal(how)
        self.process.wait()


class Witness(threading.Thread):
    """Hears what a Socket.IO server would, and comes back after Redis has."""

    def __init__(self, redis):
        super().__init__(daemon=True)
        self.redis, self.heard, self.is_over = redis, collections.Counter(), False
        # When each was heard first.
        self.at = {}
        self.listens = threading.Event()

    def run(self):
        while not self.is_over:
            try:
                with socket.create_connection(("127.0.0.1", self.redis.port), 1) as connection:
                    connection.settimeout(None)
                    connection.sendall(b"PSUBSCRIBE socket.io#*\r\n")
                    self.read(connection)
            except OSError:
                pass
            self.listens.clear()
            time.sleep(0.005)

    def read(self, connection):
        rest = b""
        while data := connection.recv(1 << 16):
            if b"psubscribe" in data:
                self.listens.set()
            rest += data
            end = 0
            for match in PATTERN.finditer(rest):
                key = int(match[1]), int(match[2])
                self.at.setdefault(key, time.time())
                self.heard[key] += 1
                end = match.end()
            # A text may be in two parts; it is shorter than this.
            rest = rest[max(end, len(rest) - 64):]


class Proxy(threading.Thread):
    """Stands between the dispatchers and Redis."""

    def __init__(self, redis):
        super().__init__(daemon=True)
        self.redis = redis
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.pairs, self.swallows = [], False

    def run(self):
        while True:
            client, _ = self.listener.accept()
            try:
                server = socket.create_connection(("127.0.0.1", self.redis.port), 1)
                server.settimeout(None)
            except OSError:
                client.close()
                continue
            self.pairs.append((client, server))
            threading.Thread(target=self.pump, args=(client, server, False), daemon=True).start()
            threading.Thread(target=self.pump, args=(server, client, True), daemon=True).start()

    def pump(self, source, sink, is_reply):
        try:
            while data := source.recv(1 << 16):
                if is_reply and self.swallows:
                    self.swallows = False
                    break
                # A reply takes its time, so that there is always something on its way.
                time.sleep(0.02 if is_reply else 0)
                sink.sendall(data)
        except OSError:
            pass
        self.close((source, sink))

    def close(self, pair):
        for end in pair:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()

    def cut(self):
        pairs, self.pairs = self.pairs, []
        for pair in pairs:
            self.close(pair)


class Torture:
    def __init__(self, program, seconds, seed):
        self.program, self.seconds = program, seconds
        self.random = random.Random(seed)
        self.folder = tempfile.mkdtemp(prefix="announce-torture-")
        self.database = os.path.join(self.folder, "announce.sqlite")
        self.redis = Redis(self.folder)
        self.witness, self.proxy = Witness(self.redis), Proxy(self.redis)
        self.dispatchers, self.starts = [], 0
        self.count = collections.Counter()
        self.every, self.at_redis_death = {}, set()
        self.log = open(os.path.join(self.folder, "log"), "ab")

    # What runs

    def environment(self, port):
        return {
            "PATH": os.environ["PATH"], "USER": "torture", "HOME": self.folder, "ANNOUNCE_DATABASE": self.database,
            "ANNOUNCE_REDIS_URL": f"redis://127.0.0.1:{port}", "ANNOUNCE_TIMEZONE": "UTC",
            **{key: os.environ[key] for key in ["LD_LIBRARY_PATH", "TZDIR"] if key in os.environ},
        }

    def start(self):
        self.starts += 1
        environment = self.environment(self.proxy.port)
        clock = os.path.join(self.folder, f"clock-{self.starts}")
        self.set_clock(clock, 0)
        environment |= {
            "LD_PRELOAD": FAKETIME, "FAKETIME_TIMESTAMP_FILE": clock, "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1",
        }
        process = subprocess.Popen(
            [self.program, "run", "--publish-once", "require"], env=environment, stdout=self.log, stderr=self.log
        )
        process.clock = clock
        self.dispatchers.append(process)

    @staticmethod
    def set_clock(path, seconds):
        with open(path + ".new", "w") as file:
            file.write(f"{seconds:+d}\n")
        os.rename(path + ".new", path)

    def announce(self, *words):
        finished = subprocess.run(
            [self.program, *words], env=self.environment(self.redis.port), capture_output=True, text=True
        )
        return json.loads(finished.stdout) if finished.returncode == 0 and "-o" in words else None

    def add(self):
        words = ["--in", f"{self.random.randint(0, 5)}s", "--grace", "1d"]
        added = self.announce("add", "--all", *words, "-o", "json", "~{{id}}|{{count}}~")
        if added:
            self.every[added["id"]] = None

    # What happens

    def happen(self):
        process = self.random.choice(self.dispatchers)
        faults = [self.kill] * 6 + [self.suspend, self.end, self.cut, self.cut, self.swallow, self.swallow]
        faults += [self.fill_disk, self.step_clock, self.pause_redis, self.restart_redis, self.kill_redis]
        self.random.choice(faults)(process)
        while len(self.dispatchers) < 2:
            self.start()

    def kill(self, process):
        self.count["kills"] += 1
        process.kill()
        process.wait()
        self.dispatchers.remove(process)

    def end(self, process):
        self.count["faults"] += 1
        process.terminate()
        process.wait()
        self.count["slow or failed stops"] += process.returncode != 0
        self.dispatchers.remove(process)

    def suspend(self, process):
        self.count["faults"] += 1
        process.send_signal(signal.SIGSTOP)
        time.sleep(self.random.uniform(0.1, 8))
        process.send_signal(signal.SIGCONT)

    def cut(self, _):
        self.count["faults"] += 1
        self.proxy.cut()

    def swallow(self, _):
        self.count["faults"] += 1
        self.proxy.swallows = True

    def fill_disk(self, process):
        self.count["faults"] += 1
        size = os.path.getsize(self.database + "-wal") if os.path.exists(self.database + "-wal") else 0
        hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (min(size, os.path.getsize(self.database)), hard))
        time.sleep(self.random.uniform(0.5, 3))
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (hard, hard))

    def step_clock(self, process):
        self.count["faults"] += 1
        self.set_clock(process.clock, self.random.choice([-1, 1]) * self.random.randint(2, 30))
        time.sleep(self.random.uniform(0.5, 3))
        self.set_clock(process.clock, 0)

    def pause_redis(self, _):
        self.count["faults"] += 1
        self.redis.process.send_signal(signal.SIGSTOP)
        time.sleep(self.random.uniform(0.1, 4))
        self.redis.process.send_signal(signal.SIGCONT)

    def restart_redis(self, _):
        self.end_redis(signal.SIGTERM)

    def kill_redis(self, _):
        self.end_redis(signal.SIGKILL)

    def end_redis(self, how):
        self.count["faults"] += 1
        self.redis.end(how)
        # Until Redis is back nobody learns what became of these.
        for (members,) in self.query("SELECT members FROM batches"):
            for nominal, phase, ids in json.loads(members):
                self.at_redis_death |= {(id, nominal, phase) for id in ids}
        time.sleep(self.random.uniform(0, 1))
        self.redis.start()
        self.witness.listens.wait(5)

    # The count

    def query(self, sql):
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=20)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def run(self):
        self.redis.start()
        self.witness.start()
        self.proxy.start()
        self.witness.listens.wait(5)
        for number in range(30):
            every = number % 3 + 1
            added = self.announce(
                "add", "--all", "--every", f"{every}s", "--misfire", "all", "--grace", "20s", "-o", "json",
                "~{{id}}|{{count}}~",
            )
            self.every[added["id"]] = every
        self.start()
        self.start()
        end = time.monotonic() + self.seconds
        adder = threading.Thread(target=self.add_until, args=(end,))
        adder.start()
        while time.monotonic() < end:
            time.sleep(self.random.uniform(0.05, 1.2))
            self.happen()
        adder.join()
        self.announce("cancel", *[str(id) for id, every in self.every.items() if every])
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            if self.query("SELECT (SELECT count(*) FROM queue) + (SELECT count(*) FROM batches)") == [(0,)]:
                break
            time.sleep(0.1)
        for process in self.dispatchers:
            process.terminate()
        for process in self.dispatchers:
            process.wait()
        time.sleep(0.3)
        self.witness.is_over = True
        return self.report()

    def add_until(self, end):
        while time.monotonic() < end:
            self.add()
            self.add()
            time.sleep(0.05)

    def report(self):
        rows = self.query(
            "SELECT announcement_id, nominal_at, phase, outcome FROM deliveries ORDER BY announcement_id, nominal_at"
        )
        starts = {row[0]: row[1] for row in reversed(rows)}
        heard = collections.Counter(self.witness.heard)
        lost, twice, apart, ordinals = [], [], [], collections.defaultdict(set)
        outcomes = collections.Counter(row[3] for row in rows)
        for id, nominal, phase, outcome in rows:
            every = self.every.get(id)
            ordinal = (nominal - starts[id]) // (every * 1000) + 1 if every else 1
            ordinals[id].add(ordinal)
            times = heard.pop((id, ordinal), 0)
            expected = 1 if outcome == "published" else 0
            if times == expected:
                continue
            if (id, nominal, phase) in self.at_redis_death:
                apart.append((id, ordinal))
            elif times < expected:
                lost.append((id, ordinal, outcome, times))
            else:
                twice.append((id, ordinal, outcome, times))
        twice += [(*key, "no record", times) for key, times in heard.items()]
        for id in self.every:
            missing = set(range(1, max(ordinals[id], default=1) + 1)) - ordinals[id]
            lost += [(id, ordinal, "no record", 0) for ordinal in sorted(missing)]
        print(f"occurrences {len(rows)} (" + ", ".join(f"{k} {v}" for k, v in sorted(outcomes.items())) + ")")
        print(f"kills {self.count['kills']}, faults {self.count['faults']}, failed stops {self.count['slow or failed stops']}")
        print(f"lost {len(lost)}, twice {len(twice)}")
        print(
            f"in flight when Redis itself ended: {len(self.at_redis_death)} occurrences, "
            f"of which {len(apart)} were lost or said twice"
        )
        for name, cases in [("lost", lost), ("twice", twice)]:
            for case in cases[:20]:
                print(f"  {name}: {case}")
        if lost or twice:
            print(f"The log and the database are in {self.folder}.")
            return 1
        self.redis.end(signal.SIGKILL)
        shutil.rmtree(self.folder)
        return 0


def main():
    if not FAKETIME:
        sys.exit("libfaketime is missing: apt-get install faketime")
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(1 << 32)
    print(f"{sys.argv[2]} s, seed {seed}", flush=True)
    torture = Torture(sys.argv[1], float(sys.argv[2]), seed)
    status = 1
    try:
        status = torture.run()
    finally:
        for process in torture.dispatchers:
            process.kill()
        if torture.redis.process:
            torture.redis.process.kill()
    os._exit(status)


if __name__ == "__main__":
    main()
