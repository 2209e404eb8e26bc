"""The deepspeed launcher as a child that cannot outlive us; its progress is read from the metrics file, never from its output."""

import os
import re
import signal
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen
from types import FrameType
from typing import Any

import orjson

from syncode import children
from syncode.engines.servers import child
from syncode.errors import EngineError, ExitCode, Terminated, heeded
from syncode.training import run_folder
from syncode.training.job import Job

EXCEPTION = re.compile(r"^(?:\[rank\d+\]: )?((?!torch\.distributed)[\w.]*(?:Error|Exception): .*)$", re.MULTILINE)
LOOK_SECONDS = 0.1  # how often the metrics file is looked at; chosen here
TELL_SECONDS = 2.0  # at most one step in so many is printed; chosen here


@dataclass
class Stop:
    """Set by a signal: which one, and whether the ranks have been asked."""

    run: Path
    asked: list[int] = field(default_factory=list)
    worth_saving: bool = False
    """A step was done since the launch. Before that a stop is immediate: nothing would be lost."""

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Ask for an orderly end at the first signal; raise at the second, or when there is nothing to save."""
        self.asked.append(number)
        if len(self.asked) > 1 or not self.worth_saving:
            self.leave()
        (self.run / run_folder.STOP).touch()
        child.to_stderr("finishing the step and saving a checkpoint; the same signal again stops at once")

    def leave(self) -> None:
        """Raise what ends the program with the signal's exit code."""
        if self.asked[-1] == signal.SIGINT:
            raise KeyboardInterrupt
        raise Terminated(f"terminated; the same command continues the run in {self.run}", self.asked[-1])


@contextmanager
def stopping(run: Path) -> Iterator[Stop]:
    """Take Ctrl-C and the signals that end a run for the block, in the main thread; elsewhere signals stay as they are."""
    stop = Stop(run)
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, *heeded())}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def launched(job: Job, ranks: int, threads: int, has_gpu: bool) -> Iterator[dict[str, Any]]:
    """Train on the ranks of this machine and yield the Step rows as they are written.

    On a signal the ranks finish their step and save; on any other way out they are killed. Raises EngineError where the
    training fails.
    """
    run = job.run
    (run / run_folder.STOP).unlink(missing_ok=True)
    (run / run_folder.FAILURE).unlink(missing_ok=True)
    offset, logged = _size(run / run_folder.METRICS), _size(run / run_folder.LOG)
    start = child.Start(
        what="the training",
        command=_command(job, ranks, threads, has_gpu),
        environment=_environment(threads, has_gpu),
        log=run / run_folder.LOG,
        deadline=0.0,
    )
    with stopping(run) as stop:
        launcher = child.launch(start)
        try:
            for row in _follow(launcher, run / run_folder.METRICS, offset):
                stop.worth_saving = True
                yield row
        except GeneratorExit:  # the reader of our rows is gone: keep what was learnt
            if stop.worth_saving:
                (run / run_folder.STOP).touch()
                launcher.wait()
            raise
        finally:
            child.stop(launcher, grace=0.0)
        if stop.asked:
            saved = run_folder.newest(run)
            if saved and launcher.returncode == ExitCode.OK:
                job.say(f"saved at step {saved.step}; the same command continues")
            stop.leave()
    _check(launcher.returncode, run, logged)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _command(job: Job, ranks: int, threads: int, has_gpu: bool) -> Sequence[str]:
    chosen = os.environ.get("CUDA_VISIBLE_DEVICES") if has_gpu else None
    where = (
        [f"--include=localhost:{','.join(chosen.split(',')[:ranks])}"] if chosen else [f"--num_gpus={ranks}"]
    )  # the launcher ignores CUDA_VISIBLE_DEVICES beside --num_gpus
    return [
        *children.module("deepspeed.launcher.runner", *where, f"--master_port={_free_port()}"),
        *("--module", "syncode.training.worker", f"--run-dir={job.run}", f"--base={job.base.folder}"),
        *(f"--save-every={job.options.save_every}", f"--keep={job.options.keep}", f"--threads={threads}"),
    ]


def _environment(threads: int, has_gpu: bool) -> dict[str, str]:
    package = str(Path(__file__).parents[2])
    paths = [path for path in (os.environ.get("PYTHONPATH"),) if path]
    return children.environment(
        {
            "PYTHONPATH": os.pathsep.join([package, *paths]),  # the ranks run this very syncode, installed or not
            "OMP_NUM_THREADS": str(threads),
            "TOKENIZERS_PARALLELISM": "false",
            "HF_HUB_OFFLINE": "1",
            "TRANSFORMERS_VERBOSITY": "error",
            **({} if has_gpu else {"DS_ACCELERATOR": "cpu", "CUDA_VISIBLE_DEVICES": ""}),
        }
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _follow(launcher: "Popen[bytes]", metrics: Path, offset: int) -> Iterator[dict[str, Any]]:
    """Yield each whole line that appears in the metrics file behind the offset, until the launcher has ended."""
    while True:
        ended = launcher.poll() is not None
        block = b""
        if metrics.exists():
            with metrics.open("rb") as stream:
                stream.seek(offset)
                block = stream.read()
        whole = block[: block.rfind(b"\n") + 1]
        offset += len(whole)
        for line in whole.splitlines():
            yield orjson.loads(line)
        if ended:
            return
        if not whole:
            time.sleep(LOOK_SECONDS)


def _check(code: int, run: Path, logged: int) -> None:
    failure = run / run_folder.FAILURE
    if failure.exists():
        raise EngineError(f"the training failed: {failure.read_text('utf-8').strip()}")
    if code != ExitCode.OK:
        raise EngineError(f"the training failed ({child.ending(code)}): {reason(run / run_folder.LOG, logged)}")


def reason(log: Path, logged: int) -> str:
    """Return the last exception that stands in the log behind `logged` bytes, else the line most likely to say something."""
    with log.open("rb") as stream:
        stream.seek(logged)
        text = stream.read().decode("utf-8", "replace")
    raised = EXCEPTION.findall(text)
    return f"{raised[-1]} (log: {log})" if raised else child.diagnosis(log)


def run_module(job: Job, what: str, arguments: Sequence[str]) -> None:
    """Run a module of ours that needs torch in a process of its own. Raises EngineError with its reason where it fails."""
    log = job.run / run_folder.LOG
    logged = _size(log)
    start = child.Start(what, children.module(*arguments), _environment(1, has_gpu=False), log, deadline=0.0)
    process = child.launch(start)
    try:
        process.wait()
    finally:
        child.stop(process, grace=0.0)
    if process.returncode != ExitCode.OK:
        raise EngineError(f"{what} failed ({child.ending(process.returncode)}): {reason(log, logged)}")
