"""What is declared in a C or C++ program, as far as it matters for calls from another process."""

from dataclasses import dataclass, field, replace

from syncode.sandbox.languages.apart.c_family.types import Type

VOID = Type("void", "void")


@dataclass(frozen=True)
class Parameter:
    """One parameter. `default`: words of it if they are literals; None if there is none."""

    type: Type
    name: str = ""
    default: str | None = None
    array: bool = False


@dataclass(frozen=True)
class Function:
    """A function or method. `path`: its namespaces. `least`: how many arguments it takes at least.

    `qualifier`: "const" of a method, "static" of one that needs no object. `problem`: why it cannot be called from afar.
    """

    name: str
    result: Type = VOID
    parameters: tuple[Parameter, ...] = ()
    path: tuple[str, ...] = ()
    least: int = 0
    qualifier: str = ""
    problem: str = ""
    explicit: bool = False
    defined: bool = False
    short: bool = False

    @property
    def variants(self) -> list["Function"]:
        """The function once for each number of arguments, if defaults are more than literals; `short`: not with all of them."""
        if all(one.default != "" for one in self.parameters):
            return [self]
        plain = [replace(one, default=None) for one in self.parameters]
        counts = range(self.least, len(plain) + 1)
        return [replace(self, parameters=tuple(plain[:count]), short=count < len(plain)) for count in counts]


@dataclass
class Class:
    """A structure or class. `problem`: why nothing of it can cross, not even as a number. `held`: what members point to."""

    name: str
    path: tuple[str, ...] = ()
    members: list[tuple[Type, str, str, str]] = field(default_factory=list)  # type, name, array, initialiser
    constructors: list[Function] = field(default_factory=list)
    methods: list[Function] = field(default_factory=list)
    hidden: bool = False
    problem: str = ""
    held: set[str] = field(default_factory=set)

    @property
    def spelled(self) -> str:
        """Its name in C++."""
        return f"::{'::'.join((*self.path, self.name))}"


@dataclass
class Declared:
    """What was found. `opened`: `using` lines. `aliases`: other names of types; `typedefs`: tags that
    are names without `struct`, too. `enums`: words of the body, whether it is
    a scope of its own, words of the type behind it."""

    functions: list[Function] = field(default_factory=list)
    classes: dict[str, Class] = field(default_factory=dict)
    enums: dict[str, tuple[list[str], bool, list[str]]] = field(default_factory=dict)
    aliases: dict[str, Type] = field(default_factory=dict)
    known: dict[str, Type] = field(default_factory=dict)
    opened: list[str] = field(default_factory=list)
    typedefs: set[str] = field(default_factory=set)
    templates: set[str] = field(default_factory=set)
