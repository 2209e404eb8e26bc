"""Go: the compiler and linker are called directly, because `go build` would compile the standard library for every program."""

import re
import shutil
import subprocess
from functools import cache
from hashlib import sha256
from pathlib import Path

from syncode import children
from syncode.errors import EngineError
from syncode.sandbox.languages.assemble import THREADS, Commands, Source, compile_step, driver, run_step
from syncode.sandbox.languages.joining import join
from syncode.sandbox.limits import Limits
from syncode.sandbox.program import Program, Step
from syncode.sandbox.shown import inner, of_system
from syncode.storage.caches import cache_folder

PREPARE_SECONDS = 600
"""How long the standard library may take to compile, once for each version of Go (chosen here; measured: 15 s with 1.19)."""
OWN = {
    "github.com/stretchr/testify/assert": ("testify.go",),
    "syncode/cross": ("cross.go", "cross_values.go", "cross_types.go", "cross_reading.go", "cross_proof.go"),
    "syncode/examine": ("examine.go",),
}
"""Packages of ours, compiled with the standard library: what published tests import, and what halves of a pair speak with."""
IMPORT = re.compile(r'^import\s*(?:\((?P<many>[^)]*)\)|(?P<one>[^\n(]*"[^"\n]+"))[^\n]*\n?', re.MULTILINE | re.DOTALL)
SPEC = re.compile(r'(?P<alias>[\w.]+)?\s*"(?P<path>[^"]+)"')
PACKAGE = re.compile(r"^package\s+\w+[^\n]*\n", re.MULTILINE)
TEST = re.compile(r"^func (Test\w*)\(\s*\w+ \*testing\.T\s*\)", re.MULTILINE)
TEXTS = re.compile(r"//[^\n]*|/\*.*?\*/|`[^`]*`|\"(?:\\.|[^\"\\\n])*\"", re.DOTALL)
MAIN = re.compile(r"^func main\(\s*\)", re.MULTILINE)
HELPED = (
    "bytes",
    "encoding/json",
    "fmt",
    "math",
    "math/rand",
    "os",
    "reflect",
    "regexp",
    "sort",
    "strconv",
    "strings",
    "testing",
    "time",
)
"""Packages imported for tests and fragments that use them without saying so, as HumanEval-X's own harness does."""


PREDECLARED = (
    "true", "false", "nil", "iota", "panic", "recover", "len", "cap", "append", "copy", "delete", "make", "new", "close", "print",
    "println", "real", "imag", "complex", "string", "int", "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32",
    "uint64", "uintptr", "float32", "float64", "complex64", "complex128", "error", "bool", "byte", "rune", "any", "comparable",
)  # fmt: skip
"""Names that Go lets a program declare anew, and that tests compare and fail with."""
_LINKED = re.compile(r"^//go:linkname\s+(\w+)[^\n]*\n", re.MULTILINE)
INSIDE = "inside"
"""The suffix of the list of packages that holds where they are inside of a sandbox, not outside."""


def shown() -> str | None:
    """Return where the compiled standard library is kept: it is made once for a version of Go.

    The folder is made where it is missing, so that a sandbox opened before `prepare` shows what comes later; None if none can
    be kept.
    """
    try:
        folder = cache_folder() / "go"
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, EngineError):
        return None
    return str(folder)


@cache
def prepare(go: str, number: str) -> str | None:
    """Compile the standard library and our testify outside of any sandbox; return what went wrong, or None.

    Nothing untrusted is read: the sources are those of the toolchain and one file of ours.
    """
    folder = shown()
    if folder is None:
        return "the standard library of Go cannot be kept: set XDG_CACHE_HOME to a folder that can be written"
    place = Path(folder) / number
    ready = place / _listing()
    if (place / f"{_listing()}.{INSIDE}").exists() and ready.exists() and not _gone(ready.read_text(encoding="utf-8")):
        return None
    try:
        place.mkdir(parents=True, exist_ok=True)
        folders = {"GOCACHE": str(place / "cache"), "GOPATH": str(place / "path"), "GOTMPDIR": str(place)}
        settings = {**folders, "GO111MODULE": "off", "GOFLAGS": "", "CGO_ENABLED": "0", "GOTOOLCHAIN": "local"}
        form = "{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}"
        listed = _call([go, "list", "-export", "-f", form, "std"], settings)
        lines = [_kept(line, place) for line in listed.splitlines() if line.startswith("packagefile ")]
        draft = place / f"{_listing()}.new"
        for name, texts in OWN.items():
            draft.write_text("\n".join([*lines, ""]), encoding="utf-8")
            lines.append(f"packagefile {name}={_compiled(go, name, texts, draft, settings)}")
        listing = "\n".join([*lines, ""])
        (place / f"{_listing()}.{INSIDE}").write_text(
            listing.replace(f"={folder}/", f"={inner('go')}/"), encoding="utf-8"
        )
        draft.write_text(listing, encoding="utf-8")
        draft.rename(ready)
    except (OSError, subprocess.SubprocessError) as error:
        return f"the standard library of Go cannot be compiled: {error}"
    return None


def _listing() -> str:
    """Return the name of the list of packages: another one for each version of ours."""
    return f"importcfg-{_digest()}"


@cache
def _digest() -> str:
    return sha256("".join(driver(name) for texts in OWN.values() for name in texts).encode()).hexdigest()[:8]


def _compiled(go: str, package: str, texts: tuple[str, ...], config: Path, settings: dict[str, str]) -> Path:
    """Compile a package of ours against those of a list; return where it is."""
    folder = config.parent / "own" / _digest() / package
    folder.mkdir(parents=True, exist_ok=True)
    for name in texts:
        (folder / name).write_text(driver(name), encoding="utf-8")
    archive = folder / "package.a"
    sources = [str(folder / name) for name in texts]
    _call([go, "tool", "compile", "-p", package, "-importcfg", str(config), "-o", str(archive), *sources], settings)
    return archive


def _gone(listing: str) -> bool:
    """Return whether a package of the list is not there any more: this version of Go has been somewhere else."""
    return not all(Path(line.partition("=")[2]).exists() for line in listing.splitlines())


def _kept(line: str, place: Path) -> str:
    """Return a line of the list, its package where it is seen inside, too: before 1.20 packages are in Go's own folder."""
    name, _, path = line.partition("=")
    if of_system(path) or Path(path).is_relative_to(place):
        return line
    copy = place / "packages" / f"{name.partition(' ')[2]}.a"
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, copy)
    return f"{name}={copy}"


def _call(command: list[str], settings: dict[str, str]) -> str:
    ran = children.run(command, PREPARE_SECONDS, ours=settings)
    if ran.returncode:
        raise subprocess.SubprocessError(f"{' '.join(command[:3])}: {ran.stderr.strip()[-300:]}")
    return ran.stdout


def go(source: Source, limits: Limits, commands: Commands) -> Program:
    """One package of two files: the text, with one merged import block and a main of ours, and the driver."""
    steps = build(("driver.go", "main.go"), limits, commands)
    return source.program({"main.go": merged(source), "driver.go": driver("driver.go")}, *steps)


def build(files: tuple[str, ...], limits: Limits, commands: Commands) -> tuple[Step, ...]:
    """Return the steps that compile, link and run the package main of these files."""
    suffix = f".{INSIDE}" if commands["shown"] == inner("go") else ""
    config = f"{commands['shown']}/{commands['version']}/{_listing()}{suffix}"
    quiet = {"GOTOOLCHAIN": "local", "GOFLAGS": "", "GO111MODULE": "off", "GOCACHE": "/tmp/go", "GOMAXPROCS": "2"}
    tool = (commands["go"], "tool")
    compiled = (*tool, "compile", "-p", "main", "-complete", "-importcfg", config, "-o", "main.a", *files)
    return (
        compile_step(compiled, limits, **quiet),
        compile_step((*tool, "link", "-s", "-w", "-importcfg", config, "-o", "program", "main.a"), limits, **quiet),
        run_step(("./program",), limits, threads=THREADS, GOMAXPROCS="2"),
    )


def merged(source: Source) -> str:
    """Return code and tests as one file: one package line, the imports that are used, our main in front of theirs."""
    code = source.code
    if MAIN.search(source.tests) or TEST.search(source.tests):
        code = MAIN.sub("func mainOfTheAnswer()", code)
    code = _LINKED.sub(
        lambda match: "" if re.search(rf"^func {match[1]}\(.*\{{", code, re.MULTILINE) else match[0], code
    )
    packages = [name for path in HELPED if re.search(rf"\b{(name := path.rpartition('/')[2])}\.", source.tests)]
    for name in (*PREDECLARED, *packages):  # what the answer calls so would take its place in the tests
        declared = rf"^(?:func|const|var|type)\s+(?:\w+\s*,\s*)*{name}\b|^(?:const|var|type)\s*\([^)]*^\s*{name}\b"
        if re.search(rf"\b{name}\b", source.tests) and re.search(declared, code, re.MULTILINE):
            code = re.sub(rf"(?<![\w.]){name}\b", f"{name}OfTheAnswer", code)
    text = join(code, source.tests)
    imports: dict[tuple[str, str], None] = {}
    for match in IMPORT.finditer(text):
        for spec in SPEC.finditer(match["many"] or match["one"]):
            imports[(spec["alias"] or "", spec["path"])] = None
    body = PACKAGE.sub(_emptied, IMPORT.sub(_emptied, text))
    helped = source.tests if PACKAGE.search(source.code) else text  # a whole file has to bring its own imports
    helped = TEXTS.sub("", helped)
    brought = {path for alias, path in imports if alias in ("", path.rpartition("/")[2])}
    for path in HELPED:
        if path not in brought and re.search(rf"\b{path.rsplit('/', 1)[-1]}\.", helped):
            imports["", path] = None
    tests = TEST.findall(body)
    if tests:
        imports["", "testing"] = None
        body = MAIN.sub("func mainOfTheAnswer()", body)
        listed = ", ".join(f'{{Name: "{name}", F: {name}}}' for name in dict.fromkeys(tests))
        body += f"\nfunc mainOfTheTests() {{ syncodeTests([]testing.InternalTest{{{listed}}}) }}\n"
    elif MAIN.search(body):
        body = MAIN.sub("func mainOfTheTests()", body)
    else:
        body += "\nfunc mainOfTheTests() {}\n"
    bare = TEXTS.sub("", body)
    lines = "".join(f"import {alias} {quoted(path)}; " for alias, path in imports if used(alias, path, bare))
    total = (len(dict.fromkeys(tests)) or 1) * source.least("go") if source.tests else -1
    waits = "true" if re.search(r"\bgo\s+(?:func\b|\w+[.(])", TEXTS.sub("", source.tests)) else "false"
    return f"package main; {lines}{body}\nfunc main() {{ mainOfTheTests(); syncodeFinish({total}, {waits}) }}\n"


def _emptied(match: re.Match[str]) -> str:
    """Return no more than the ends of lines, so that those of the answer keep their numbers."""
    return "\n" * match[0].count("\n")


def quoted(path: str) -> str:
    """Return a path as an import names it."""
    return f'"{path}"'


def used(alias: str, path: str, body: str) -> bool:
    """An import that nothing uses is an error in Go; the answer and the tests may each bring their own."""
    if alias in ("_", "."):
        return True
    name = alias or re.sub(r"^v\d+$", "", path.rsplit("/", 1)[-1]) or path.split("/")[-2]
    return re.search(rf"\b{re.escape(name)}\.", body) is not None
