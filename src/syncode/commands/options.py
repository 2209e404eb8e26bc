"""Turns dataclasses of settings into command-line options, one flag per field name, the same in every command."""

import functools
import inspect
import math
from collections.abc import Callable
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import typer

from syncode.errors import UsageError


@dataclass(frozen=True)
class TextField:
    """Which field of a document is its text."""

    text_field: str | None = field(
        default=None,
        metadata={
            "metavar": "NAME",
            "help": "The field that holds the text of a document, if not `text`; `a.b` for one inside.",
        },
    )


_PASSED_ON = ("min", "max", "metavar")
_PLACEHOLDERS = {"int": "N", "float": "X", "str": "TEXT"}
_WIDTH = 100  # columns of help where the terminal has them; ours


def program(command: Callable[..., None]) -> Any:
    """Return the Typer program of a command. Values have short placeholders, and its example is one line to copy."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(context_settings={"max_content_width": _WIDTH})(command)
    made = typer.main.get_command(app)
    made.help = (made.help or "").replace("\n\nExample: ", "\n\n\b\nExample: ")  # \b: the paragraph is not wrapped
    for option in made.params:
        if option.opts[0].startswith("-") and option.metavar is None and option.type.name.split()[0] in _PLACEHOLDERS:
            option.metavar = _PLACEHOLDERS[option.type.name.split()[0]]
    return made


def flat(command: Callable[..., None]) -> Callable[..., None]:
    """Return the command with each dataclass parameter spread into one Typer parameter per field.

    A field's metadata may hold `help`, `min`, `max`, `metavar`, `flag` (default: its name with dashes), `short` and
    `argument` (positional). Lists and tuples become repeatable options. A bool is a flag without a `--no-` form.
    """
    kinds = get_type_hints(command, include_extras=True)
    groups = {name: kind for name, kind in kinds.items() if is_dataclass(kind)}
    spread: list[inspect.Parameter] = []
    for name, parameter in inspect.signature(command).parameters.items():
        if name in groups:
            hints = get_type_hints(groups[name])
            spread += [_parameter(item, hints[item.name]) for item in fields(groups[name])]
        else:
            spread.append(parameter.replace(annotation=kinds[name], kind=inspect.Parameter.KEYWORD_ONLY))

    @functools.wraps(command)
    def flattened(**values: Any) -> None:
        for name, value in values.items():
            if isinstance(value, float) and not math.isfinite(value):  # `nan` passes every comparison with min and max
                raise UsageError(f"--{name.replace('_', '-')} {value}: expected a finite number")
        for name, group in groups.items():
            hints = get_type_hints(group)
            given = {item.name: _as_declared(values.pop(item.name), hints[item.name]) for item in fields(group)}
            values[name] = group(**given)  # type: ignore[operator]
        command(**values)

    flattened.__signature__ = inspect.Signature(spread)  # type: ignore[attr-defined]
    flattened.__annotations__ = {parameter.name: parameter.annotation for parameter in spread}
    return flattened


def _as_declared(value: Any, kind: Any) -> Any:
    """Typer knows lists only, and None for one that was not given."""
    origin = get_origin(kind)
    return origin(value or ()) if origin in (list, tuple) else value


def _parameter(item: "Field[Any]", kind: Any) -> inspect.Parameter:
    settings = dict(item.metadata)
    text = settings.get("help", "")
    default: Any = item.default_factory() if item.default_factory is not MISSING else item.default
    if get_origin(kind) in (list, tuple):
        kind = list[get_args(kind)[0]] | None  # type: ignore[misc]
        default = list(default) or None
    if settings.get("argument"):
        info: Any = typer.Argument(help=text, metavar=f"[{item.name.upper()}]...", show_default=False)
    else:
        flags = [settings[key] for key in ("short",) if key in settings]
        flags.append(settings.get("flag", "--" + item.name.replace("_", "-")))
        passed_on = {key: settings[key] for key in _PASSED_ON if key in settings}
        shown = default is not MISSING and default is not False and default not in (None, "")
        info = typer.Option(*flags, help=text, show_default=shown, **passed_on)
    return inspect.Parameter(
        item.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=inspect.Parameter.empty if default is MISSING else default,
        annotation=Annotated[kind, info],
    )
