"""Real python-socketio servers and clients, end to end through `announce run`.

    python_socketio.py PROGRAM VERSION

Starts a private redis-server, two servers of the installed python-socketio, four clients and a dispatcher, adds announcements,
and compares who has heard what with who should have. VERSION is what `--python-socketio` is told. Nothing waits for time: a
marker to everybody follows each announcement, and when all clients have it, nothing more is to come.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import socketio
from aiohttp import web

PROGRAM, VERSION = sys.argv[1:3]
PATIENCE = 60


async def serve(redis):
    """One server on a port of the kernel's choice."""
    server = socketio.AsyncServer(async_mode="aiohttp", client_manager=socketio.AsyncRedisManager(redis))
    server.on("connect", lambda sid, environ, auth=None: None)
    server.on("connect", lambda sid, environ, auth=None: None, namespace="/admin")

    async def join(sid, room):
        await server.enter_room(sid, room)

    server.on("join", join)
    app = web.Application()
    server.attach(app)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    return server, runner, runner.addresses[0][1]


class Client:
    """A client that notes what it hears."""

    def __init__(self, name):
        self.name = name
        self.heard = []
        self.marks = asyncio.Queue()
        self.io = socketio.AsyncClient()
        self.io.on("announcement", lambda *arguments: self.heard.append(["/", *arguments]))
        self.io.on("announcement", lambda *arguments: self.heard.append(["/admin", *arguments]), namespace="/admin")
        self.io.on("mark", self.marks.put)


class Site:
    """The program beside its Redis."""

    def __init__(self, folder):
        self.environment = {
            **os.environ,
            "ANNOUNCE_CONFIG": "/dev/null",
            "ANNOUNCE_DATABASE": f"{folder}/a.sqlite",
            "ANNOUNCE_REDIS_URL": f"unix://{folder}/redis.sock",
            "ANNOUNCE_WIRE": "python",
            "ANNOUNCE_PYTHON_SOCKETIO": VERSION,
        }
        self.marker = 0

    async def announce(self, *words, status=0):
        process = await asyncio.create_subprocess_exec(
            PROGRAM, *words, env=self.environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        out, err = await process.communicate()
        if process.returncode != status:
            raise SystemExit(f"announce {' '.join(words)}: {process.returncode}, not {status}\n{err.decode()}")
        return out.decode()

    async def outcome(self, clients, *words):
        """Who hears an announcement, and what: pairs of a client's name and what it heard."""
        for client in clients:
            client.heard.clear()
        await self.announce("add", "--in", "0s", *words)
        self.marker += 1
        await self.announce("add", "--in", "0s", "--all", "--event", "mark", str(self.marker))
        for client in clients:
            while await asyncio.wait_for(client.marks.get(), PATIENCE) != str(self.marker):
                pass
        return {client.name: client.heard.copy() for client in clients if client.heard}


async def started(*command, line, environment=None):
    """A program that has said that it is up."""
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=asyncio.subprocess.PIPE)
    while line not in (text := (await asyncio.wait_for(process.stdout.readline(), PATIENCE)).decode()):
        if not text:
            raise SystemExit(f"{command[0]} ended before it was up")
    return process


async def compare(site, clients):
    a, b, c, d = clients
    several = tuple(map(int, VERSION.split("."))) >= (5, 15, 1)
    everyone = {client.name: [["/", "hi"]] for client in clients}
    cases = [
        (["--all", "hi"], everyone),
        (["--room", "lobby", "hi"], {name: [["/", "hi"]] for name in "ab"}),
        (["--room", "lobby", "--room", "game", "hi"], {name: [["/", "hi"]] for name in "abc"}),
        (["--socket", d.io.get_sid(), "hi"], {"d": [["/", "hi"]]}),
        (["--all", "--except", a.io.get_sid(), "hi"], {name: [["/", "hi"]] for name in "bcd"}),
        (["--all", "--namespace", "/admin", "hi"], {"a": [["/admin", "hi"]]}),
        (["--room", "game", "--event", "announcement"], {"c": [["/"]]}),
        (["--room", "game", "--json", "[1,2]"], {"c": [["/", [1, 2]]]}),
        (["--room", "game", "--json", '{"b":1.5,"a":"žluťoučký"}'], {"c": [["/", {"b": 1.5, "a": "žluťoučký"}]]}),
    ]
    if several:
        cases.append((["--room", "game", "hi", "--json", "null"], {"c": [["/", "hi", None]]}))
    differences = 0
    for words, expected in cases:
        found = await site.outcome(clients, *words)
        if found != expected:
            differences += 1
            print(f"announce add {' '.join(words)}\n  expected {expected}\n  heard    {found}")
    history = json.loads(await site.announce("history", "--limit", "200", "-o", "json"))
    receivers = {entry.get("receivers") for entry in history if entry.get("outcome") == "published"}
    if receivers != {2}:
        differences += 1
        print(f"receivers: {receivers}, not 2")
    return len(cases), differences


async def consult(site):
    """How many differences there are between what the doctor says of these servers and what it should."""
    differences = 0
    heard = json.loads(await site.announce("doctor", "-o", "json"))
    if (heard["heard"], heard["servers"]) != (True, 2):
        differences += 1
        print(f"announce doctor: {heard}")
    for words, remedy in [(["--prefix", "chat"], "--prefix socketio"), (["--wire", "classic"], "--wire python")]:
        found = json.loads(await site.announce("doctor", *words, "-o", "json", status=69))
        servers = next(finding for finding in found["findings"] if finding["check"] == "servers")
        if found["heard"] or remedy not in servers["remedy"]:
            differences += 1
            print(f"announce doctor {' '.join(words)}: {servers}")
    return differences


async def main():
    with tempfile.TemporaryDirectory() as folder:
        site = Site(folder)
        redis = await started(
            *["redis-server", "--port", "0", "--unixsocket", f"{folder}/redis.sock", "--save", "", "--appendonly", "no"],
            line="eady to accept connections",
        )
        servers = [await serve(f"unix://{folder}/redis.sock") for _ in range(2)]
        clients = [Client(name) for name in "abcd"]
        for number, client in enumerate(clients):
            namespaces = ["/", "/admin"] if client.name == "a" else ["/"]
            port = servers[number % 2][2]
            await client.io.connect(f"http://127.0.0.1:{port}", namespaces=namespaces, wait_timeout=PATIENCE)
            rooms = {"a": ["lobby"], "b": ["lobby"], "c": ["game"]}.get(client.name, [])
            for room in rooms:
                await client.io.call("join", room, timeout=PATIENCE)
        while (await site.announce("send", "--all", "--event", "probe", "--allow-unheard", "-o", "json")).strip() != '{"receivers":2}':
            await asyncio.sleep(0.05)
        dispatcher = await started(PROGRAM, "run", line="ready", environment=site.environment)
        try:
            misjudged = await consult(site)
            cases, differences = await compare(site, clients)
        finally:
            dispatcher.terminate()
            await dispatcher.wait()
            for client in clients:
                await client.io.disconnect()
            for _, runner, _ in servers:
                await runner.cleanup()
            redis.terminate()
            await redis.wait()
    print(f"python-socketio {VERSION}: {cases - differences} of {cases} announcements reached whom they should")
    sys.exit(1 if differences or misjudged else 0)


asyncio.run(main())
