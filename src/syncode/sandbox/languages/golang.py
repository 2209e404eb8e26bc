"""Go: the compiler and linker are called directly, because `go build` would compile the standard library for every program."""

import re
import shutil
import subprocess
from functools import cache
from os import environ
from pathlib import Path

from syncode.errors import EngineError
from syncode.sandbox.languages.assemble import THREADS, Commands, Source, compile_step, driver, run_step
from syncode.sandbox.languages.joining import join
from syncode.sandbox.limits import Limits
from syncode.sandbox.program import Program
from syncode.sandbox.shown import inner, of_system
from syncode.storage.caches import cache_folder

PREPARE_SECONDS = 600
"""How long the standard library may take to compile, once for each version of Go (chosen here; measured: 15 s with 1.19)."""
TESTIFY = "github.com/stretchr/testify/assert"
_IMPORT = re.compile(r'^import\s*(?:\((?P<many>[^)]*)\)|(?P<one>[^\n(]*"[^"\n]+"))[^\n]*\n?', re.MULTILINE | re.DOTALL)
_SPEC = re.compile(r'(?P<alias>[\w.]+)?\s*"(?P<path>[^"]+)"')
_PACKAGE = re.compile(r"^package\s+\w+[^\n]*\n", re.MULTILINE)
_TEST = re.compile(r"^func (Test\w*)\(\s*\w+ \*testing\.T\s*\)", re.MULTILINE)
_TEXTS = re.compile(r"//[^\n]*|/\*.*?\*/|`[^`]*`|\"(?:\\.|[^\"\\\n])*\"", re.DOTALL)
_MAIN = re.compile(r"^func main\(\s*\)", re.MULTILINE)
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
    "true", "false", "nil", "panic", "recover", "len", "cap", "append", "string", "int", "int64", "float64",
    "error", "bool", "byte", "rune", "any",
)  # fmt: skip
"""Names that Go lets a program declare anew, and that tests compare and fail with (chosen here)."""
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
    ready = place / "importcfg"
    if (place / f"importcfg.{INSIDE}").exists() and ready.exists() and not _gone(ready.read_text(encoding="utf-8")):
        return None
    try:
        place.mkdir(parents=True, exist_ok=True)
        folders = {"GOCACHE": str(place / "cache"), "GOPATH": str(place / "path"), "GOTMPDIR": str(place)}
        settings = {**environ, **folders, "GO111MODULE": "off", "GOFLAGS": "", "CGO_ENABLED": "0"}
        form = "{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}"
        listed = _call([go, "list", "-export", "-f", form, "std"], settings)
        lines = [_kept(line, place) for line in listed.splitlines() if line.startswith("packagefile ")]
        standard = place / "standard"
        standard.write_text("\n".join(lines) + "\n", encoding="utf-8")
        (place / "assert.go").write_text(driver("testify.go"), encoding="utf-8")
        archive = place / "assert.a"
        _call(
            [
                go,
                "tool",
                "compile",
                "-p",
                TESTIFY,
                "-importcfg",
                str(standard),
                "-o",
                str(archive),
                str(place / "assert.go"),
            ],
            settings,
        )
        listing = "\n".join([*lines, f"packagefile {TESTIFY}={archive}", ""])
        (place / f"importcfg.{INSIDE}").write_text(listing.replace(f"={folder}/", f"={inner('go')}/"), encoding="utf-8")
        draft = place / "importcfg.new"
        draft.write_text(listing, encoding="utf-8")
        draft.rename(ready)
    except (OSError, subprocess.SubprocessError) as error:
        return f"the standard library of Go cannot be compiled: {error}"
    return None


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
    ran = subprocess.run(command, env=settings, capture_output=True, text=True, timeout=PREPARE_SECONDS, check=False)
    if ran.returncode:
        raise subprocess.SubprocessError(f"{' '.join(command[:3])}: {ran.stderr.strip()[-300:]}")
    return ran.stdout


def go(source: Source, limits: Limits, commands: Commands) -> Program:
    """One package of two files: the text, with one merged import block and a main of ours, and the driver."""
    text = merged(source)
    suffix = f".{INSIDE}" if commands["shown"] == inner("go") else ""
    config = f"{commands['shown']}/{commands['version']}/importcfg{suffix}"
    quiet = {"GOTOOLCHAIN": "local", "GOFLAGS": "", "GO111MODULE": "off", "GOCACHE": "/tmp/go", "GOMAXPROCS": "2"}
    tool = (commands["go"], "tool")
    steps = (
        compile_step(
            (*tool, "compile", "-p", "main", "-complete", "-importcfg", config, "-o", "main.a", "driver.go", "main.go"),
            limits,
            **quiet,
        ),
        compile_step((*tool, "link", "-s", "-w", "-importcfg", config, "-o", "program", "main.a"), limits, **quiet),
        run_step(("./program",), limits, threads=THREADS, GOMAXPROCS="2"),
    )
    return source.program({"main.go": text, "driver.go": driver("driver.go")}, *steps)


def merged(source: Source) -> str:
    """Return code and tests as one file: one package line, the imports that are used, our main in front of theirs."""
    code = source.code
    if _MAIN.search(source.tests) or _TEST.search(source.tests):
        code = _MAIN.sub("func mainOfTheAnswer()", code)
    for name in PREDECLARED:  # what the answer calls so would take its place in the tests
        declared = rf"^(?:func|const|var|type)\s+(?:\w+\s*,\s*)*{name}\b|^(?:const|var|type)\s*\([^)]*^\s*{name}\b"
        if re.search(rf"\b{name}\b", source.tests) and re.search(declared, code, re.MULTILINE):
            code = re.sub(rf"(?<![\w.]){name}\b", f"{name}OfTheAnswer", code)
    text = join(code, source.tests)
    imports: dict[tuple[str, str], None] = {}
    for match in _IMPORT.finditer(text):
        for spec in _SPEC.finditer(match["many"] or match["one"]):
            imports[(spec["alias"] or "", spec["path"])] = None
    body = _PACKAGE.sub("", _IMPORT.sub("", text))
    helped = source.tests if _PACKAGE.search(source.code) else text  # a whole file has to bring its own imports
    helped = _TEXTS.sub("", helped)
    brought = {path for _, path in imports}
    for path in HELPED:
        if path not in brought and re.search(rf"\b{path.rsplit('/', 1)[-1]}\.", helped):
            imports["", path] = None
    tests = _TEST.findall(body)
    if tests:
        imports["", "testing"] = None
        body = _MAIN.sub("func mainOfTheAnswer()", body)
        listed = ", ".join(f'{{Name: "{name}", F: {name}}}' for name in dict.fromkeys(tests))
        body += f"\nfunc mainOfTheTests() {{ syncodeTests([]testing.InternalTest{{{listed}}}) }}\n"
    elif _MAIN.search(body):
        body = _MAIN.sub("func mainOfTheTests()", body)
    else:
        body += "\nfunc mainOfTheTests() {}\n"
    bare = _TEXTS.sub("", body)
    lines = "".join(f"import {alias} {_quoted(path)}\n" for alias, path in imports if _used(alias, path, bare))
    total = (len(dict.fromkeys(tests)) or source.least("go")) if source.tests else -1
    waits = "true" if re.search(r"\bgo\s+(?:func\b|\w+[.(])", _TEXTS.sub("", source.tests)) else "false"
    return f"package main\n{lines}\n{body}\nfunc main() {{ mainOfTheTests(); syncodeFinish({total}, {waits}) }}\n"


def _quoted(path: str) -> str:
    return f'"{path}"'


def _used(alias: str, path: str, body: str) -> bool:
    """An import that nothing uses is an error in Go; the answer and the tests may each bring their own."""
    if alias in ("_", "."):
        return True
    name = alias or re.sub(r"^v\d+$", "", path.rsplit("/", 1)[-1]) or path.split("/")[-2]
    return re.search(rf"\b{re.escape(name)}\.", body) is not None
