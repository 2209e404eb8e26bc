"""The rules of the code base that can be checked: which way imports point, what help may load, sizes and names."""

import ast
import inspect
import io
import json
import re
import tokenize
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from syncode.cli import COMMANDS, load
from syncode.commands.help import summaries
from syncode.commands.options import options_of
from syncode.schemas.records import RECORDS

SOURCE = Path(__file__).parents[1] / "src" / "syncode"
FILES = sorted(SOURCE.rglob("*.py"))

LAYERS = (
    ("__main__",),
    ("cli",),
    ("commands",),
    ("demo",),
    ("training",),
    ("stages",),
    ("reports",),
    ("verdicts",),
    ("statistics",),
    ("sandbox", "engines", "sources"),
    ("stream",),
    ("storage",),
    ("text",),
    ("prompts",),
    ("schemas",),
    ("errors", "children"),
)
"""From the top down: a part may import itself and what stands in a later line, never its neighbours."""

RANK = {part: rank for rank, parts in enumerate(LAYERS) for part in parts}

HEAVY = (
    "numpy", "polars", "openai", "datasketch", "scipy", "torch", "transformers", "deepspeed", "xllamacpp", "pydantic",
    "tokenizers", "pandas", "sklearn", "selectolax", "fastwarc", "warcio", "vllm", "httpx", "requests", "gguf", "typer", "rich",
    "asyncio", "multiprocessing",
)  # fmt: skip
"""From numpy on, importing one costs more than all that help needs."""

LIGHT = ("cli.py", "commands/*.py", "**/settings.py", "**/options.py", "stages/synth/methods/__init__.py")
"""What help is made from: options and tables, and the files that hand them to a command line."""
READERS = ("commands/parser.py", "commands/completion.py")
"""They read a command line with Typer, and help does without them."""
LIGHT_FILES = sorted({path for each in LIGHT for path in SOURCE.glob(each)} - {SOURCE / each for each in READERS})

WORK = ("text", "sources", "statistics", "verdicts", "reports", "stages")
"""Rooms whose files import what they need at the top: a command imports them when it runs."""

FILE_LINES = 450
COMMAND_LINES = 60


def test_every_part_has_a_place_in_the_import_order() -> None:
    parts = {path.relative_to(SOURCE).parts[0].removesuffix(".py") for path in FILES} - {"__init__"}
    assert parts == set(RANK)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_point_one_way(path: Path) -> None:
    own = path.relative_to(SOURCE).parts[0].removesuffix(".py")
    if own == "__init__":
        assert not list(_imported_parts(path)), "syncode/__init__.py is imported by everything: it imports nothing"
        return
    wrong = [
        f"{path.relative_to(SOURCE)}:{line} imports {part}"
        for line, part in _imported_parts(path)
        if part != own and RANK[part] <= RANK[own]
    ]
    assert not wrong, f"{own} stands below or beside what it imports: {wrong}"


def _imported_parts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (line, part) for each import of ours, those inside functions and under TYPE_CHECKING too."""
    for line, name in _imports(path, ast.walk(ast.parse(path.read_text(encoding="utf-8")))):
        parts = name.split(".")
        if parts[0] == "syncode" and len(parts) > 1 and not parts[1].startswith("__"):
            yield line, parts[1]


def _imports(path: Path, nodes: Iterable[ast.AST]) -> Iterator[tuple[int, str]]:
    """Yield (line, dotted name) for each import statement among the nodes of a file."""
    package = ("syncode", *path.relative_to(SOURCE).parts[:-1])
    for node in nodes:
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            start = ".".join((*above, node.module) if node.module else above)
            names = [f"{start}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from ((node.lineno, name) for name in names)


STAGES = [path for path in FILES if path.relative_to(SOURCE).parts[0] == "stages"]


@pytest.mark.parametrize("path", STAGES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_stage_imports_no_other_stage(path: Path) -> None:
    own = path.relative_to(SOURCE).parts[1].removesuffix(".py")
    wrong = [
        f"{path.relative_to(SOURCE)}:{line} imports {name}"
        for line, name in _imports(path, ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        if name.startswith("syncode.stages.") and name.split(".")[2] != own
    ]
    assert not wrong, f"what two stages share belongs in a room below them: {wrong}"


@pytest.mark.parametrize("path", LIGHT_FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_what_help_is_made_from_imports_nothing_heavy(path: Path) -> None:
    chains: dict[Path, tuple[str, ...]] = {path: (str(path.relative_to(SOURCE)),)}
    waiting = [path]
    while waiting:
        here = waiting.pop()
        for _, name in _imports(here, ast.parse(here.read_text(encoding="utf-8")).body):
            assert name.split(".")[0] not in HEAVY, f"{' > '.join(chains[here])} imports {name}"
            for found in _files_of(name):
                if found not in chains:
                    chains[found] = (*chains[here], str(found.relative_to(SOURCE)))
                    waiting.append(found)


def _files_of(name: str) -> Iterator[Path]:
    """Yield the files that Python runs to import a name of ours: its module, and the packages above it."""
    parts = name.split(".")
    for size in range(1, len(parts) if parts[0] == "syncode" else 0):
        place = SOURCE.joinpath(*parts[1 : size + 1])
        yield from (each for each in (place.with_suffix(".py"), place / "__init__.py") if each.exists())


@pytest.mark.parametrize("room", WORK)
def test_work_imports_what_it_needs_at_the_top(room: str) -> None:
    inside = [
        f"{path.relative_to(SOURCE)}:{line} {name}"
        for path in sorted((SOURCE / room).rglob("*.py"))
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for line, name in _imports(path, ast.walk(function))
    ]
    assert not inside


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_shows_an_example_and_imports_nothing_heavy(name: str, shell: Callable[..., Any]) -> None:
    script = (
        "import sys; from syncode.cli import run; code = run(sys.argv[1:]); "
        'print(*{module.partition(".")[0] for module in sys.modules}, file=sys.stderr); sys.exit(code)'
    )
    ran = shell(f"python -c '{script}' {name} --help")
    assert ran.code == 0, ran.err
    assert b"Example: syncode" in ran.out
    loaded = set(ran.err.decode().split()) & set(HEAVY)
    assert not loaded, f"syncode {name} --help imports {sorted(loaded)}"


@pytest.mark.parametrize(("name", "summary"), summaries(COMMANDS).items())
def test_the_docstring_of_a_command_begins_with_one_sentence(name: str, summary: str) -> None:
    paragraph = (load(name).__doc__ or "").partition("\n\n")[0]
    assert summary == " ".join(paragraph.split())
    assert summary.endswith(".") and ". " not in summary


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_takes_workers_and_seed_only_where_it_uses_them(name: str) -> None:
    source = inspect.getsource(load(name))
    names = {option.name for option in options_of(load(name))}
    assert ("workers" in names) == ("stream.map(" in source or "flow.workers" in source)
    assert ("seed" in names) == ("flow.seed" in source)


def test_every_option_is_read_somewhere() -> None:
    read = {
        node.attr if isinstance(node, ast.Attribute) else node.value
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) or (isinstance(node, ast.Constant) and isinstance(node.value, str))
    }
    unread = {
        f"{name}: {option.name}" for name in COMMANDS for option in options_of(load(name)) if option.name not in read
    }
    assert not unread


def test_names_say_what_a_file_holds() -> None:
    vague = [str(path) for path in FILES if {"utils", "core", "common", "base"} & {*path.parts[:-1], path.stem}]
    assert not vague


def test_files_stay_small_enough_to_read() -> None:
    sizes = {str(path.relative_to(SOURCE)): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    large = {name: size for name, size in sizes.items() if size > FILE_LINES}
    assert not large, f"longer than {FILE_LINES} lines, make a subpackage with a name for each part: {large}"


def test_commands_are_options_in_and_one_call_out() -> None:
    files = {SOURCE / "commands" / f"{target.partition(':')[0]}.py" for target in COMMANDS.values()}
    sizes = {path.name: _code_lines(path) for path in files}
    large = {name: size for name, size in sizes.items() if size > COMMAND_LINES}
    assert not large, f"more than {COMMAND_LINES} lines of code, what they do belongs in stages/: {large}"


def _code_lines(path: Path) -> int:
    """Count the lines that hold code: no comments, blank lines or docstrings."""
    text = path.read_text(encoding="utf-8")
    lines: set[int] = set()
    nothing = (tokenize.NL, tokenize.NEWLINE, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in nothing:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            lines.difference_update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)


@pytest.mark.parametrize(
    "path", [path for path in FILES if "stages" in path.parts], ids=lambda path: str(path.relative_to(SOURCE))
)
def test_a_stage_never_opens_a_file_prints_or_exits(path: Path) -> None:
    forbidden = {"print", "open", "exit", "sys.exit", "os._exit", "sys.stdout.write", "sys.stderr.write", "input"}
    calls = [
        f"{path.relative_to(SOURCE)}:{node.lineno} {ast.unparse(node.func)}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in forbidden
    ]
    assert not calls


@pytest.mark.parametrize("name", RECORDS)
def test_every_record_has_its_json_schema(name: str) -> None:
    schema = json.loads((SOURCE / "schemas" / "json" / f"{name}.schema.json").read_bytes())
    assert set(schema["required"]) == RECORDS[name].__required_keys__  # type: ignore[attr-defined]
    assert set(schema["properties"]) == set(RECORDS[name].__annotations__)


def test_no_group_of_a_pattern_is_repeated_possessively() -> None:
    """Before 3.11.5 Python goes on behind a part that did not match (gh-106052), and Debian 12 has 3.11.2."""
    possessive = re.compile(r"(?<!\\)\)(?:[*+?]|\{[\d,]+\})\+")
    assert possessive.search('"(?:a|b)*+"') and not possessive.search(r'"(a\)?+" "(a|b)+"')
    found = [
        path for path in SOURCE.rglob("*.py") if any("re." in line and possessive.search(line) for line in path.open())
    ]
    assert not found


STARTERS = ("children.py", "engines/servers/child.py", "sandbox/session.py", "sandbox/cell", "training/launch.py")
"""Where other programs may be started: in a way that no key and nothing of the current folder gets into them."""


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_other_programs_are_started_in_one_place(path: Path) -> None:
    name = str(path.relative_to(SOURCE))
    if name.startswith(STARTERS):
        return
    found = [
        f"{name}:{node.lineno}"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if (
            isinstance(node, ast.Attribute)
            and node.attr in ("run", "Popen", "call", "check_call", "check_output")
            and isinstance(node.value, ast.Name)
            and node.value.id == "subprocess"
        )
        or (isinstance(node, ast.Attribute) and ast.unparse(node) in ("os.system", "os.popen", "os.posix_spawn"))
        or (isinstance(node, ast.Constant) and node.value == "-m" and name != "sandbox/languages/scripted.py")  # of PHP
    ]
    assert not found, f"use syncode.children: {found}"
