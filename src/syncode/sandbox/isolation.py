"""Which set-up programs run in, and where they find what is shown to them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from syncode.sandbox import backends, shown
from syncode.sandbox.cell import cgroup
from syncode.sandbox.languages import Ready
from syncode.sandbox.limits import Limits


@dataclass(frozen=True)
class Isolation:
    """Which set-up: `backend` one of `backends.COVERS`, memory bounded by a cgroup in these parents or by watching the tree.

    `seed`: PYTHONHASHSEED of the programs; another one shows what depends on the order of a set. `refused`: the better ones that
    this machine has and that did not start, each with its reason. `wheels`: where packages installed for programs alone are.
    """

    backend: str
    groups: cgroup.Folders | None = None
    limits: Limits = field(default_factory=Limits)
    binds: tuple[shown.Bind, ...] = ()
    seed: int = 0
    refused: tuple[str, ...] = ()
    wheels: str = ""

    @property
    def name(self) -> str:
        """What is recorded in `toolchain` of every row."""
        memory = "cgroup" if self.groups else "watched"
        return "unsafe" if self.backend == "none" else f"{self.backend}+{memory}"

    @property
    def warning(self) -> str | None:
        """What people should hear before programs are run, or None if nothing more could be had."""
        weak = [f"{self.name}: {backends.COVERS[self.backend]}"] if self.backend in backends.WEAK else []
        better = [f"weaker isolation, {self.name}, because a better one does not start:", *self.refused]
        return "\n".join([*weak, *(better if self.refused else [])]) or None

    @property
    def staged(self) -> bool:
        """Whether root puts together what programs see, before it gives up its rights."""
        return shown.stages() and self.backend != "none"

    @property
    def root(self) -> str | None:
        """What stands before the names of `shown` in front of a program; None if it sees this machine's own names."""
        if self.backend in ("cell", "bwrap"):
            return ""
        return shown.STAGE if self.staged else None

    def place(self, path: str) -> str:
        """Return where a program finds what is at `path` outside."""
        return place_of(path, self.nearest, self.root)

    @cached_property
    def nearest(self) -> tuple[shown.Bind, ...]:
        """What is shown, a folder after those in it."""
        return tuple(sorted(self.binds, key=lambda bind: -len(bind.source)))

    @cached_property
    def sites(self) -> tuple[str, ...]:
        """Where programs find the installed Python packages."""
        return tuple(self.place(bind.source) for bind in shown.sites(self.binds))

    def commands(self, tools: Ready) -> dict[str, str]:
        """Return the commands of a language, and the folder made for it as `shown`, where a program finds them."""
        prepared = tools.language.shown() if tools.language.shown else None
        found = {**tools.commands, "shown": prepared} if prepared else tools.commands
        return {name: self.place(path) for name, path in found.items()}


def place_of(path: str, nearest: Sequence[shown.Bind], root: str | None) -> str:
    """Return where a program finds what is at `path` outside; `nearest` and `root`: see `Isolation`."""
    inner = nearest if root is not None else ()
    return next((place for bind in inner if (place := bind.place(path, root or "")) is not None), path)
