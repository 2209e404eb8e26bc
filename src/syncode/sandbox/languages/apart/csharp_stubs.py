"""Members of classes in C# that ask for what they do in the process of the answer."""

from dataclasses import dataclass
from typing import NamedTuple


class Kind(NamedTuple):
    """A type as a declaration names it, and as an expression does: mcs reads no tuples there."""

    declared: str
    said: str


Parameter = tuple[str, Kind, str, str]
"""What stands before, the type, the name, the value if none is given."""
NOTHING = Kind("void", "object")


@dataclass
class Class:
    """A class, by its full name and its own; what objects are made with and do, None if tests can have none."""

    owner: str
    name: str
    made: list[str] | None

    def complete(self) -> list[str]:
        """Return the members of objects; what every object can do is not asked of the answer."""
        made = self.made or []
        makers = [] if any(each.startswith((f"public {self.name}(", f"{self.name}(")) for each in made) else [
            asking(self, NOTHING, ".ctor", [], False) + " }"
        ]  # fmt: skip
        refused = f'throw global::SyncodeApart.Refused("{self.name}");'
        return [
            "int syncode_number;",
            f"public override bool Equals(object other) {{ {refused} }}",
            f"public override int GetHashCode() {{ {refused} }}",
            f"public override string ToString() {{ {refused} }}",
            *makers,
            *made,
        ]


def asking(own: Class, back: Kind, name: str, parameters: list[Parameter], static: bool) -> str:
    """Return a method that asks for what it does, up to the brace that ends it."""
    kinds = ", ".join(f"typeof({kind.said})" for _, kind, _, _ in parameters)
    given = ", ".join(each for _, _, each, _ in parameters)
    taken = ", ".join(f"{before}{kind.declared} {each}{value}" for before, kind, each, value in parameters)
    maker = name == ".ctor"
    asked = (
        f'global::SyncodeApart.Call<{"int" if maker else back.said}>("{own.owner}", "{name}", '
        f"new global::System.Type[] {{ {kinds} }}, new object[] {{ {given} }}, "
        f"{-1 if static or maker else 'this.syncode_number'});"
    )
    if maker:
        return f"public {own.name}({taken}) {{ this.syncode_number = {asked}"
    fixed, give = "static " if static else "", "" if back is NOTHING else "return "
    return f"public {fixed}{back.declared} {name}({taken}) {{ {give}{asked}"
