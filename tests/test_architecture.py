"""The rules of the code base that can be checked: which way imports point, what help may load, sizes and names."""

import ast
import io
import json
import tokenize
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from syncode.cli import COMMANDS, load
from syncode.commands.help import summaries
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
    ("errors",),
)
"""From the top down: a part may import itself and what stands in a later line, never its neighbours."""

RANK = {part: rank for rank, parts in enumerate(LAYERS) for part in parts}

HEAVY = (
    "numpy", "polars", "openai", "datasketch", "scipy", "torch", "transformers", "deepspeed", "xllamacpp", "pydantic",
    "tokenizers", "pandas", "sklearn", "selectolax", "fastwarc", "warcio", "vllm", "httpx", "requests", "gguf", "typer", "rich",
    "asyncio", "multiprocessing",
)  # fmt: skip
"""From numpy on, importing one costs more than all that help needs."""

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
    package = ("syncode", *path.relative_to(SOURCE).parts[:-1])
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            start = ".".join((*above, node.module) if node.module else above)
            names = [f"{start}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] == "syncode" and len(parts) > 1 and not parts[1].startswith("__"):
                yield node.lineno, parts[1]


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
