"""Finds out what this machine's sandbox is worth: which levels start, what they stop, which languages tell right from wrong."""

import json
import os
import secrets
import socket
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from syncode.sandbox import Sandbox
from syncode.sandbox.backends import COVERS
from syncode.sandbox.isolation import Isolation
from syncode.sandbox.languages import LANGUAGES, Ready, find, ready
from syncode.sandbox.limits import MEBIBYTE, Limits
from syncode.sandbox.probe import candidates, trial
from syncode.sandbox.samples import SAMPLES
from syncode.sandbox.scarce import scarce

SMALL = Limits(seconds=3, memory=128 * MEBIBYTE, disk=32 * MEBIBYTE)
"""Limits of the probes (chosen here): small, so that running into them is cheap."""


PATIENCE = 10.0
"""Seconds that a program of three lines may take, whatever the limit of the run (chosen here): a virtual machine has to start."""


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report."""

    name: str
    good: bool
    detail: str = ""


def levels(limits: Limits) -> Iterator[Finding]:
    """Try every isolation of this machine, best first."""
    for isolation in candidates(limits):
        why = trial(isolation)
        yield Finding(isolation.name, why is None, why or COVERS[isolation.backend])


PROBE = """
import ctypes, json, os, socket, sys
found = {}
def attempt(name, call):
    try:
        call()
        found[name] = True
    except (OSError, ValueError):
        found[name] = False
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    if libc.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), "refused")
attempt("connects to a port of this machine", lambda: socket.create_connection(("127.0.0.1", PORT), timeout=1))
attempt("opens a socket to the outside", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(("192.0.2.1", 9)))
attempt("opens a raw socket", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
attempt("reaches an abstract socket of this machine", lambda: socket.socket(socket.AF_UNIX).connect("\\0" + NAME))
attempt("reads /etc/shadow", lambda: open("/etc/shadow").read(1))
attempt("reads a file of this user", lambda: open(FILE).read(1))
attempt("writes a file of this user", lambda: open(FILE, "a").close())
attempt("writes to /usr", lambda: os.open("/usr", os.O_TMPFILE | os.O_WRONLY))
attempt("writes to /", lambda: os.open("/", os.O_TMPFILE | os.O_WRONLY))
attempt("changes kernel settings", lambda: open("/proc/sys/kernel/core_pattern", "a"))
attempt("signals a process of this machine", lambda: os.kill(PID, 0) if PID > 100 else (_ for _ in ()).throw(OSError()))
attempt("reads its supervisor's memory", lambda: open(f"/proc/{os.getppid()}/mem", "rb"))
attempt("traces its supervisor", lambda: libc.ptrace(16, os.getppid(), 0, 0) == 0 or (_ for _ in ()).throw(OSError()))
attempt("makes a user namespace", lambda: libc.unshare(0x10000000) == 0 or (_ for _ in ()).throw(OSError()))
libc.mount(b"t", b"/tmp", b"no such kind", 0, None)
found["mounts"] = ctypes.get_errno() != 1  # a process that may mount hears that there is no such kind, all others EPERM
attempt("becomes root", lambda: os.setuid(0))
found["has capabilities"] = any(line.split()[1].strip("0") for line in open("/proc/self/status") if line.startswith("CapEff"))
found["may gain privileges"] = any(line.split()[1] == "0" for line in open("/proc/self/status") if line.startswith("NoNewPrivs"))
found["sees this machine's environment"] = "HOME" in os.environ and os.environ["HOME"] != "/box"
print(json.dumps(found))
"""


def probes(isolation: Isolation) -> Iterator[Finding]:
    """Run probes inside: each tries what must not work, and does no harm where it does. Without a sandbox, none is run."""
    if isolation.backend == "none":
        yield Finding("there is isolation", False, COVERS["none"])
        return
    with Sandbox(replace(isolation, limits=SMALL)) as sandbox, tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "canary"
        file.write_text("canary", encoding="utf-8")
        name = f"syncode-{secrets.token_hex(8)}"
        with closing(socket.socket()) as port, closing(socket.socket(socket.AF_UNIX)) as abstract:
            port.bind(("127.0.0.1", 0))
            port.listen()
            abstract.bind(f"\0{name}")
            abstract.listen()
            targets = f"PORT, NAME, FILE, PID = {port.getsockname()[1]}, {name!r}, {str(file)!r}, {os.getpid()}\n"
            result = sandbox.run("python", targets + PROBE)
        if result.state != "pass":
            yield Finding("the probes run", False, f"{result.state}: {result.reason}")
            return
        for what, worked in json.loads(result.stdout).items():
            yield Finding(f"no program {what}", not worked)
        yield from _bombs(sandbox)


MANY_CHILDREN = """
import os, time
for _ in range(8):
    if os.fork() == 0:
        block = bytearray(48 << 20)
        time.sleep(3)
        os._exit(0)
time.sleep(3)
raise SystemExit(1)
"""
MANY_PROCESSES = """
import os, time
for _ in range(400):
    if os.fork() == 0:
        time.sleep(2)
        os._exit(0)
"""
BOMBS = (
    ("more memory than allowed", "x = bytearray(1 << 30)", {"oom"}),
    ("memory of many children", MANY_CHILDREN, {"oom"}),
    ("more processes than allowed", MANY_PROCESSES, {"error", "oom"}),
    ("a disk full of data", "open('/box/x', 'wb').write(bytes(1 << 26))", {"error"}),
    ("a flood of output", "while True: print('x' * 65536)", {"forbidden"}),
    (
        "a loop without end",
        "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: pass",
        {"timeout"},
    ),
    ("an early exit", "import os; os._exit(0)", {"error"}),
)


def _bombs(sandbox: Sandbox) -> Iterator[Finding]:
    """Programs that ask for too much, and the state that each must get."""
    for name, code, expected in BOMBS:
        result = sandbox.run("python", code, "assert False")
        yield Finding(f"stopped: {name}", result.state in expected, result.state)


@dataclass(frozen=True)
class Checkup:
    """One language: its version, or why it cannot run; shares of right programs that pass and of wrong ones that do not.

    `undecided`: none of them could be judged.
    """

    language: str
    version: str
    tpr: float | None = None
    tnr: float | None = None
    detail: str = ""
    undecided: bool = False

    @property
    def good(self) -> bool | None:
        """Whether right and wrong are told apart; None if the toolchain is not installed."""
        return None if self.tpr is None else self.tpr == self.tnr == 1.0


def checkup(name: str, sandbox: Sandbox) -> Checkup:
    """Run a right program, a wrong one and one that leaves early."""
    tools = ready(name)
    if not isinstance(tools, Ready):
        return Checkup(name, "absent", detail=tools)
    sample = SAMPLES[name]
    limits = sandbox.isolation.limits
    patient = replace(limits, seconds=max(limits.seconds, PATIENCE))
    results = [sandbox.run(name, code, sample.tests, patient) for code in (sample.good, sample.bad, sample.quits)]
    states = [result.state for result in results]
    wrong = [state not in ("pass", "infra") for state in states[1:]]
    told = dict.fromkeys(f"{each.state}: {each.reason}" for each in results)
    detail = "" if states[0] == "pass" and all(wrong) else "; ".join(told)
    undecided = set(states) == {"infra"}
    return Checkup(name, tools.version, float(states[0] == "pass"), sum(wrong) / len(wrong), detail, undecided)


def distrust(name: str, sandbox: Sandbox) -> str | None:
    """Return why nothing that this sandbox says about a language can be trusted, or None.

    A language that is not known or not installed is trusted: its programs are `infra` anyway. Results are remembered like others.
    """
    language = find(name)
    if language is None or not isinstance(ready(language.name), Ready):
        return None
    check = checkup(language.name, sandbox)
    if check.good:
        return None
    little = scarce()
    if check.undecided or little:
        return f"{language.name} cannot be judged here: {'; '.join(filter(None, (little, check.detail)))}"
    return f"{language.name} does not tell right from wrong on this machine ({check.detail})"


def checkups(sandbox: Sandbox, names: tuple[str, ...] = ()) -> Iterator[Checkup]:
    """Check all languages of the table, or those named."""
    for name in names or LANGUAGES:
        yield checkup(name, sandbox)


def report(sandbox: Sandbox, names: tuple[str, ...] = ()) -> Iterator[tuple[str, bool | None]]:
    """Yield the report line by line, each with whether it is good news (None: neither)."""
    yield "levels of isolation, best first", None
    for finding in levels(sandbox.isolation.limits):
        mark = "works" if finding.good else "does not work"
        yield f"  {finding.name:<16} {mark:<14} {finding.detail}", None
    yield f"used: {sandbox.isolation.name}", None
    yield "", None
    yield "isolation", None
    for finding in probes(sandbox.isolation):
        yield f"  {'ok' if finding.good else 'BAD':<4} {finding.name:<52} {finding.detail}".rstrip(), finding.good
    yield "", None
    yield f"{'language':<12} {'version':<12} {'right pass':>10} {'wrong fail':>10}", None
    for check in checkups(sandbox, names):
        shares = "".join(f"{'-' if share is None else f'{share:.0%}':>11}" for share in (check.tpr, check.tnr))
        yield f"{check.language:<12} {check.version:<12}{shares}  {check.detail}".rstrip(), check.good
