"""Reads a command line with Typer: the options of a command in, its values or one clear error out."""

import inspect
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from syncode.commands.options import Command, Option, options_of
from syncode.errors import UsageError, meant, nearest

HELP = ("-h", "--help")


def parse(name: str, command: Command, arguments: list[str]) -> dict[str, Any]:
    """Return the value of each option of a command. Raises UsageError for a command line that makes no sense."""
    made = program(command)
    with _told(name, made), made.make_context(f"syncode {name}", arguments) as context:
        return dict(context.params)


def program(command: Command) -> Any:
    """Return the Typer command that has the options of a command."""
    parameters = [_parameter(option) for option in options_of(command)]

    def values(**given: Any) -> None: ...

    values.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    values.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(cls=_Once, context_settings={"help_option_names": list(HELP)})(values)
    return typer.main.get_command(app)


class _Once(TyperCommand):
    """A command that refuses an option which counts once and is given twice; Typer would take the last one silently."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        _, _, order = self.make_parser(ctx).parse_args(args=list(args))
        given = Counter(parameter.opts[-1] for parameter in order if not parameter.multiple and parameter.nargs == 1)
        for flag, count in given.items():
            if count > 1 and flag.startswith("-"):
                raise UsageError(f"{flag} is given {'twice' if count == 2 else f'{count} times'}, and it counts once")
        return super().parse_args(ctx, args)


@contextmanager
def _told(name: str, made: Any) -> Iterator[None]:
    """Turn an error of Typer into ours."""
    try:
        yield
    except typer.TyperException as error:
        wrong = getattr(error, "option_name", None)
        flags = [flag for option in made.params for flag in option.opts if flag.startswith("--")]
        if wrong is not None and type(error).__name__ == "NoSuchOption":
            told = f"there is no option {wrong!r}{meant(nearest(wrong, flags))}"
        else:
            told = error.format_message().rstrip(".")
        raise UsageError(f"{told} (syncode {name} --help shows the options and an example)") from error


def _parameter(option: Option) -> inspect.Parameter:
    kind: Any = str if option.kind is Path else option.kind
    default = inspect.Parameter.empty if option.required else option.default
    if option.many:
        kind = list[kind] | None
        default = default if option.required else list(option.default) or None
    elif option.default is None:
        kind = kind | None
    settings: dict[str, Any] = {"help": option.help, "metavar": option.metavar or None}
    if option.choices:
        settings["autocompletion"] = _starting(option.choices)
    low, high = option.bounds
    settings |= {key: bound for key, bound in (("min", low), ("max", high)) if bound is not None}
    info: Any = typer.Option(*option.flags, **settings) if option.flags else typer.Argument(**settings)
    annotation = Annotated[kind, info]
    return inspect.Parameter(option.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _starting(choices: tuple[str, ...]) -> Callable[[str], list[str]]:
    def complete(incomplete: str) -> list[str]:
        return [choice for choice in choices if choice.startswith(incomplete)]

    return complete
