"""The process that stands between syncode and a server it started, and takes the server along whenever syncode is gone.

Run by its path as `python -I -S warden.py PARENT_PID GRACE COMMAND...`: the standard library only, so that it starts in 20 ms.

Its standard input is a pipe that syncode keeps open. The warden leads a session of its own, so Ctrl-C in the terminal reaches
syncode alone, which then unwinds in order. It ends the server when the pipe is closed (an orderly stop, or any end of syncode),
when syncode's process is gone (a forked worker may still hold the pipe), or on SIGTERM, SIGINT or SIGHUP. The server itself gets
the kernel's parent-death signal, should the warden be killed. On Linux the warden is also the reaper of orphans below it, so that
processes which left the group are found and killed too. It exits with the server's code, 128 + signal if a signal ended it.
"""

import ctypes
import os
import select
import signal
import sys
import time

PR_SET_PDEATHSIG = 1  # linux/prctl.h
PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
LOOK_SECONDS = 1.0  # ours: how often to look around where the kernel does not wake us (no pidfd outside Linux)
REST_SECONDS = 1.0  # ours: what the server's own processes get after it has ended
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def main(arguments: list[str]) -> int:
    """Run the command until it ends or syncode does; return its exit code."""
    parent, grace, command = int(arguments[0]), float(arguments[1]), arguments[2:]
    wake_read, wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC) if hasattr(os, "pipe2") else os.pipe()
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    stopping: list[int] = []
    for number in STOP_SIGNALS:
        signal.signal(number, lambda received, frame: stopping.append(received))
    signal.signal(signal.SIGCHLD, lambda received, frame: None)  # only to wake the poll below
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    server = start(command)
    watch = select.poll()
    watch.register(0, select.POLLIN | select.POLLHUP)
    watch.register(wake_read, select.POLLIN)
    if (handle := process_handle(parent)) is not None:
        watch.register(handle, select.POLLIN)
    code = None
    while code is None and not stopping and os.getppid() == parent:
        events = watch.poll(LOOK_SECONDS * 1000)
        if any(descriptor != wake_read for descriptor, _ in events):
            break
        if events:
            os.read(wake_read, 4096)
        code, _ = reap(server)
    if code is None:
        code = end_group(server, grace)
    sweep()
    return code


def start(command: list[str]) -> int:
    """Start the command in our group, without our pipe; return its process id."""
    me = os.getpid()
    server = os.fork()
    if server:
        return server
    try:
        signal.set_wakeup_fd(-1)
        for number in (*STOP_SIGNALS, signal.SIGCHLD, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != me:  # the warden died before the line above took effect
            os._exit(1)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.execvp(command[0], command)
    except OSError as error:
        os.write(2, f"cannot start {command[0]}: {error.strerror}\n".encode())
    os._exit(127)


def reap(server: int) -> tuple[int | None, bool]:
    """Collect whatever has ended; return the server's exit code once it is among them, and whether any child is left."""
    code = None
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return code, False
        if pid == 0:
            return code, True
        if pid == server:
            code = to_shell_code(status)


def end_group(server: int, grace: float) -> int:
    """Ask the group to stop (we ignore the request ourselves); kill the server if it still runs after `grace` seconds.

    The rest of the group gets a second more than the server: the server has usually seen to it, and `sweep` kills what is left.
    """
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if grace > 0:
        os.killpg(0, signal.SIGTERM)
    deadline = time.monotonic() + grace
    code, left = reap(server)
    while left and time.monotonic() < deadline:
        time.sleep(0.02)
        ended, left = reap(server)
        if ended is not None:
            code, deadline = ended, min(deadline, time.monotonic() + REST_SECONDS)
    if code is None:
        os.kill(server, signal.SIGKILL)
        code = to_shell_code(os.waitpid(server, 0)[1])
    return code


def sweep() -> None:
    """Kill every process below us, also those that left the group; where /proc is missing, the group and ourselves with it."""
    for _ in range(1000):  # ours: each round kills one generation, and a fork bomb must not keep us for ever
        if not reap(0)[1]:
            return
        below = children()
        if not below:
            break
        for pid in below:
            os.kill(pid, signal.SIGKILL)  # a zombie until we wait for it, so the number cannot belong to a stranger
        for pid in below:
            os.waitpid(pid, 0)
    os.killpg(0, signal.SIGKILL)


def children() -> list[int]:
    """Return our direct children; orphans below us are among them, because we are their reaper."""
    me, found = os.getpid(), []
    try:
        entries = os.listdir("/proc")  # noqa: PTH208 - pathlib costs 10 ms of start-up here
    except OSError:
        return []
    for entry in filter(str.isdigit, entries):
        try:
            with open(f"/proc/{entry}/stat", "rb") as file:  # noqa: PTH123 - as above
                fields = file.read().rpartition(b")")[2].split()
        except OSError:  # ended meanwhile
            continue
        if int(fields[1]) == me:
            found.append(int(entry))
    return found


def to_shell_code(status: int) -> int:
    """Return a wait status as a shell shows it: the exit code, or 128 + signal."""
    return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def process_handle(pid: int) -> int | None:
    """Return a descriptor that becomes readable when the process ends; None if the system has no such thing."""
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):  # not Linux, an old kernel, or it is gone already: getppid tells
        return None


def prctl(option: int, value: int) -> None:
    """Set a process attribute on Linux; elsewhere the pipe and the look at getppid have to do."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
