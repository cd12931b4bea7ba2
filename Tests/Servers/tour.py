"""Records a terminal session of the real program as an SVG that plays by itself.

    tour.py PROGRAM FILE.svg

Each command runs in a pseudo-terminal beside a private redis-server, a server of python-socketio and a client, whose words stand
between those of the program as they come. The program runs with libfaketime, so that the day is always the same. The pictures show
everything where nothing moves (`prefers-reduced-motion`, or a reader without CSS animations).
"""

import asyncio
import datetime
import fcntl
import glob
import html
import logging
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
import time

import socketio
from aiohttp import web

PROGRAM, TARGET = sys.argv[1:3]
COLUMNS, PATIENCE = 116, 30
# When the recording's clock begins, and how many seconds later the first command is given, however long all took to start.
BEGIN = datetime.datetime(2026, 11, 29, 1, 59, 35, tzinfo=datetime.timezone(datetime.timedelta(hours=1)))

HEAD_START = 5.2

# A command, and how many words of the client are waited for after it.
SESSION = [
    ("# A window of maintenance, told of before, at its start and at its end.", 0),
    ('announce maintenance "Database upgrade" --all --at 02:00 --for 20s --lead 10s --name upgrade', 1),
    ("# It takes longer: whoever has heard of it is told.", 0),
    ("announce extend upgrade --for 10s", 2),
    ("announce finish upgrade", 1),
    ("announce history upgrade --outcome published", 0),
    ("# What recurs goes by the clock on the wall of its zone.", 0),
    ('announce add --every weekday --at 9:30 --lead 5m --room team --name stand-up "Stand-up"', 0),
    ("announce next stand-up --limit 3", 0),
    ("announce list", 0),
]


class Recording:
    """Lines of the screen in their order, each with the time at which the picture shows it: always the same, so that recordings can
    be compared."""

    # Seconds before a line, by its kind; the lines of one output come together.
    GAPS = {"command": 1.2, "output": 0.3, "client": 1.4}

    def __init__(self):
        self.lines = []
        self.clock = 0.0
        self.waiting = None

    def add(self, kind, text):
        if kind == "client" and self.waiting is not None:
            self.waiting.append(text)
            return
        together = kind == "output" and self.lines and self.lines[-1][1] == kind
        self.clock += 0.05 if together else self.GAPS[kind]
        for part in folded(text, 2 if kind == "client" else 0):
            self.lines.append((self.clock, kind, part))

    def hold(self):
        """Lets words of the client wait until the command that runs has printed what it has to say."""
        self.waiting = []

    def release(self):
        texts, self.waiting = self.waiting, None
        for text in texts:
            self.add("client", text)


def folded(text, indent):
    """A line as a terminal of this width would show it."""
    width = COLUMNS - indent
    parts = []
    while True:
        plain = len(re.sub(r"\x1b\[[0-9;]*m", "", text))
        if plain <= width:
            return parts + [text]
        cut = text.rfind(" ", 0, width)
        parts.append(text[:cut])
        text = "      " + text[cut + 1 :]


class Site:
    """A Redis, a server and a client."""

    def __init__(self, folder, recording):
        self.heard = 0
        self.recording = recording
        self.url = f"unix://{folder}/redis.sock"
        library = next(iter(glob.glob("/usr/lib/*/faketime/libfaketime.so.1")))
        ahead = BEGIN.timestamp() - time.time()
        self.began = time.monotonic()
        self.environment = {
            "PATH": f"{folder}/bin:/usr/bin:/bin",
            "HOME": folder,
            "USER": "eva",
            "TERM": "xterm-256color",
            "LD_PRELOAD": library,
            "FAKETIME": f"{ahead:+.3f}s",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "ANNOUNCE_CONFIG": "/dev/null",
            "ANNOUNCE_DATABASE": f"{folder}/a.sqlite",
            "ANNOUNCE_REDIS_URL": self.url,
            "ANNOUNCE_TIMEZONE": "Europe/Berlin",
            "ANNOUNCE_WIRE": "python",
        }
        os.mkdir(f"{folder}/bin")
        os.symlink(os.path.abspath(PROGRAM), f"{folder}/bin/announce")

    async def start(self):
        self.manager = socketio.AsyncRedisManager(self.url)
        server = socketio.AsyncServer(async_mode="aiohttp", client_manager=self.manager)
        server.on("connect", lambda sid, environ, auth=None: None)
        app = web.Application()
        server.attach(app)
        self.runner = web.AppRunner(app)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        self.client = socketio.AsyncClient()
        self.client.on("maintenance", lambda notice: self.hear(notice["text"]))
        await self.client.connect(f"http://127.0.0.1:{self.runner.addresses[0][1]}", wait_timeout=PATIENCE)

    def hear(self, text):
        self.heard += 1
        self.recording.add("client", text)

    async def stop(self):
        await self.client.disconnect()
        await self.runner.cleanup()


async def run(command, site):
    """Runs one command in a pseudo-terminal and records what it prints."""
    recording = site.recording
    recording.add("command", command)
    if command.startswith("#"):
        return
    recording.hold()
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, COLUMNS, 0, 0))
    process = await asyncio.create_subprocess_exec(
        *["/bin/sh", "-c", command], env=site.environment, stdin=terminal, stdout=terminal, stderr=terminal
    )
    os.close(terminal)
    status = await asyncio.wait_for(process.wait(), PATIENCE)
    output = b""
    try:
        while block := os.read(controller, 65536):
            output += block
    except OSError:
        pass
    os.close(controller)
    for line in output.decode().splitlines():
        recording.add("output", line)
    recording.release()
    if status != 0:
        raise SystemExit(f"{command}: exit code {status}\n{output.decode()}")


async def record(folder, recording):
    site = Site(folder, recording)
    redis = await asyncio.create_subprocess_exec(
        *["redis-server", "--port", "0", "--unixsocket", f"{folder}/redis.sock", "--save", "", "--appendonly", "no"],
        stdout=asyncio.subprocess.PIPE,
    )
    while b"eady to accept" not in await asyncio.wait_for(redis.stdout.readline(), PATIENCE):
        pass
    dispatcher = None
    try:
        await site.start()
        recording.add("command", "announce run &")
        dispatcher = await asyncio.create_subprocess_exec(
            *[PROGRAM, "run"], env=site.environment, stdout=asyncio.subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        ready = await asyncio.wait_for(dispatcher.stdout.readline(), PATIENCE)
        recording.add("output", ready.decode().rstrip())
        await asyncio.sleep(site.began + HEAD_START - time.monotonic())
        for command, wanted in SESSION:
            before = site.heard
            await run(command, site)
            for _ in range(PATIENCE * 20):
                if site.heard >= before + wanted:
                    break
                await asyncio.sleep(0.05)
            else:
                raise SystemExit(f"{command}: heard {site.heard - before} of {wanted}")
        await site.stop()
        # The server's complaints about the Redis that is stopped say nothing.
        logging.disable()
    finally:
        for process in (dispatcher, redis):
            if process:
                process.terminate()
                await process.wait()


# ---- The picture

SIZE, ADVANCE, LEADING, MARGIN = 13, 7.8, 19, 16
STYLE = """
text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace;fill:#d5dbe3;white-space:pre}
.c{fill:#fff;font-weight:700}.n{fill:#8b98a8}.h{fill:#7ee0a3}.p{fill:#6cb6ff}.g{fill:#7ee0a3}.r{fill:#ff8b84}.y{fill:#f2cc60}
@keyframes a{from{visibility:hidden}to{visibility:visible}}
@media(prefers-reduced-motion:no-preference){.l{animation:a 1ms step-end both}}
"""
COLOURS = {"31": "r", "32": "g", "33": "y", "90": "n", "2": "n", "1": "c"}


def spans(text):
    """A line with the colours that the terminal would show."""
    parts, colour = [], None
    for piece in re.split(r"(\x1b\[[0-9;]*m)", text):
        if match := re.fullmatch(r"\x1b\[([0-9;]*)m", piece):
            colour = next((COLOURS[code] for code in match[1].split(";") if code in COLOURS), None)
        elif piece:
            shown = html.escape(piece, quote=False)
            parts.append(f'<tspan class="{colour}">{shown}</tspan>' if colour else shown)
    return "".join(parts)


def drawn(lines):
    width = round(COLUMNS * ADVANCE + 2 * MARGIN)
    top = 40
    height = top + len(lines) * LEADING + MARGIN
    svg = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img">',
        "<title>A terminal: announce tells of a window of maintenance, and a client hears it</title>",
        f"<style>{STYLE}</style>",
        f'<rect width="{width}" height="{height}" rx="8" fill="#161b22"/>',
        f'<rect x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="7.5" fill="none" stroke="#444c56"/>',
        *[f'<circle cx="{20 + 18 * n}" cy="18" r="5.5" fill="{fill}"/>' for n, fill in enumerate(["#ff5f57", "#febc2e", "#28c840"])],
    ]
    for number, (at, kind, text) in enumerate(lines):
        y = top + number * LEADING + SIZE
        plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
        if kind == "command" and text.startswith("#"):
            body, length = f'<tspan class="n">{html.escape(text, quote=False)}</tspan>', len(plain)
        elif kind == "command":
            body = f'<tspan class="p">$ </tspan><tspan class="c">{html.escape(text, quote=False)}</tspan>'
            length = len(plain) + 2
        elif kind == "client":
            body, length = f'<tspan class="h">◀ {html.escape(text, quote=False)}</tspan>', len(plain) + 2
        else:
            body, length = spans(text), len(plain)
        if not plain.strip():
            continue
        svg.append(
            f'<text class="l" x="{MARGIN}" y="{y}" textLength="{length * ADVANCE:.1f}" lengthAdjust="spacingAndGlyphs" '
            f'xml:space="preserve" style="animation-delay:{at:.2f}s">{body}</text>'
        )
    return "\n".join(svg + ["</svg>", ""])


def main():
    recording = Recording()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(record(folder, recording))
    picture = drawn(recording.lines)
    with open(TARGET, "w", encoding="utf-8") as file:
        file.write(picture)
    print(f"{TARGET}: {len(recording.lines)} lines, {len(picture.encode()) / 1024:.1f} KiB, {recording.clock:.0f} s")


main()
