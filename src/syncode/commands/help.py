"""The help of the program and of every command, made without Typer: it is shown in the time that Python needs to start."""

import ast
import inspect
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from textwrap import wrap

from syncode.commands.options import GROUP, Command, Option, options_of

WIDTH = 100  # columns of help where the terminal has them (chosen here)
COLUMN = 32  # columns of an option and its placeholder before its help goes to a line of its own (chosen here)
LAST = ("Running", "Input and output", "Help")
_HELP = Option("help", bool, ("-h", "--help"), default=False, help="Show this.", group="Help")

_ABOUT = "Build code-instruction data, fine-tune code LLMs and judge them: each stage a Unix filter over JSONL rows."
_EXAMPLE = "Example: syncode crawl src/ | syncode filter | syncode dedup | syncode synth > samples.jsonl"
_MORE = (
    "syncode help COMMAND, or syncode COMMAND -h, shows the options and an example; syncode --version prints the version.",
    "syncode --install-completion [bash|zsh|fish] completes commands, options and choices with the Tab key; "
    "syncode --show-completion [bash|zsh|fish] prints the script instead.",
)


def program_help(commands: Mapping[str, str], width: int | None = None) -> str:
    """Return the help of the program; `commands` is the table of the command line."""
    width = width or columns()
    left = max(map(len, commands)) + 4
    lines = ["Usage: syncode COMMAND [SOURCE...] [-o OUT] [OPTIONS]", ""]
    lines += [*_paragraph(_ABOUT, width), "", f"  {_EXAMPLE}", "", "Commands:"]
    for name, told in summaries(commands).items():
        lines += wrap(told, width, initial_indent=f"  {name}".ljust(left), subsequent_indent=" " * left)
    for text in _MORE:
        lines += ["", *_paragraph(text, width)]
    return "\n".join(lines)


def _paragraph(text: str, width: int) -> list[str]:
    return wrap(text, width, initial_indent="  ", subsequent_indent="  ")


def summaries(commands: Mapping[str, str]) -> dict[str, str]:
    """Return the first paragraph of each command's docstring, read from the source: nothing of a command is imported.

    `commands` maps names to `module:function` below `syncode.commands`.
    """
    trees: dict[str, ast.Module] = {}
    found = {}
    for name, target in commands.items():
        module, _, function = target.partition(":")
        if module not in trees:
            source = Path(__file__).with_name(f"{module}.py").read_text(encoding="utf-8")
            trees[module] = ast.parse(source)
        (node,) = (each for each in trees[module].body if isinstance(each, ast.FunctionDef) and each.name == function)
        found[name] = " ".join((ast.get_docstring(node) or "").partition("\n\n")[0].split())
    return found


def command_help(name: str, command: Command, verbs: Iterable[str], width: int | None = None) -> str:
    """Return the help of a command; `verbs` are the names of its sub-verbs."""
    width = width or columns()
    options = options_of(command)
    lines = [_usage(name, options), ""]
    for paragraph in inspect.cleandoc(command.__doc__ or "").split("\n\n"):
        text = " ".join(paragraph.split())
        example = text.startswith("Example: ")  # one line to copy, whatever the width
        lines += [f"  {text}"] if example else _paragraph(text, width)
        lines.append("")
    if verbs := list(verbs):
        text = ", ".join(f"syncode {verb}" for verb in verbs)
        lines += [*_paragraph(f"See also: {text}", width), ""]
    for group, members in _grouped([*options, _HELP]).items():
        lines += [f"{group}:", *(line for option in members for line in _entry(option, width)), ""]
    return "\n".join(lines)


def columns() -> int:
    """Return the width of help: that of the terminal, at most `WIDTH`."""
    told = os.environ.get("COLUMNS", "")
    if told.isdecimal() and int(told) > 0:
        return max(40, min(WIDTH, int(told)))
    try:
        return max(40, min(WIDTH, os.get_terminal_size(sys.stdout.fileno()).columns))
    except (OSError, ValueError, AttributeError):  # not a terminal, or closed
        return WIDTH


def _usage(name: str, options: list[Option]) -> str:
    shown = [f"Usage: syncode {name}"]
    for option in options:
        if not option.flags:
            text = option.metavar if option.required else f"[{option.metavar}]"
            shown.append(f"{text}..." if option.many else text)
        elif option.required:
            shown.append(f"{option.flags[0]} {option.metavar}")
    return " ".join([*shown, "[OPTIONS]"])


def _grouped(options: list[Option]) -> dict[str, list[Option]]:
    """Return options by heading: a command's own first, those of every command last."""
    found: dict[str, list[Option]] = {}
    for option in options:
        found.setdefault(option.group, []).append(option)
    order = {group: (LAST.index(group) + 1 if group in LAST else 0, group != GROUP) for group in found}
    return {group: found[group] for group in sorted(found, key=order.__getitem__)}


def _entry(option: Option, width: int) -> Iterator[str]:
    left = f"  {', '.join(option.flags)} {option.metavar}".rstrip() if option.flags else f"  {option.metavar}"
    if option.many and not option.flags:
        left += "..."
    text = " ".join(part for part in (option.help, notes(option)) if part)
    indent = " " * (COLUMN + 2)
    body = wrap(text, width, initial_indent=indent, subsequent_indent=indent)
    if len(left) <= COLUMN and body:
        body[0] = left.ljust(COLUMN + 2) + body[0].lstrip()
        yield from body
    else:
        yield left
        yield from body


def notes(option: Option) -> str:
    """Return what stands behind the sentence of an option: whether it is required or repeatable, bounds and default."""
    low, high = option.bounds
    parts = []
    if option.required and option.flags:
        parts.append("required")
    if option.many and option.flags and "repeat" not in option.help.casefold():
        parts.append("repeatable")
    if high is not None:
        parts.append(f"{low or 0:g} to {high:g}")
    elif low:
        parts.append(f"at least {low:g}")
    if (default := shown_default(option)) and option.flags:
        parts.append(f"default: {default}")
    return f"[{'; '.join(parts)}]" if parts else ""


def shown_default(option: Option) -> str:
    """Return the default as it would be typed; empty if there is none to show."""
    if option.required or option.default is None or option.default is False:
        return ""
    return " ".join(map(str, option.default)) if option.many else str(option.default)
