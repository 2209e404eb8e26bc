"""Puts code, tests and driver together into a program that can be compiled and run: one function a language."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from syncode.sandbox.languages.counting import fallible
from syncode.sandbox.languages.joining import HASHES, split
from syncode.sandbox.limits import MEBIBYTE, WHOLE, Limits
from syncode.sandbox.program import Program, Step


@dataclass(frozen=True)
class Source:
    """What is to be run: the answer's code, the tests that follow it (may be empty), the random token and a random key.

    `beside`: files of a task's own, by name.
    """

    code: str
    tests: str
    token: str
    beside: Mapping[str, str] = field(default_factory=dict)
    key: str = field(default_factory=lambda: secrets.token_hex(16))

    @property
    def secrets(self) -> tuple[str, ...]:
        """What a driver asks for: the key before the answer is loaded, the token after the last test."""
        return (f"{self.key}\n", f"{self.token}\n")

    @property
    def proof(self) -> str:
        """What a driver says in the end: only one that was there before the answer knows both halves."""
        return self.key + self.token

    def least(self, language: str, counted: str = r"(?!)") -> int:
        """Return how many tests there are at least: one if anything in them, but what is `counted` as it runs, could fail."""
        return int(fallible(language, self.tests, self.code, counted))

    def program(self, texts: dict[str, str], *steps: Step) -> Program:
        """Return the program of these files and steps."""
        return Program(texts, steps, self.secrets, proof=self.proof)

    def complete(self, program: Program) -> Program:
        """Return a program of this source with the files beside it; its own come before one of the same name."""
        return replace(program, files={**self.beside, **program.files}) if self.beside else program


Commands = Mapping[str, str]
Assemble = Callable[[Source, Limits, Commands], Program]
Pair = tuple[Program, Program]
"""The program of the tests and the one of the answer."""
AssemblePair = Callable[[Source, Limits, Commands], Pair | str]
"""Returns both programs, or what in the text of tests or answer needs them to be one."""

THREADS = 4
"""CPU seconds for each second of wall clock that runtimes with threads of their own may use (chosen here)."""


@cache
def driver(name: str) -> str:
    """Return the text of a driver file; each has a name of its own, whatever folder it is in."""
    return _drivers()[name].read_text(encoding="utf-8")


@cache
def _drivers() -> dict[str, Traversable]:
    folders = [each for each in files(__package__).joinpath("drivers").iterdir() if each.is_dir()]
    return {each.name: each for folder in folders for each in folder.iterdir()}


def run_step(argv: tuple[str, ...], limits: Limits, threads: int = 1, space: bool = False, **environment: str) -> Step:
    """Return the step that runs the program. `space`: bound the address space too, for runtimes that reserve none in vain."""
    return Step(argv, limits.seconds, environment, resource_limits(limits, cpu_seconds(limits), threads, space))


def cpu_seconds(limits: Limits) -> float:
    """Return the CPU time of a run."""
    return limits.seconds if limits.cpu_seconds is None else limits.cpu_seconds


def whole(limits: Limits) -> Limits:
    """Return the limits of all tests together, if each of them may take what these say."""
    return replace(limits, seconds=limits.seconds * WHOLE, cpu_seconds=cpu_seconds(limits) * WHOLE)


def each_call(answer: Program, limits: Limits) -> Program:
    """Return the answer's half of a pair in which a call may take what the limits say."""
    *before, last = answer.steps
    return replace(answer, steps=(*before, replace(last, each=(cpu_seconds(limits), limits.seconds))))


def compile_step(argv: tuple[str, ...], limits: Limits, **environment: str) -> Step:
    """Return a step that compiles: its own clock, and room for the compiler's own processes and files."""
    values = resource_limits(limits, limits.compile_seconds, THREADS, space=False)
    return Step(argv, limits.compile_seconds, environment, {**values, "FSIZE": limits.disk})


def resource_limits(limits: Limits, seconds: float, threads: int, space: bool) -> dict[str, int]:
    """Return resource limits by name. CPU time may reach `threads` times the wall clock, plus a second."""
    values = {
        "CPU": int(seconds * threads) + 1,
        "NPROC": limits.processes if threads == 1 else max(limits.processes, 256),
        "NOFILE": limits.descriptors if threads == 1 else max(limits.descriptors, 1024),
        "FSIZE": limits.file_size,
        "CORE": 0,
    }
    return {**values, "AS": limits.memory + 512 * MEBIBYTE} if space else values


def python(source: Source, limits: Limits, commands: Commands) -> Program:
    """The warm interpreter loads the answer, then the tests; no new process image."""
    size = len(source.tests.encode("utf-8", "surrogatepass"))
    token = f"{source.token}\n"
    told = (f"{size:010d}{source.tests}", token) if source.tests else (token,)
    step = Step(
        (commands["python3"], "main.py"),
        limits.seconds,
        limits=resource_limits(limits, cpu_seconds(limits), 1, False),
        python=True,
    )
    return Program({"main.py": source.code}, (step,), told)


def python_pair(source: Source, limits: Limits, commands: Commands) -> Pair:
    """The tests, and the answer that they ask: two interpreters, so that nothing of the one is in the other."""

    cpu = cpu_seconds(limits)
    whole = WHOLE if limits.one_by_one else 1
    each = (cpu, limits.seconds) if limits.one_by_one else ()

    def half(role: str, name: str, text: str, told: tuple[str, ...]) -> Program:
        bounds = resource_limits(limits, cpu * whole, 1, False)
        argv = (commands["python3"], name)
        step = Step(argv, limits.seconds * whole, limits=bounds, python=True, role=role, each=each)
        return Program({name: text}, (step,), told)

    nothing = (f"{secrets.token_hex(16)}\n",)  # the answer has no way to its end that counts
    tests = half("tests", "tests.py", source.tests, (f"{source.token}\n",))
    return tests, half("answer", "main.py", source.code, nothing)


def script(language: str, name: str, driver_name: str, *options: str, space: bool = False) -> Assemble:
    """Return the assembly of a language whose driver loads answer and tests: `COMMAND OPTIONS driver main tests LEAST`."""

    def assemble(source: Source, limits: Limits, commands: Commands) -> Program:
        command = next(iter(commands.values()))
        texts = parts(name, *split(source.code, source.tests, HASHES))
        least = (str(source.least(language)),) if source.tests else ()
        step = run_step((command, *options, driver_name, *texts, *least), limits, space=space)
        return source.program({**texts, driver_name: driver(driver_name)}, step)

    return assemble


def parts(name: str, code: str, tests: str) -> dict[str, str]:
    """Return the files of answer and tests. They stay apart, so that nothing in the answer can leave the tests out."""
    extension = name.rpartition(".")[2]
    return {name: f"{code}\n", f"tests.{extension}": f"{tests}\n"} if tests else {name: f"{code}\n"}
