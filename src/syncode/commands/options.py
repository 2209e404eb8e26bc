"""Turns dataclasses of settings into command-line options, one flag per field name, the same in every command.

A command is a function whose parameters are all dataclasses: `def command(flow: Flow, options: FilterOptions) -> None`.
A field's type says what is read: `str`, `int`, `float`, `bool` (a flag without a `--no-` form), `Path`, a `Literal` of strings
(choices), each also `| None` for "not given", and `tuple[X, ...]` or `list[X]` for an option that may be repeated. A field
without a default is required. Its metadata may hold

* `help`: one sentence;  `metavar`: the placeholder of the value;
* `flag`: the flag, if it is not the field's name with dashes;  `short`: a letter as `-o`;  `argument`: True for a positional;
* `min`, `max`: bounds of a number;  `choices`: the names in a table, for those that no `Literal` can list;
* `file`: what the value is, if it is a path: "reads" or "writes" (`files`: no file may be both);
* `again`: True if a value may be repeated;
* `group`: the heading in help, else the ClassVar `GROUP` of the dataclass, else "Options";
* `needs`: the field without which this one has no effect: giving it alone is an error, not silence (`refuse` for other cases).

A command that does not use all fields says so: `flow: Annotated[Flow, without("workers", "seed")]` or `only("timeout")`.
This module is light (no Typer): help is made from what it returns. `parser` hands the same options to Typer.
"""

import math
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from syncode.errors import UsageError, unknown

Command = Callable[..., None]

GROUP = "Options"
_PLACEHOLDERS = {int: "N", float: "X", str: "TEXT", Path: "PATH"}


@dataclass(frozen=True)
class Option:
    """One option or positional argument. `flags` is empty for a positional; `default` is MISSING where one must be given."""

    name: str
    kind: type
    flags: tuple[str, ...]
    default: Any
    help: str = ""
    group: str = GROUP
    many: bool = False
    choices: tuple[str, ...] = ()
    bounds: tuple[float | None, float | None] = (None, None)
    metavar: str = ""
    file: str = ""
    again: bool = False

    @property
    def required(self) -> bool:
        """Whether it must be given."""
        return self.default is MISSING

    @property
    def said(self) -> str:
        """What messages call it: the long flag, or the name of the positional."""
        return self.flags[-1] if self.flags else self.metavar

    def checked(self, value: Any) -> Any:
        """Return a value that was given. Raises UsageError for one that is not a choice, empty, nan or inf, or repeated."""
        values = value if isinstance(value, list | tuple) else (value,)
        self._refuse_repeated([str(each) for each in values])
        for each in values:
            if each == "" and self.default != "":
                raise UsageError(f"{self.said} is empty: give it a value, or leave it out")
            if self.choices and each is not None and each not in self.choices:
                raise unknown(self.name.rstrip("s").replace("_", " "), each, self.choices, self.said)
            if isinstance(each, float) and not math.isfinite(each):  # `nan` passes every comparison with min and max
                raise UsageError(f"{self.said} {each}: expected a finite number")
        return Path(value) if self.kind is Path and value is not None else value

    def _refuse_repeated(self, values: list[str]) -> None:
        """Raise UsageError for a value, or the NAME of a NAME=VALUE, that stands twice: only one of the two would count."""
        names = [value.partition("=")[0] for value in values] if "=" in self.metavar else values
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None and self.flags and not self.again:
            times = "twice" if names.count(twice) == 2 else f"{names.count(twice)} times"
            raise UsageError(f"{self.said} {twice} is given {times}, and it counts once")


@dataclass(frozen=True)
class Fields:
    """Which fields of a dataclass a command uses: those in `names`, or those not in it."""

    names: tuple[str, ...]
    inside: bool

    def __contains__(self, name: object) -> bool:
        return (name in self.names) == self.inside


def only(*names: str) -> Fields:
    """Return a mark for `Annotated`: the command uses these fields of the dataclass and no others."""
    return Fields(names, inside=True)


def without(*names: str) -> Fields:
    """Return a mark for `Annotated`: the command uses all fields of the dataclass but these."""
    return Fields(names, inside=False)


def options_of(command: Command) -> list[Option]:
    """Return the options of a command in the order of their declaration. Raises ValueError where two have one name."""
    found = [option for _, kind, used in _groups(command) for _, option in _options(kind, used)]
    names = [option.name for option in found]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"{command.__module__}: two options are called {', '.join(sorted(twice))}")
    return found


def call(command: Command, values: Mapping[str, Any]) -> None:
    """Call a command with the values of its options, by name. Raises UsageError for a value that is not a choice.

    An option that needs another one and is given without it is refused: it would have no effect.
    """
    made = {}
    for name, kind, used in _groups(command):
        given: dict[str, Any] = {}
        for item, option in _options(kind, used):
            value = option.checked(values[option.name])
            origin = get_origin(get_type_hints(kind)[item.name])
            given[item.name] = origin(value or ()) if origin in (list, tuple) else value  # Typer knows lists only
        _check_needs(kind, given, used)
        made[name] = kind(**given)
    command(**made)


def refuse(group: Any, names: Container[str], why: str) -> None:
    """Raise UsageError for a field of these that was given: it has no effect, and `why` says when ("with --rules")."""
    for item in fields(group):
        if item.name in names and getattr(group, item.name) != _default(item):
            flag = item.metadata.get("flag", f"--{item.name.replace('_', '-')}")
            raise UsageError(f"{'SOURCE' if item.metadata.get('argument') else flag} has no effect {why}")


def _check_needs(kind: type, given: Mapping[str, Any], used: Container[str]) -> None:
    options = {item.name: option for item, option in _options(kind, used)}
    for item, option in _options(kind, used):
        needed = str(item.metadata.get("needs"))
        if needed in given and not given[needed] and given[item.name] not in (_default(item), None, (), []):
            raise UsageError(f"{option.said} has no effect without {options[needed].said}")


def _groups(command: Command) -> Iterator[tuple[str, type, Container[str]]]:
    """Yield parameter, dataclass and the fields that are used, for each parameter of a command."""
    for name, kind in get_type_hints(command, include_extras=True).items():
        if name == "return":
            continue
        used: Container[str] = without()
        if get_origin(kind) is Annotated:
            kind, used = get_args(kind)
        if not (isinstance(kind, type) and is_dataclass(kind)):
            raise TypeError(f"{command.__module__}: the parameter {name} is not a dataclass of options")
        missing = [each for each in getattr(used, "names", ()) if each not in {item.name for item in fields(kind)}]
        if missing:
            raise TypeError(f"{command.__module__}: {kind.__name__} has no {', '.join(missing)}")
        yield name, kind, used


def _options(kind: Any, used: Container[str]) -> Iterator[tuple["Field[Any]", Option]]:
    hints = get_type_hints(kind)
    for item in fields(kind):
        if item.name in used:
            yield item, _option(item, hints[item.name], getattr(kind, "GROUP", GROUP))


def _option(item: "Field[Any]", hint: Any, group: str) -> Option:
    settings = item.metadata
    many = get_origin(hint) in (list, tuple)
    inner = get_args(hint)[0] if many else hint
    if get_origin(inner) in (Union, UnionType):
        (inner,) = (part for part in get_args(inner) if part is not NoneType)
    choices = get_args(inner) if get_origin(inner) is Literal else tuple(settings.get("choices", ()))
    kind = str if choices else inner
    dashed = item.name.replace("_", "-")
    flags = (*((settings["short"],) if "short" in settings else ()), settings.get("flag", f"--{dashed}"))
    positional = settings.get("argument", False)
    metavar = "" if kind is bool else "|".join(choices) or _PLACEHOLDERS[kind]
    return Option(
        name=item.name,
        kind=kind,
        flags=() if positional else flags,
        default=_default(item),
        help=settings.get("help", ""),
        group=settings.get("group", group),
        many=many,
        choices=choices,
        bounds=(settings.get("min"), settings.get("max")),
        metavar=settings.get("metavar", item.name.upper() if positional else metavar),
        file=settings.get("file", ""),
        again=settings.get("again", False),
    )


def _default(item: "Field[Any]") -> Any:
    return item.default if item.default_factory is MISSING else item.default_factory()
