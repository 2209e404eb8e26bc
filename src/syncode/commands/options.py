"""Turns dataclasses of settings into command-line options, one flag per field name, the same in every command."""

import functools
import inspect
from collections.abc import Callable
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import typer

_RANGE = ("min", "max")


def flat(command: Callable[..., None]) -> Callable[..., None]:
    """Return the command with each dataclass parameter spread into one Typer parameter per field.

    A field's metadata may hold `help`, `min`, `max`, `flag` (default: its name with dashes), `short` and `argument`
    (positional). Tuples become repeatable options. A bool is a flag without a `--no-` form.
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
        for name, group in groups.items():
            given = {item.name: values.pop(item.name) for item in fields(group)}
            values[name] = group(**{key: tuple(v) if isinstance(v, list) else v for key, v in given.items()})  # type: ignore[operator]
        command(**values)

    flattened.__signature__ = inspect.Signature(spread)  # type: ignore[attr-defined]
    flattened.__annotations__ = {parameter.name: parameter.annotation for parameter in spread}
    return flattened


def _parameter(item: "Field[Any]", kind: Any) -> inspect.Parameter:
    settings = dict(item.metadata)
    text = settings.get("help", "")
    if get_origin(kind) is tuple:
        kind = list[get_args(kind)[0]]  # type: ignore[misc]
    default = item.default if item.default is not MISSING else inspect.Parameter.empty
    if isinstance(default, tuple):
        default = list(default) or None
        kind = kind if default else kind | None
    if settings.get("argument"):
        info: Any = typer.Argument(help=text, metavar=f"[{item.name.upper()}]...", show_default=False)
    else:
        flags = [settings[key] for key in ("short",) if key in settings]
        flags.append(settings.get("flag", "--" + item.name.replace("_", "-")))
        bounds = {key: settings[key] for key in _RANGE if key in settings}
        info = typer.Option(*flags, help=text, show_default=default not in (None, False, ""), **bounds)
    return inspect.Parameter(
        item.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, info]
    )
