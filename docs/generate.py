"""Writes docs/cli.md, docs/records.md and the JSON Schemas from the code; with --check it only says what is stale.

Usage: python docs/generate.py [--check]
"""

import ast
import inspect
import json
import re
import sys
import types
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, is_typeddict

from syncode import cli, errors
from syncode.commands.help import shown_default, summaries
from syncode.commands.options import Option, options_of
from syncode.engines import ModelOptions
from syncode.schemas import records
from syncode.schemas.check import called, hints
from syncode.stream import Flow

ROOT = Path(__file__).parents[1]
SCHEMAS = ROOT / "src" / "syncode" / "schemas" / "json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
GENERATED = "<!-- Written by docs/generate.py: change the code, not this page. -->"
SHARED = {
    "shared options": (Flow, "Every command that reads rows takes these."),
    "model options": (ModelOptions, "Every command that talks to a model takes these."),
}


def main(arguments: list[str]) -> int:
    """Write what is generated, or with --check return 1 where a file on disk differs."""
    pages = {
        ROOT / "docs" / "cli.md": "\n".join(cli_page()),
        ROOT / "docs" / "records.md": "\n".join(records_page()),
        **{SCHEMAS / f"{name}.schema.json": schema_text(kind) for name, kind in records.RECORDS.items()},
    }
    stale = [path for path, text in pages.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    stale += [path for path in SCHEMAS.glob("*") if path not in pages]
    for path in stale:
        print(
            f"{path.relative_to(ROOT)}: {'stale: run python docs/generate.py' if '--check' in arguments else 'written'}"
        )
    if "--check" in arguments:
        return 1 if stale else 0
    SCHEMAS.mkdir(exist_ok=True)
    for path in stale:
        if path in pages:
            path.write_text(pages[path], encoding="utf-8")
        else:
            path.unlink()
    return 0


def cli_page() -> Iterator[str]:
    """Yield the lines of the page of all commands."""
    yield from ("# Commands", "", GENERATED, "", "```", "syncode COMMAND [SOURCE...] [-o OUT] [OPTIONS]", "```", "")
    yield from ("| command | |", "|---|---|")
    for name, text in summaries(cli.COMMANDS).items():
        yield f"| [`{name}`](#syncode-{name.replace(' ', '-')}) | {_cell(text)} |"
    yield from ("", *_exit_codes(), "")
    shared = {title: list(_options_of(group)) for title, (group, _) in SHARED.items()}
    for title, options in shared.items():
        yield from (f"## {title.capitalize()}", "", SHARED[title][1], "", *_table(map(_option_row, options)), "")
    for name in cli.COMMANDS:
        yield from _command(name, shared)


def _exit_codes() -> Iterator[str]:
    meaning = {
        **{
            kind.code: inspect.getdoc(kind)
            for kind in vars(errors).values()
            if isinstance(kind, type) and hasattr(kind, "code")
        },
        errors.ExitCode.OK: "Done.",
        errors.ExitCode.BUG: "A bug in syncode: the traceback says where.",
        errors.ExitCode.INTERRUPTED: "Ctrl-C.",
    }
    yield from ("## Exit codes", "", "| code | meaning |", "|---|---|")
    for code in errors.ExitCode:
        sentence = (meaning[code] or "").partition(". ")[0].rstrip(".")
        also = "; or a file cannot be written (a full disk)" if code is errors.ExitCode.DATA else ""
        yield f"| {int(code)} | {_cell(sentence)}{also}. |"


def _command(name: str, shared: dict[str, list[Option]]) -> Iterator[str]:
    function = cli.load(name)
    prose, example = _docstring(function)
    yield from (f"## syncode {name}", "", *prose, "", "```sh", example, "```", "")
    options = options_of(function)
    titles = [title for title, group in shared.items() if any(option in group for option in options)]
    lacking = [
        option for title in titles for option in shared[title] if option.name not in {each.name for each in options}
    ]
    described = [option for title in titles for option in shared[title]]
    own = [option for option in options if option not in described]
    if own:
        yield from (*_table(map(_option_row, own)), "")
    links = " and ".join(f"the [{title}](#{title.replace(' ', '-')})" for title in titles)
    if links:
        but = f", but not {', '.join(f'`{option.said}`' for option in lacking)}" if lacking else ""
        yield from (f"{'Also' if own else 'Takes'} {links}{but}.", "")


def _docstring(function: Any) -> tuple[list[str], str]:
    """Return the paragraphs of a command's docstring, a line each with blank ones between, and the example in it."""
    paragraphs = [" ".join(part.split()) for part in (inspect.getdoc(function) or "").split("\n\n")]
    examples = [part.removeprefix("Example: ") for part in paragraphs if part.startswith("Example: ")]
    if len(examples) != 1:
        raise SystemExit(f"{function.__module__}: the docstring needs one paragraph that starts with 'Example: '")
    prose = [part for part in paragraphs if not part.startswith("Example: ")]
    return "\n\n".join(map(_text, prose)).split("\n"), examples[0]


def _options_of(group: type) -> list[Option]:
    """Return the options that a command gets from a dataclass."""

    def command(group: Any) -> None: ...

    command.__annotations__["group"] = group
    return options_of(command)


def _option_row(option: Option) -> tuple[str, str, str]:
    flags = ", ".join(option.flags) if option.flags else option.metavar
    value = f" {option.metavar}" if option.flags and option.kind is not bool else ""
    help_text = _text(option.help) + _bounds(option)
    if option.flags and option.many and "repeat" not in help_text.casefold():
        help_text += " Repeatable."
    default = shown_default(option) if option.flags else ""
    return f"`{flags}{value}`", help_text, "required" if option.required else f"`{default}`" if default else ""


def _bounds(option: Option) -> str:
    low, high = option.bounds
    if high is None and not low:
        return ""
    return (
        f" At least {low:g}."
        if high is None
        else f" At most {high:g}."
        if low is None
        else f" From {low:g} to {high:g}."
    )


def _table(rows: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    yield from ("| option | meaning | default |", "|---|---|---|")
    for row in rows:
        yield f"| {' | '.join(map(_cell, row))} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _text(text: str) -> str:
    """Return prose for Markdown: what looks like a tag or a link there is only text here."""
    return re.sub(r"(?<!`)<([^<>`]*)>(?!`)", r"&lt;\1&gt;", text)


def records_page() -> Iterator[str]:
    """Yield the lines of the page of all records."""
    introduction = "A row is one JSON object a line. " + " ".join(
        (inspect.getdoc(records) or "").split("\n\n")[1].split()
    )
    yield from ("# Records", "", GENERATED, "", introduction, "")
    yield from ("The JSON Schema of each lies in `src/syncode/schemas/json/`.", "")
    nested = [kind for kind in _nested(records.RECORDS.values()) if kind not in records.RECORDS.values()]
    for kind in [*records.RECORDS.values(), *nested]:
        yield from (f"## {kind.__name__}", "", inspect.getdoc(kind) or "", "")
        yield from ("| key | type | | meaning |", "|---|---|---|---|")
        meanings = _meanings(kind)
        for key, hint in hints(kind).items():
            need = "required" if key in kind.__required_keys__ else "optional"  # type: ignore[attr-defined]
            yield f"| `{key}` | {_cell(_said(hint))} | {need} | {_cell(meanings[key])} |"
        yield ""


def _said(hint: Any) -> str:
    """Return a type in words; another record is a link."""
    if is_typeddict(hint):
        return f"[{hint.__name__}](#{hint.__name__.lower()})"
    if get_origin(hint) is list:
        return f"list of {_said(get_args(hint)[0])}"
    if get_origin(hint) is dict:
        inner = get_args(hint)[1]
        return "object" if inner is Any else f"object of {_said(inner)}"
    if get_origin(hint) in (Union, types.UnionType):
        return " or ".join(map(_said, get_args(hint)))
    return called(hint)


def _nested(kinds: Iterable[type]) -> list[type]:
    """Return the records that stand inside other records, each once."""
    found: list[type] = []
    for kind in kinds:
        for hint in hints(kind).values():
            inside = [part for part in (hint, *get_args(hint)) if is_typeddict(part)]
            for part in inside:
                found += [record for record in [part, *_nested([part])] if record not in found]
    return found


def _meanings(kind: type) -> dict[str, str]:
    """Return the comment behind each key of a TypedDict."""
    lines = inspect.getsource(kind).splitlines()
    body = ast.parse("\n".join(lines)).body[0]
    assert isinstance(body, ast.ClassDef)
    keys = {
        item.target.id: lines[item.lineno - 1]
        for item in body.body
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
    }
    without = [key for key, line in keys.items() if "  # " not in line]
    if without:
        raise SystemExit(f"{kind.__name__}: say in a comment behind it what {', '.join(without)} means")
    return {key: line.partition("  # ")[2].strip() for key, line in keys.items()}


def schema_text(kind: type) -> str:
    """Return the JSON Schema of a record, as the text of its file."""
    definitions = {part.__name__: _object(part) for part in _nested([kind])}
    schema = {"$schema": DIALECT, "title": kind.__name__, **_object(kind)}
    return (
        json.dumps({**schema, **({"$defs": definitions} if definitions else {})}, indent=2, ensure_ascii=False) + "\n"
    )


def _object(kind: type) -> dict[str, Any]:
    meanings = _meanings(kind)
    return {
        "description": " ".join((inspect.getdoc(kind) or "").split()),
        "type": "object",
        "required": [key for key in hints(kind) if key in kind.__required_keys__],  # type: ignore[attr-defined]
        "properties": {key: {**_schema(hint), "description": meanings[key]} for key, hint in hints(kind).items()},
        "additionalProperties": True,
    }


def _schema(hint: Any) -> dict[str, Any]:
    names = {str: "string", int: "integer", float: "number", bool: "boolean", types.NoneType: "null"}
    origin, inner = get_origin(hint), get_args(hint)
    if hint is Any:
        return {}
    if is_typeddict(hint):
        return {"$ref": f"#/$defs/{hint.__name__}"}
    if origin in (Union, types.UnionType):
        return {"anyOf": [_schema(part) for part in inner]}
    if origin is Literal:
        return {"enum": list(inner)}
    if origin is list:
        return {"type": "array", "items": _schema(inner[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": _schema(inner[1]) or True}
    return {"type": names[hint]}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
