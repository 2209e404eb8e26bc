"""Plants mistakes in the source, one at a time, and shows those that the nearest tests do not notice.

Usage: python scripts/mutate.py [--n 20] [--seed 0] [PATH...]

PATH is a file or folder below src/syncode (none: all of it). The work is done in a copy of the repository with an environment of
its own, so that command lines run the changed code too. The nearest tests of a file are those that import it (if there are none,
those in the folder named like its part) and the golden command lines of its command; slow ones are left out.
Exit code 1 if a mutant survived.
"""

import argparse
import ast
import copy
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

ROOT = Path(__file__).parents[1]
SOURCE = Path("src/syncode")
SECONDS = 300  # for the tests of one mutant; a mutant that hangs them is noticed
SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.Add: ast.Sub, ast.Sub: ast.Add,
    ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """A file with one expression changed: its path below the repository, the place, and the words before and after."""

    path: Path
    line: int
    before: str
    after: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {_short(self.before)}  ->  {_short(self.after)}"


def mutants(path: Path, text: str) -> Iterator[Mutant]:
    """Yield every mutant of a file that `changed` knows; annotations and what only type checkers read stay as they are."""
    lines = text.encode().splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    for node in _expressions(ast.parse(text)):
        for other in changed(node):
            begin = starts[node.lineno - 1] + node.col_offset
            end = starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)
            before, after = text.encode()[begin:end].decode(), f"({ast.unparse(other)})"
            whole = text.encode()[:begin] + after.encode() + text.encode()[end:]
            yield Mutant(path, node.lineno, before, after, whole.decode())


def _expressions(tree: ast.AST) -> Iterator[ast.expr]:
    for name, value in ast.iter_fields(tree):
        if name in ("annotation", "returns", "decorator_list", "type_params"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.JoinedStr):
                continue  # parts of an f-string have no place of their own before Python 3.12
            if isinstance(child, ast.expr):
                yield child
            if isinstance(child, ast.AST):
                yield from _expressions(child)


def changed(node: ast.expr) -> Iterator[ast.expr]:
    """Yield the node with one mistake in it: an operator exchanged, a number off by one, a truth turned round."""
    match node:
        case ast.Compare(ops=ops):
            for place, op in enumerate(ops):
                if other := SWAPS.get(type(op)):
                    twin = copy.deepcopy(node)
                    twin.ops[place] = other()  # type: ignore[call-overload]
                    yield twin
        case ast.BinOp(op=op) | ast.BoolOp(op=op) if type(op) in SWAPS and not _text(node):
            other_node: Any = copy.deepcopy(node)
            other_node.op = SWAPS[type(op)]()
            yield other_node
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield ast.Constant(value + 1)
        case ast.Constant(value=float(value)):
            yield ast.Constant(value * 2 if value else 1.0)


def _text(node: ast.expr) -> bool:
    """Return whether a sum is one of texts, where another operator is only a crash."""
    return any(
        isinstance(part, ast.JoinedStr) or isinstance(getattr(part, "value", None), str) for part in ast.walk(node)
    )


def nearest(path: Path, root: Path) -> list[list[str]]:
    """Return the tests of a source file, as arguments of pytest: unit tests, then golden command lines."""
    parts = path.relative_to(SOURCE).with_suffix("").parts
    module = ".".join(("syncode", *(part for part in parts if part != "__init__")))
    package, _, name = module.rpartition(".")
    imports = re.compile(rf"(?:from|import) {re.escape(module)}\b|from {re.escape(package)} import [^\n]*\b{name}\b")
    folders = {"/".join(parts[:depth]) for depth in range(1, len(parts) + 1)} | set(parts[1:2])
    tests = sorted((root / "tests").rglob("test_*.py"))
    importing = [test for test in tests if imports.search(test.read_text(encoding="utf-8"))]
    beside = [test for test in tests if str(test.parent.relative_to(root / "tests")) in folders]
    units = [str(test.relative_to(root)) for test in importing or beside]
    command = next((part for part in (parts[-1], *parts[1:2]) if (root / "tests" / "cases" / part).is_dir()), None)
    cases = ["tests/test_cases.py", "-k", f"test_case and {command}/"]
    return [tests for tests in (units, cases if command else []) if tests]


def copied(folder: Path) -> Path:
    """Copy the repository to `folder` and make an environment there that runs the copy; return its Python."""
    root = folder / "repository"
    shutil.copytree(
        ROOT, root, ignore=shutil.ignore_patterns(".git", "__pycache__", "*.pyc", "pipeline*", ".venv", ".*_cache")
    )
    venv.create(folder / "environment", with_pip=False, symlinks=True)
    python = folder / "environment" / "bin" / "python"
    (packages,) = (folder / "environment" / "lib").glob("python*/site-packages")
    others = [path for path in sys.path if path and Path(path).is_dir() and Path(path) != ROOT / "src"]
    (packages / "syncode-copy.pth").write_text("\n".join([str(root / "src"), *others]) + "\n", encoding="utf-8")
    script = python.with_name("syncode")
    script.write_text(f"#!{python}\nfrom syncode.cli import main\nmain()\n", encoding="utf-8")
    script.chmod(0o755)
    return python


@dataclass(frozen=True)
class Tests:
    """Runs tests in the copy, and makes sure that they pass while nothing is changed."""

    root: Path
    python: Path
    sound: set[tuple[str, ...]] = field(default_factory=set)

    def check(self, tests: Sequence[str]) -> None:
        """Run tests on the unchanged copy, once each. Raises SystemExit if they fail: nothing could be learnt from them."""
        if tuple(tests) not in self.sound:
            if self.fail(tests):
                raise SystemExit(f"these tests fail as it is: {' '.join(tests)}")
            self.sound.add(tuple(tests))

    def fail(self, tests: Sequence[str]) -> bool:
        """Return whether the tests fail, or do not come to an end."""
        marks = ["-m", "not slow and not full and not vllm"]
        command = [str(self.python), "-B", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *marks, *tests]
        try:
            done = subprocess.run(command, cwd=self.root, capture_output=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return True
        if done.returncode not in (0, 1, 2, 5):  # 2: a test file cannot be imported; 5: all are marked as slow
            raise SystemExit(done.stdout.decode() + done.stderr.decode())
        return done.returncode in (1, 2)


def drawn(paths: Sequence[Path], count: int, seed: int) -> list[Mutant]:
    """Draw mutants: a file first, each as likely as its size, then a place in it; no file twice before all had a turn."""
    random = Random(seed)
    of_file = [found for path in paths if (found := list(mutants(path, (ROOT / path).read_text(encoding="utf-8"))))]
    chosen: list[Mutant] = []
    while len(chosen) < count and any(of_file):
        keys = {id(found): random.random() ** (1 / len(found)) for found in of_file if found}
        for found in sorted((found for found in of_file if found), key=lambda found: -keys[id(found)]):
            if len(chosen) < count:
                chosen.append(found.pop(random.randrange(len(found))))
    return chosen


def main() -> int:
    """Draw, plant, test, print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("paths", nargs="*", metavar="PATH")
    options.add_argument("--n", type=int, default=20, help="mutants to draw")
    options.add_argument("--seed", type=int, default=0)
    given = options.parse_args()
    places = [Path(path).resolve() for path in given.paths] or [ROOT / SOURCE]
    files = sorted({file for place in places for file in ([place] if place.is_file() else place.rglob("*.py"))})
    survivors = 0
    with tempfile.TemporaryDirectory(prefix="mutate-") as name:
        python, root = copied(Path(name)), Path(name) / "repository"
        run = Tests(root, python)
        for number, mutant in enumerate(drawn([file.relative_to(ROOT) for file in files], given.n, given.seed), 1):
            near = nearest(mutant.path, root)
            for tests in near:
                run.check(tests)
            (root / mutant.path).write_text(mutant.text, encoding="utf-8")
            caught = any(run.fail(tests) for tests in near)
            shutil.copyfile(ROOT / mutant.path, root / mutant.path)
            sys.stdout.write(f"{number:3} {'noticed ' if caught else 'SURVIVED' if near else 'NO TESTS'} {mutant}\n")
            sys.stdout.flush()
            survivors += not caught
    sys.stdout.write(f"seed {given.seed}: {survivors} of {given.n} mistakes were not noticed\n")
    return 1 if survivors else 0


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 60 else f"{words[:57]}..."


if __name__ == "__main__":
    sys.exit(main())
