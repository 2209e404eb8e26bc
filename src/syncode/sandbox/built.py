"""Compiles a whole program once, then runs it on one input after another, each time in a fresh place of its own.

What a run leaves behind (files, processes) is gone before the next one. What the program may not know is not sent in: an output
that is expected is compared by the caller, outside.
"""

import base64
import binascii
import json
import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

from syncode.sandbox import Ready, Result, Sandbox, Source, tools_of
from syncode.sandbox.languages.whole import whole
from syncode.sandbox.limits import MEBIBYTE
from syncode.sandbox.program import Outcome, Program, Step
from syncode.sandbox.states import judge

STDIN = ".stdin"
"""The file that a program reads from; its name is gone when the program begins."""
MOST_BUILT = 64 * MEBIBYTE
"""Bytes that a compiler may leave (chosen here; Go's programs have some 2 MiB)."""
BESIDE = {"PYTHONHASHSEED": "0"}
"""A Python step beside others needs an environment of its own."""
SHOW = ".show.py"
_SHOWING = """
import os, shutil, sys
if os.path.isfile({name!r}):
    with open({name!r}, "rb") as stream:
        shutil.copyfileobj(stream, sys.stdout.buffer)
sys.stdout.flush()
os._exit(0)  # nothing is left to ask the harness for: the program before has had the one answer that there is
"""
PACK = ".pack.py"
_PACKING = f"""
import base64, json, os, sys
made = {{}}
for place, _, names in os.walk("."):
    for name in names:
        path = os.path.relpath(os.path.join(place, name))
        if path != {PACK!r} and os.path.isfile(path):
            with open(path, "rb") as stream:
                made[path] = base64.b64encode(stream.read()).decode()
json.dump(made, sys.stdout)
"""


@dataclass(frozen=True)
class Built:
    """A program that can be run: the files that it needs, and the step that starts it.

    `writes`: the file that it writes its output to, instead of stdout.
    """

    tools: Ready
    files: Mapping[str, str | bytes]
    step: Step
    writes: str = ""


@dataclass(frozen=True)
class Allowed:
    """What one run may use: seconds of CPU time, which decides, and of wall clock, which only bounds; resident bytes of its
    largest process (None: what the sandbox allows); bytes of output before it is ended."""

    cpu: float
    wall: float
    memory: int | None = None
    output: int = MEBIBYTE


def build(
    sandbox: Sandbox, name: str, code: str, beside: Mapping[str, str | bytes], writes: str = "", patience: float = 1.0
) -> Built | Result:
    """Compile a program with the files beside it; what went wrong is a Result: `compile`, or `infra` for a missing toolchain.

    `patience`: so many times as much wall clock as usual.
    """
    tools = tools_of(name)
    if isinstance(tools, Result):
        return tools
    limits = sandbox.isolation.limits
    limits = replace(limits, compile_seconds=limits.compile_seconds * patience)
    source = Source(code, "", secrets.token_hex(16))
    program = whole(tools, source, limits, sandbox.isolation.commands(tools))
    if taken := sorted(set(beside) & set(program.files)):
        return Result("infra", f"a file beside the program has the program's own name: {taken[0]}")
    files: dict[str, str | bytes] = {**beside, **program.files}
    *before, run = program.steps
    if not before:
        return Built(tools, files, run, writes)
    packing = Step(("python3", PACK), limits.compile_seconds, BESIDE, python=True)
    packed = Program({**files, PACK: _PACKING}, (*before, packing), (f"{source.token}\n",))
    room = replace(limits, output_kept=4 * MOST_BUILT, output_stop=2 * MOST_BUILT)
    outcome = sandbox.outcome(packed, room)
    if outcome.killed == "output":
        return Result("compile", f"the compiler made more than {MOST_BUILT // MEBIBYTE} MiB")
    result = judge(tools.language, replace(outcome, finished=True), len(packed.steps))
    if result.state != "pass":
        return replace(result, stdout=result.stdout[-4096:])
    try:
        made = {path: base64.b64decode(text) for path, text in json.loads(result.stdout).items()}
    except (ValueError, binascii.Error) as error:
        return Result("infra", f"what the compiler made cannot be read: {error}")
    return Built(tools, made, run, writes)


def run(sandbox: Sandbox, built: Built, stdin: bytes, allowed: Allowed, seed: int = 0, half: str = "") -> Result:
    """Run a program on an input. `pass` says that it ended with exit code 0, within its limits; `stdout` is whole then.

    `half`: see `Sandbox.outcome`.
    """
    step = replace(
        built.step,
        stdin=STDIN,
        seconds=allowed.wall,
        limits={**built.step.limits, "CPU": math.ceil(allowed.cpu)},
    )
    files: dict[str, str | bytes] = {**built.files, STDIN: stdin}
    steps: tuple[Step, ...] = (step,)
    if built.writes:
        files[SHOW] = _SHOWING.format(name=built.writes)
        first = replace(step, environment=step.environment or BESIDE)
        steps = (first, Step(("python3", SHOW), allowed.wall, BESIDE, python=True))
    program = Program(files, steps, _told(*steps))
    limits = replace(sandbox.isolation.limits, output_kept=2 * allowed.output + 4096, output_stop=allowed.output)
    outcome = sandbox.outcome(program, limits, seed, half)
    result = _judged(built, replace(outcome, steps=outcome.steps[:1]), allowed)
    if built.writes:
        written = outcome.steps[1].stdout if len(outcome.steps) > 1 else ""
        result = replace(result, stdout=written)
    return result


def converse(sandbox: Sandbox, partner: Built, built: Built, allowed: Allowed, seed: int = 0) -> tuple[Result, Result]:
    """Run two programs, each of which reads what the other one writes; return what happened to each."""
    programs = (_talking(partner, allowed), _talking(built, allowed))
    first, second = sandbox.together(programs, sandbox.isolation.limits, seed)
    return _judged(partner, first, replace(allowed, memory=None)), _judged(built, second, allowed)


def _talking(built: Built, allowed: Allowed) -> Program:
    limits = {**built.step.limits, "CPU": math.ceil(allowed.cpu)}
    step = replace(built.step, talks=True, seconds=allowed.wall, limits=limits)
    return Program(built.files, (step,), _told(step))


def _judged(built: Built, outcome: Outcome, allowed: Allowed) -> Result:
    """Return what happened to a program without tests: `pass` if it ended with exit code 0 and within its limits."""
    result = judge(built.tools.language, replace(outcome, finished=True), 1)
    if result.state in ("fail", "no_tests"):  # by its own exit code or words; only its output can be wrong
        result = replace(result, state="error")
    if result.state in ("infra", "timeout", "oom"):
        return result
    if result.cpu > allowed.cpu:
        return replace(result, state="timeout", reason=f"CPU time: {result.cpu:.2f} s of {allowed.cpu:g} s")
    if allowed.memory is not None and result.memory * 1024 > allowed.memory:
        used, most = (round(size / MEBIBYTE) for size in (result.memory * 1024, allowed.memory))
        return replace(result, state="oom", reason=f"{used} MiB of {most} MiB")
    return result


def _told(*steps: Step) -> tuple[str, ...]:
    """Return what a driver asks for, where a language is run by one: a key and a token; Python only a token."""
    token = f"{secrets.token_hex(16)}\n"
    return (token,) if any(step.python for step in steps) else (token, token)
