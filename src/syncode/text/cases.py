"""Reads tests that are data: inputs, and the outputs that a program or a function must give for them, in the published forms.

The names of fields are those of LiveCodeBench, APPS and TACO, CodeContests, open-r1/codeforces and of rows like them.
"""

import ast
import base64
import binascii
import io
import json
import math
import pickletools
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from syncode.errors import DataError

MOST_BYTES = 1 << 30
"""What packed tests may hold (chosen here; the largest of LiveCodeBench hold some 100 MB)."""
GROUPS = (
    ("tests",),
    ("cases",),
    ("test_cases",),
    ("testcases",),
    ("unit_tests",),
    ("input_output",),
    ("public_test_cases", "private_test_cases"),
    ("public_tests", "private_tests", "generated_tests"),
    ("official_tests", "generated_tests"),
    ("examples",),
)
"""Keys that hold tests as data; those of one group belong together, and the first group that holds some counts."""
_MAY_BE_CODE = ("tests", "cases", "test_cases", "testcases", "unit_tests", "examples", "generated_tests")
INPUTS = ("input", "inputs", "stdin")
OUTPUTS = ("output", "outputs", "expected_output", "expected_stdout", "expected", "stdout", "answer")
HOWS = ("lines", "tokens", "numbers", "fields", "exact")
"""How outputs are compared; `stages.execute.compare` says what each means."""
TOLERANCE = 1e-6
"""How far a number may be off, absolute or relative, if outputs are compared as numbers and the task does not say."""

PRELUDE = """import sys, os, io, re, math, time, random, string, json, heapq, bisect, copy, itertools, functools, operator
import collections, statistics, datetime, decimal, fractions
from typing import *
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple, ChainMap
from itertools import *
from functools import *
from heapq import *
from bisect import *
from math import *
from builtins import *
sys.setrecursionlimit(50000)
"""
"""Names that LeetCode gives to every Python answer, and LiveCodeBench to answers of both kinds (the selection is chosen here).

The builtins come last: `pow` of math takes no modulus."""


@dataclass(frozen=True)
class Case:
    """One test. `output` None: there is nothing to compare with, the program only has to end well (or a checker decides)."""

    input: Any
    output: Any = None
    name: str = ""


@dataclass(frozen=True)
class Comparison:
    """How an output is compared: one of `HOWS`, with a tolerance for `numbers`."""

    how: str = "lines"
    tolerance: float = TOLERANCE
    ignore_case: bool = False


@dataclass(frozen=True)
class Checker:
    """A program that decides about an output. `style`: `testlib` (input, output, answer; exit code) or `open-r1`
    (input, answer, output; prints a number). `files`: what lies beside it."""

    code: str
    language: str
    style: str
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Cases:
    """The tests of a task. `function`: called with the inputs, if it is not a whole program that reads them.

    Its own limits: `seconds` (of CPU, meant for C++), `timeout` (the same, for whatever language) and `memory` (bytes). `files`:
    what lies beside the program. `reads`, `writes`: the files that stand for stdin and stdout.
    """

    cases: tuple[Case, ...]
    comparison: Comparison = Comparison()
    checker: Checker | None = None
    interactor: Checker | None = None
    function: str = ""
    seconds: float | None = None
    timeout: float | None = None
    memory: int | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    reads: str = ""
    writes: str = ""


def cases_of(row: Mapping[str, Any]) -> Cases | None:
    """Return the tests that a row holds as data; None if it holds none (also if its `tests` are code).

    Raises DataError for a row that says it has such tests and whose tests cannot be read.
    """
    found = list(_found(row))
    if not found:
        return None
    metadata = parsed(row.get("metadata"))
    named = metadata if isinstance(metadata, dict) else {}
    packed = parsed(row.get("input_output"))
    function = next(
        (
            str(place[key])
            for place in (row, packed if isinstance(packed, dict) else {}, named)
            for key in ("fn_name", "func_name")
            if place.get(key)
        ),
        "",
    )
    if not function and any(kind == "functional" for kind, _ in found):
        function = str(row.get("entry_point") or "")
        if not function:
            raise DataError("its tests call a function, and neither 'metadata' nor 'entry_point' names it")
    cases = [case for _, case in found]
    checker, interactor = checker_of(row), own_program(row.get("interactor"), "interactor")
    silent = next((number for number, case in enumerate(cases) if case.output is None), None)
    if silent is not None and not checker and not interactor and not _only_run(row, cases):
        raise DataError(f"test {silent} has an input, and no output to compare with")
    if row.get("interaction_format") and not interactor:
        raise DataError("it is an interactive problem, and has no 'interactor' to talk to")
    mode = row.get("input_mode") == "file"
    return Cases(
        tuple(_named(case, number, function) for number, case in enumerate(cases)),
        comparison_of(row),
        checker,
        interactor,
        function,
        seconds_of(row.get("time_limit")),
        seconds_of(row.get("timeout")),
        memory_of(row.get("memory_limit_bytes") or row.get("memory_limit")),
        files_of(row.get("files")),
        str(row.get("input_file") or ("input.txt" if mode else "")),
        str(row.get("output_file") or ("output.txt" if mode else "")),
    )


def _only_run(row: Mapping[str, Any], cases: list[Case]) -> bool:
    """Return whether a row has nothing but an input: then its program only has to end well."""
    return len(cases) == 1 and cases[0].input == row.get("stdin")


def _named(case: Case, number: int, function: str) -> Case:
    name = case.name or str(number)
    if function:
        return Case(_arguments(case.input), _value(case.output), name)
    return Case(_text(case.input), None if case.output is None else _text(case.output), name)


def _found(row: Mapping[str, Any]) -> Iterator[tuple[str, Case]]:
    """Yield (kind, test) for each test of the first group of keys that holds some as data."""
    evidence = row.get("evidence")
    places = [evidence, row] if isinstance(evidence, dict) else [row]
    for place in places:
        for group in GROUPS:
            value = place.get(group[0])
            if group == ("examples",) and "official_tests" not in place:
                continue  # of an instruction, say, in words
            if group == ("tests",) and isinstance(value, str) and value.strip() and not _is_data(value):
                return  # code
            found = [each for key in group if key in place for each in _read(place[key], key)]
            if found:
                yield from found
                return
    if isinstance(row.get("inputs"), list) and isinstance(row.get("outputs"), list):
        yield from _read({"inputs": row["inputs"], "outputs": row["outputs"]}, "inputs")
    elif isinstance(row.get("stdin"), str) and not isinstance(row.get("tests"), str):
        yield "", Case(row["stdin"], _first(row, OUTPUTS))


def _is_data(value: str) -> bool:
    return isinstance(parsed(value), list | dict)


def _read(value: Any, key: str) -> Iterator[tuple[str, Case]]:
    """Yield the tests under one key: a list of {input, output}, {inputs: [...], outputs: [...]}, or either as text or packed."""
    if isinstance(value, str) and value.strip():
        value = unpacked(value, key)
        if isinstance(value, str) and key not in _MAY_BE_CODE:
            raise DataError(f"{key!r} holds tests that are neither JSON nor packed as LiveCodeBench's are")
    if isinstance(value, dict):
        inputs, outputs = _first(value, INPUTS), _first(value, OUTPUTS)
        if isinstance(inputs, list) and isinstance(outputs, list):
            if len(inputs) != len(outputs):
                raise DataError(f"{key!r} has {len(inputs)} inputs and {len(outputs)} outputs")
            kind = "functional" if value.get("fn_name") else ""
            yield from ((kind, Case(given, wanted)) for given, wanted in zip(inputs, outputs, strict=True))
        elif isinstance(inputs, str) and isinstance(outputs, str):
            yield "", Case(inputs, outputs)
        return
    if not isinstance(value, list) or not value or not all(isinstance(each, dict) for each in value):
        return
    if not any(name in each for each in value for name in INPUTS):
        return
    for number, each in enumerate(value):
        if not any(name in each for name in (*INPUTS, *OUTPUTS)):
            raise DataError(f"test {number} of {key!r} has neither an input nor an output")
        kind = str(each.get("testtype") or each.get("type") or "")
        name = each.get("name") or each.get("test_name") or ""
        yield kind, Case(_first(each, INPUTS), _first(each, OUTPUTS), str(name))


def _first(place: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((place[name] for name in names if name in place), None)


def _text(value: Any) -> str:
    """Return what a program reads or writes; a list is one of lines."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "\n".join(map(_text, value))
    return value if isinstance(value, str) else json.dumps(value)


def _arguments(value: Any) -> list[Any] | dict[str, Any]:
    """Return the arguments of a call: a list of them (APPS), an object by their names, or one JSON value per line."""
    if isinstance(value, list | dict):
        return value
    try:
        return [json.loads(line) for line in str(value or "").splitlines() if line.strip()]
    except ValueError as error:
        raise DataError(f"the input of a call should be one JSON value per line ({error})") from error


def _value(value: Any) -> Any:
    """Return the result that a call must give. APPS puts it into a list of one, and does not say so."""
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def parsed(value: Any) -> Any:
    """Return the value that a text holds as JSON; anything else as it is."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def unpacked(text: str, key: str) -> Any:
    """Return tests that stand as JSON in a text, or packed as LiveCodeBench does: base64 of zlib of a pickled text of JSON.

    The text itself if it is neither. Nothing is unpickled: a pickle that holds anything but one text is refused.
    """
    if (value := parsed(text)) is not text:
        return value
    try:
        packed = base64.b64decode(text, validate=True)
        unzip = zlib.decompressobj()
        content = unzip.decompress(packed, MOST_BYTES)
    except (binascii.Error, ValueError, zlib.error):
        return text
    if unzip.unconsumed_tail or not unzip.eof:
        raise DataError(f"{key!r} is cut, or holds more than {MOST_BYTES >> 20} MB when it is unpacked")
    try:
        return json.loads(pickled_text(content))
    except (ValueError, RecursionError) as error:
        raise DataError(f"{key!r} is packed, and what it holds cannot be read: {error}") from error


_HARMLESS = {"PROTO", "FRAME", "MEMOIZE", "BINPUT", "LONG_BINPUT", "PUT", "STOP"}
_TEXTS = {"SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "UNICODE"}


def pickled_text(content: bytes) -> str:
    """Return the text that a pickle consists of. Its instructions are read, none is carried out; ValueError for any other."""
    texts = []
    for instruction, argument, _ in pickletools.genops(io.BytesIO(content)):
        if instruction.name in _TEXTS:
            texts.append(str(argument))
        elif instruction.name not in _HARMLESS:
            raise ValueError(f"a pickle with {instruction.name}, not of one text")
    if len(texts) != 1:
        raise ValueError(f"a pickle of {len(texts)} texts, not of one")
    return texts[0]


def seconds_of(value: Any) -> float | None:
    """Return a limit of time: seconds as a number, `2.0 seconds`, `2000 ms`, {seconds, nanos}; None if there is none."""
    if isinstance(value, dict):
        value = (value.get("seconds") or 0) + (value.get("nanos") or 0) / 1e9
    if isinstance(value, str):
        match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(ms|milli\w*|s|sec\w*|)\.?\s*", value, re.IGNORECASE)
        if not match:
            return None
        value = float(match[1]) / (1000 if match[2].lower().startswith("m") else 1)
    return float(value) if isinstance(value, int | float) and math.isfinite(value) and value > 0 else None


_SIZES = {"": 1 << 20, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def memory_of(value: Any) -> int | None:
    """Return a limit of memory in bytes: a number of megabytes (above 65,536: of bytes), `256 megabytes`; None for none."""
    if isinstance(value, str):
        match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([bkmg]?)\w*\.?\s*", value, re.IGNORECASE)
        return int(float(match[1]) * _SIZES[match[2].lower()]) if match else None
    if not isinstance(value, int | float) or not math.isfinite(value) or value <= 0:
        return None
    return int(value * (1 << 20)) if value <= 1 << 16 else int(value)


def comparison_of(row: Mapping[str, Any]) -> Comparison:
    """Return how a row wants its outputs compared: `compare`, `tolerance`, `ignore_case`."""
    tolerance = row.get("tolerance")
    said = row.get("compare") or ("numbers" if tolerance is not None else "lines")
    if said not in HOWS:
        raise DataError(f"'compare' should be one of {', '.join(HOWS)}, is {said!r}")
    if tolerance is not None and not (isinstance(tolerance, int | float) and 0 <= tolerance < math.inf):
        raise DataError(f"'tolerance' should be a number from 0, is {tolerance!r}")
    return Comparison(said, TOLERANCE if tolerance is None else float(tolerance), bool(row.get("ignore_case")))


def checker_of(row: Mapping[str, Any]) -> Checker | None:
    """Return a row's checker: `checker` (source, or {code, language, style, files}), else open-r1's `generated_checker`."""
    if isinstance(made := row.get("generated_checker"), str) and made.strip():
        return Checker(made, "python", "open-r1")
    return own_program(row.get("checker"), "checker")


def own_program(given: Any, key: str) -> Checker | None:
    """Return a program of the task's own under this key: its source, or {code, language, style, files}."""
    if not given:
        return None
    said = {"code": given} if isinstance(given, str) else given
    if not isinstance(said, dict) or not isinstance(code := said.get("code"), str):
        raise DataError(f"{key!r} should be its source, or {{code, language, style, files}}")
    style = said.get("style", "testlib")
    if style not in ("testlib", "open-r1"):
        raise DataError(f"the style of {key!r} should be testlib or open-r1, is {style!r}")
    language = said.get("language") or ("python" if _is_python(code) else "cpp")
    return Checker(code, str(language), style, files_of(said.get("files")))


def _is_python(code: str) -> bool:
    try:
        ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def files_of(value: Any) -> dict[str, str]:
    """Return {path: text} of what lies beside a program. Raises DataError for a path that leads out of its folder."""
    if not value:
        return {}
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise DataError("'files' should be an object {path: text}")
    for path in value:
        parts = path.split("/")
        if path.startswith("/") or "\0" in path or any(part in ("", ".", "..") for part in parts):
            raise DataError(f"'files' holds {path!r}: paths are relative and stay in the program's folder")
    return dict(value)
