# ruff: noqa: PTH123, PTH208
# (pathlib costs its import in processes that must start fast)
"""Runs one program after another on behalf of `session`: starts each, feeds and drains its pipes, keeps its deadline, buries it.

A long-lived process. In the fast set-up it sits inside the sandbox and gives every program namespaces of its own; otherwise it
stays outside and starts a sandbox for each.
"""

import contextlib
import fcntl
import gc
import importlib
import json
import os
import select
import signal
import sys
import time
from typing import Any

from syncode.sandbox.cell import isolate, item, landlock, python_driver, wire

CHUNK = 1 << 16
TICK = 0.02
"""Seconds between two looks at the memory of the tree where no cgroup bounds it (ours)."""
DISK_TICK = 0.1
"""Seconds between two looks at the files of a program that has no tmpfs of its own (ours)."""
BURIAL = 5.0
"""Seconds that the processes of a finished program may take to disappear (ours)."""


def main(settings: dict[str, Any]) -> None:
    """Serve until the other side closes the control descriptor; or run just `settings["item"]`."""
    seccomp = bytes.fromhex(settings["seccomp"]) if settings["seccomp"] else None
    if "item" in settings:
        count = settings.get("channels")
        ends = landlock.open_channels(settings["item"]["folder"], count) if count else settings["descriptors"]
        item.main(settings["item"], ends, seccomp, enter=False)
    isolate.prctl(isolate.PR_SET_CHILD_SUBREAPER, 1)
    control = settings["control"]
    for name in settings["preload"]:
        importlib.import_module(name)
    python_driver.remember()
    gc.freeze()
    own = os.open("/proc/self/ns/pid", os.O_RDONLY) if settings["enter"] else -1
    wire.send(control, {"ready": sys.version.split()[0]})
    while (message := wire.receive(control)) is not None:
        wire.send(control, serve(message, settings, seccomp, own))


def serve(message: dict[str, Any], settings: dict[str, Any], seccomp: bytes | None, own: int) -> dict[str, Any]:
    """Run one program in the way that the settings ask for. `own`: descriptor of our pid namespace, to come back to."""
    run = Run(message, settings["control"], settings["watch"], settings["enter"] and alone(message))
    if settings["enter"]:
        isolate.unshare(isolate.CLONE_NEWPID)
        run.start(lambda descriptors: enter(message, descriptors, seccomp))
        isolate.setns(own, isolate.CLONE_NEWPID)
        run.watch()
    elif settings["landlock"]:
        import tempfile

        with tempfile.TemporaryDirectory(prefix="syncode-", ignore_cleanup_errors=True) as folder:
            inside = bare(message, folder)
            inside = {**inside, "landlocked": True, "steps": [{**step, "landlocked": True} for step in inside["steps"]]}
            run.channels = landlock.make_channels(folder, 3 + 2 * len(message["steps"]))
            run.folder = folder
            run.start(lambda descriptors: confine(inside, settings))
            run.watch()
    elif settings["launch"]:
        run.start(lambda descriptors: launch(message, descriptors, settings))
        run.watch()
    else:
        import tempfile  # its imports would make every fork of the other ways dearer

        with tempfile.TemporaryDirectory(prefix="syncode-", ignore_cleanup_errors=True) as folder:
            run.start(lambda descriptors: item.main(bare(message, folder), descriptors, seccomp, enter=False))
            run.watch()
    return run.reply()


def alone(message: dict[str, Any]) -> bool:
    """Tell whether a program is one Python step, which needs no supervisor where it enters namespaces."""
    return len(message["steps"]) == 1 and "path" in message["steps"][0]


def enter(message: dict[str, Any], descriptors: list[int], seccomp: bytes | None) -> None:
    """Enter namespaces and run the program."""
    if alone(message):
        item.direct(message, descriptors, seccomp)
    item.main(message, descriptors, seccomp, enter=True)


def bare(message: dict[str, Any], folder: str) -> dict[str, Any]:
    """Return the message for a run without any isolation: in a temporary folder of this machine."""
    steps = [{**step, "env": {**step["env"], "HOME": folder, "TMPDIR": folder}} for step in message["steps"]]
    return {**message, "folder": folder, "steps": steps}


def confine(message: dict[str, Any], settings: dict[str, Any]) -> None:
    """Become the process that runs this one program under Landlock; `item` runs in there."""
    folder = message["folder"]
    inside = {"item": message, "channels": 3 + 2 * len(message["steps"]), "seccomp": settings["seccomp"]}
    os.dup2(_memfd(json.dumps({"modules": settings["modules"], "settings": inside}).encode()), 0)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.closerange(3, item.HIGH + 64)
    environment = {**message["steps"][0]["env"], "HOME": folder, "TMPDIR": folder}
    landlock.main({**settings["landlock"], "folder": folder, "environment": environment})


def launch(message: dict[str, Any], descriptors: list[int], settings: dict[str, Any]) -> None:
    """Become the command that opens a sandbox for this one program; `item` runs in there."""
    inner = list(range(3, 3 + len(descriptors)))
    high = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, item.HIGH) for descriptor in descriptors]
    inside = {"item": message, "descriptors": inner, "seccomp": None}
    text = {"modules": settings["modules"], "settings": inside}
    carrier = os.memfd_create("item", 0)
    os.write(carrier, json.dumps(text).encode())
    os.lseek(carrier, 0, os.SEEK_SET)
    high.append(fcntl.fcntl(carrier, fcntl.F_DUPFD, item.HIGH))
    for number, descriptor in enumerate(high, start=3):
        os.dup2(descriptor, number)
    filters = []
    if settings["seccomp"]:
        number = 3 + len(high)
        os.dup2(_memfd(bytes.fromhex(settings["seccomp"])), number)
        filters = ["--seccomp", str(number)]
    os.closerange(3 + len(high) + bool(filters), 1 << 16)
    before, after = settings["launch"]
    argv = [*before, *filters, *after, str(inner[-1] + 1)]
    os.execve(argv[0], argv, settings["launch_environment"])


def _memfd(content: bytes) -> int:
    plain = os.memfd_create("filter", 0)
    os.write(plain, content)
    os.lseek(plain, 0, os.SEEK_SET)
    return fcntl.fcntl(plain, fcntl.F_DUPFD, item.HIGH)


class Capture:
    """The first and the last bytes of an output, and how many there were."""

    def __init__(self, keep: int) -> None:
        self.half = keep // 2
        self.head = b""
        self.tail = b""
        self.total = 0

    def add(self, data: bytes) -> None:
        """Take what was read."""
        self.total += len(data)
        room = self.half - len(self.head)
        self.head += data[:room]
        self.tail = (self.tail + data[room:])[-self.half :] if len(data) > room else self.tail

    def text(self) -> str:
        """Return it as text, with a line that says what is missing in the middle."""
        missing = self.total - len(self.head) - len(self.tail)
        middle = f"\n[... {missing} bytes ...]\n".encode() if missing else b""
        return (self.head + middle + self.tail).decode(errors="replace")


class Run:
    """One program from start to burial."""

    def __init__(self, message: dict[str, Any], control: int, watch_memory: bool, direct: bool) -> None:
        self.message = message
        self.direct = direct
        self.control = control
        self.memory = message["memory"] if watch_memory else 0
        self.pid = 0
        self.killed: str | None = None
        self.problem: str | None = None
        self.steps: list[dict[str, Any]] = []
        self.said = b""
        self.secrets: list[bytes] = []
        self.pending = b""
        self.frames = b""
        self.captures: dict[int, Capture] = {}
        self.channels: list[int] = []
        self.folder = ""
        self.looked = 0.0

    def start(self, become: Any) -> None:
        """Fork; the child turns into the program's supervisor through `become`, which does not return."""
        null = os.open(os.devnull, os.O_RDONLY)
        pipes = [(end, end) for end in self.channels] or [os.pipe() for _ in range(3 + 2 * len(self.message["steps"]))]
        tell, ask, status, *outputs = pipes
        theirs = [null, tell[0], ask[1], status[1], *(output[1] for output in outputs)]
        self.started = time.monotonic()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                become(theirs)
            except BaseException as problem:  # noqa: BLE001
                wire.send(status[1], {"problem": f"{type(problem).__name__}: {problem}"})
            finally:
                os._exit(1)
        for descriptor in theirs if not self.channels else [null]:
            os.close(descriptor)
        self.tell, self.ask, self.status = tell[1], ask[0], status[0]
        self.captures = {output[0]: Capture(self.message["keep"]) for output in outputs}

    def watch(self) -> None:
        """Return when every process of the program is gone. Its secrets are read only now: it was forked without them."""
        secrets = wire.receive(self.control)
        self.secrets = [secret.encode("utf-8", "surrogatepass") for secret in secrets or []]
        os.set_blocking(self.tell, False)
        self.readers = [self.ask, self.status, *self.captures]
        for descriptor in self.readers:
            os.set_blocking(descriptor, False)
        process = os.pidfd_open(self.pid)
        poll = select.poll()
        for descriptor in (*self.readers, process):
            poll.register(descriptor, select.POLLIN)
        poll.register(self.control, 0)  # only a hang-up: whoever asked is gone
        self._new_deadline()
        try:
            while not self._round(poll, process):
                pass
            if self.direct:
                self._reap()
        finally:
            self._bury()
            for descriptor in tuple(self.readers):
                while self._read(descriptor) > 0:
                    pass
            for descriptor in (*self.captures, self.tell, self.ask, self.status, process):
                os.close(descriptor)

    def _reap(self) -> None:
        """Learn how a program without a supervisor ended. What it reported before is read first: a problem of ours."""
        _, status, usage = os.wait4(self.pid, 0)
        self._read(self.status)
        if self.problem is None and self.killed is None:
            times = {"seconds": time.monotonic() - self.started, "cpu": usage.ru_utime + usage.ru_stime}
            self.steps.append({"status": status, "memory": usage.ru_maxrss, **times})

    def _round(self, poll: select.poll, process: int) -> bool:
        """Handle one batch of events; True when the supervisor has ended."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            self._kill("time")
            left = BURIAL
        wait = min(left, TICK) if self.memory or self.folder else left
        for descriptor, _ in poll.poll(max(0.0, wait) * 1000 + 1):
            if descriptor == process:
                return True
            if descriptor == self.control:
                self._kill("abandoned")
            elif descriptor == self.tell:
                self._feed(poll)
            elif self._read(descriptor) == 0:
                poll.unregister(descriptor)
                self.readers.remove(descriptor)
            if self.pending and descriptor == self.ask:
                poll.register(self.tell, select.POLLOUT)
        if self.memory and exceeds(os.getpid(), self.memory):
            self._kill("memory")
        if self.folder and time.monotonic() - self.looked > DISK_TICK:
            self.looked = time.monotonic()
            if landlock.size(self.folder) > sum(self.message["disk"].values()):
                self._kill("disk")
        return False

    def _read(self, descriptor: int) -> int:
        """Take what there is; return the number of bytes, 0 at the end, -1 when nothing is there yet."""
        try:
            data = os.read(descriptor, CHUNK)
        except BlockingIOError:
            return -1
        if descriptor == self.status:
            self._progress(data)
        elif descriptor == self.ask:
            self._asked(data)
        elif data:
            capture = self.captures[descriptor]
            capture.add(data)
            if capture.total > self.message["stop"] and self.killed != "output":
                self._kill("output")
        return len(data)

    def _asked(self, data: bytes) -> None:
        """Each question mark asks for the next secret; anything else is what the program has to say."""
        for _ in range(data.count(b"?")):
            if self.secrets:
                self.pending += self.secrets.pop(0)
        self.said = (self.said + data.replace(b"?", b""))[:4096]

    def _feed(self, poll: select.poll) -> None:
        try:
            self.pending = self.pending[os.write(self.tell, self.pending) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self.pending = b""
        if not self.pending:
            poll.unregister(self.tell)

    def _progress(self, data: bytes) -> None:
        """Read the supervisor's reports; after a step that is not the last one a new deadline holds."""
        self.frames += data
        while len(self.frames) >= wire.HEADER.size:
            size = wire.HEADER.size + wire.HEADER.unpack_from(self.frames)[0]
            if len(self.frames) < size:
                return
            report = json.loads(self.frames[wire.HEADER.size : size])
            self.frames = self.frames[size:]
            if "problem" in report:
                self.problem = report["problem"]
                return
            self.steps.append(report)
            self._new_deadline()

    def _new_deadline(self) -> None:
        steps = self.message["steps"]
        number = len(self.steps)
        self.deadline = time.monotonic() + (steps[number]["wall"] if number < len(steps) else BURIAL)

    def _kill(self, why: str) -> None:
        """End the program, and remember the first reason; a flood counts even where the program has just ended."""
        if self.killed is None and (why == "output" or len(self.steps) < len(self.message["steps"])):
            self.killed = why
        signal_one(self.pid)
        self.deadline = time.monotonic() + BURIAL

    def _bury(self) -> None:
        """Wait until every descendant is gone, killing those that are left: orphans come to us (subreaper)."""
        until = time.monotonic() + BURIAL
        while True:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                for left in descendants(os.getpid()):
                    signal_one(left)
                if time.monotonic() > until:
                    self.problem = "a process of the program cannot be killed"
                    return
                time.sleep(0.001)

    def reply(self) -> dict[str, Any]:
        """Return what `session` turns into an Outcome."""
        texts = [capture.text() for capture in self.captures.values()]
        return {
            "steps": self.steps,
            "outputs": list(zip(texts[::2], texts[1::2], strict=True)),
            "killed": self.killed,
            "problem": self.problem,
            "said": self.said.decode("ascii", "replace"),
            "seconds": time.monotonic() - self.started,
        }


def signal_one(pid: int) -> None:
    """Kill one process, if it is still there."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def descendants(root: int) -> list[int]:
    """Return the process ids below `root`, nearest first."""
    found, queue = [], [root]
    while queue:
        parent = queue.pop(0)
        try:
            threads = os.listdir(f"/proc/{parent}/task")
            for thread in threads:
                with open(f"/proc/{parent}/task/{thread}/children", encoding="ascii") as stream:
                    children = [int(word) for word in stream.read().split()]
                found += children
                queue += children
        except (FileNotFoundError, ProcessLookupError):
            continue  # ended while we looked
    return found


def exceeds(root: int, limit: int) -> bool:
    """Tell whether the processes below `root` hold more than `limit` bytes.

    Their resident memory is quick to read but counts pages shared since a fork for each of them; only where it is too much, the
    proportional share of each is looked up.
    """
    processes = descendants(root)
    return sum(map(resident, processes)) > limit and sum(map(proportional, processes)) > limit


def resident(pid: int) -> int:
    """Return the resident bytes of a process, without the pages of files; 0 when it has ended."""
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as stream:
            words = stream.read().split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return (int(words[1]) - int(words[2])) * os.sysconf("SC_PAGE_SIZE")


def proportional(pid: int) -> int:
    """Return a process's own bytes and its share of shared ones; its resident bytes where that is not told."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as stream:
            for line in stream:
                if line.startswith("Pss:"):
                    return int(line.split()[1]) * 1024
    except (FileNotFoundError, ProcessLookupError):
        return 0
    except PermissionError:
        return resident(pid)
    return 0
