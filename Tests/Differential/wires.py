"""Decodes what the program would send with Python's own json and PyPI's msgpack, and compares it with what was asked for.

    wires.py PROGRAM [SEED] [MESSAGES]

Prints the seed, so that a run can be repeated, and every difference; exits with 1 when there is one.
"""

import base64
import json
import random
import subprocess
import sys

import msgpack

WORDS = ["", "a", "lobby", "é", "e\u0301", "🐎", "日本語", "\u2028", "\x00\x1f", "a#b", "{x}", "\"\\/", "*?[", "x" * 31, "x" * 32,
         "y" * 255, "y" * 256, "0", "42", "00", "-1", "__proto__", "length"]
NUMBERS = [0, 1, -1, 31, 32, -32, -33, 127, 128, -128, -129, 255, 256, 32767, -32768, -32769, 65535, 65536, 2**31 - 1, 2**31,
           -2**31, -2**31 - 1, 2**32 - 1, 2**32, 2**53, -2**53, 2**53 + 2, 2**62, -2**63, 0.5, -0.0, 1.0, 1e21 / 1e6, 1e-7, 3.14,
           5e-324, -1.5e10, 123456789.125]


def value(draw, depth=0):
    kind = draw.randrange(9 if depth < 4 else 6)
    if kind == 0:
        return draw.choice([None, True, False])
    if kind in (1, 2):
        return draw.choice(NUMBERS) if draw.random() < 0.7 else draw.randint(-2**53, 2**53)
    if kind == 3 and draw.random() < 0.05:
        return "z" * draw.choice([65535, 65536, 66000])
    if kind in (3, 4, 5):
        return "".join(draw.choice(WORDS) for _ in range(draw.randrange(3)))
    count = draw.choice([0, 1, 2, 3, 15, 16, 17]) if depth < 2 else draw.randrange(4)
    if kind == 6:
        return {draw.choice(WORDS) + (str(number) if draw.random() < 0.5 else ""): value(draw, depth + 1) for number in range(count)}
    return [value(draw, depth + 1) for _ in range(count)]


def names(draw, most):
    return list(dict.fromkeys(draw.choice([word for word in WORDS[1:15] if "\x00" not in word]) for _ in range(draw.randrange(most))))


def heard(item):
    """As JavaScript hears it: one kind of number."""
    if isinstance(item, bool) or item is None or isinstance(item, str):
        return item
    if isinstance(item, (int, float)):
        return float(item)
    if isinstance(item, list):
        return [heard(element) for element in item]
    return {key: heard(element) for key, element in item.items()}


def message(draw):
    return {
        "event": draw.choice(["ev", "chat message", "é 🐎", "announcement", "x" * 300]),
        # An argument of a command line is shorter than 128 KiB.
        "args": [item for item in (value(draw) for _ in range(draw.randrange(4))) if len(json.dumps(item)) < 100_000],
        "rooms": names(draw, 4),
        "except": names(draw, 3),
        "namespace": draw.choice(["/", "/admin", "/a/b", "/é"]),
        "volatile": draw.random() < 0.2,
        "compress": draw.choice([None, None, True, False]),
    }


def command(program, wire, sent):
    words = [program, "send", "--wire", wire, "--dry-run", "-o", "json", "--event", sent["event"], "--namespace", sent["namespace"]]
    for argument in sent["args"]:
        words += ["--json", json.dumps(argument, ensure_ascii=False)]
    for room in sent["rooms"]:
        words += ["--room", room]
    for room in sent["except"]:
        words += ["--except-socket" if wire == "python" else "--except", room]
    words += [] if sent["rooms"] else ["--all"]
    if sent["volatile"]:
        words.append("--volatile")
    if sent["compress"] is not None:
        words.append("--compress" if sent["compress"] else "--no-compress")
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise SystemExit(f"{sent}\n{done.stderr}")
    return [base64.b64decode(word) for word in json.loads(done.stdout)["commandBase64"]]


def flags(sent):
    found = {}
    if sent["volatile"]:
        found["volatile"] = True
    if sent["compress"] is not None:
        found["compress"] = sent["compress"]
    return found


def expected(wire, sent):
    """The words of the command, and its message as Python objects."""
    n, data = sent["namespace"], [sent["event"], *sent["args"]]
    options = {"rooms": sent["rooms"], "except": sent["except"], "flags": flags(sent)}
    if wire == "classic":
        room = f"{sent['rooms'][0]}#" if len(sent["rooms"]) == 1 else ""
        return ["PUBLISH", f"socket.io#{n}#{room}"], ["emitter", {"type": 2, "data": data, "nsp": n}, options]
    packet = {"type": 2, "data": data}
    if wire == "sharded":
        return ["SPUBLISH", f"socket.io#{n}#"], {"type": 3, "data": {"packet": packet, "opts": options}, "uid": "emitter", "nsp": n}
    if wire == "streams":
        words = ["XADD", "socket.io", "MAXLEN", "~", "10000", "*", "uid", "emitter", "nsp", n, "type", "3", "data"]
        return words, {"packet": {**packet, "nsp": n}, "opts": options}
    single = {0: None, 1: (sent["rooms"] or [None])[0]}.get(len(sent["rooms"]), sent["rooms"])
    skipped = {0: None, 1: (sent["except"] or [None])[0]}.get(len(sent["except"]), sent["except"])
    return ["PUBLISH", "socketio"], {
        "method": "emit", "event": sent["event"], "data": sent["args"], "binary": False, "namespace": n, "room": single,
        "skip_sid": skipped, "callback": None, "host_id": "emitter",
    }


def main():
    program = sys.argv[1]
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(2**32)
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 40
    draw = random.Random(seed)
    differences = 0
    for _ in range(count):
        sent = message(draw)
        for wire in ["classic", "sharded", "streams", "python"]:
            if wire == "python":
                sent = {**sent, "volatile": False, "compress": None}
            *words, payload = command(program, wire, sent)
            decode = msgpack.unpackb if wire == "classic" else json.loads
            found = [word.decode() for word in words], heard(decode(payload))
            wanted = expected(wire, sent)
            if found != (wanted[0], heard(wanted[1])):
                differences += 1
                print(f"{wire}: {sent}\n  found  {found}\n  wanted {wanted}")
    print(f"seed {seed}: {count} messages on four wires, read by json and msgpack {'.'.join(map(str, msgpack.version))}: "
          f"{differences} different")
    sys.exit(differences > 0)


main()
