"""What compilers need again and again, made once for each version: headers of C++, parts of drivers, the classes of javac."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from syncode import children
from syncode.errors import EngineError
from syncode.sandbox.languages.assemble import driver
from syncode.sandbox.languages.toolchains import locate
from syncode.sandbox.program import Step
from syncode.storage.caches import cache_folder

PREPARE_SECONDS = 120
"""How long making it may take (chosen here; measured: 2 s each)."""
LAYOUT = 2
"""Which files are made; counted up if that changes."""
STANDARDS = (17,)
"""Of what C++ programs are compiled as by default: few others include the header."""
HEADER = "bits/stdc++.h"
HEAVY = ("filesystem", "future", "thread", "regex", "mutex", "shared_mutex", "condition_variable", "codecvt", "execution",
         "charconv", "memory_resource", "scoped_allocator", "valarray", "random")  # fmt: skip
"""Headers of the standard one that most programs do without: loading all takes 0.22 s of CPU, the rest 0.10 s (measured here)."""
HEAVY_NAMES = re.compile(
    rf"{'|'.join(HEAVY)}|match|lock|once|promise|async|task|launch|cv_status|convert|_chars|chars_format|pmr|_resource|allocator"
    r"|slice|_array|distribution|_engine|random|mt19937|minstd|ranlux|knuth|seed_seq|canonical|path|directory|syntax|adopt|defer"
)
"""Parts of the names of all that those declare: a program with one of them, wherever it stands, gets all headers."""
ARCHIVE = "compiler.jsa"
_FIRST = re.compile(
    r"\A(?:\s|//[^\n]*|/\*.*?\*/|#\s*include\s*<[\w./+]+>|#\s*pragma\s+once)*?#\s*include\s*<bits/stdc\+\+\.h>",
    re.DOTALL,
)
"""It stands in front of everything but other headers: then it may as well come first."""


def kept(language: str) -> Callable[[], str | None]:
    """Return the function that returns where a language's are kept, and makes the folder; None if none can be kept."""

    def shown() -> str | None:
        try:
            folder = cache_folder() / language
            folder.mkdir(parents=True, exist_ok=True)
        except (OSError, EngineError):
            return None
        return str(folder)

    return shown


def precompile(command: str, number: str) -> str | None:
    """Precompile the header; what does not work is left out, and only costs time."""
    precompile_parts(command, number, "cpp")
    return _made("cpp", command, number, _headers)


def precompile_parts(command: str, number: str, language: str = "c") -> str | None:
    """Compile the parts of drivers that are the same for all programs; those of another version of them stay."""
    folder = kept(language)()
    if folder is None:
        return None
    place = Path(folder, number)
    try:
        if not all((place / name).exists() for half in HALVES for name in _objects(language, half)):
            _parts(language, command, place)
    except (OSError, subprocess.SubprocessError):
        return None
    return None


def archive(command: str, number: str) -> str | None:
    """Archive the classes that javac loads (class data sharing), so that it need not read and check them each time."""
    return _made("java", command, number, _classes, apart_folder())


@cache
def _made(language: str, command: str, number: str, make: Callable[[str, Path], None], of: str = "") -> None:
    """Make what is kept, outside of any sandbox, from the own files of the compiler, where this one has not made it yet.

    `of`: what else it is made of, such as the text of a driver: another one has it made again.
    """
    folder = kept(language)()
    if folder is None:
        return
    stat = Path(command).stat()
    stamp = f"{stat.st_size}-{stat.st_mtime_ns}-{LAYOUT}-{of}"
    place = Path(folder, number)
    known = place / "stamp"
    try:
        if known.exists() and known.read_text(encoding="utf-8") == stamp:
            return
        place.mkdir(parents=True, exist_ok=True)
        make(command, place)
        known.write_text(stamp, encoding="utf-8")
    except (OSError, subprocess.SubprocessError):
        return


PARTS = {
    "c": ("apart.c", "apart_heap.c", "apart_giving.c", "apart_taking.c"),
    "cpp": ("apart.c", "apart_exceptions.cpp"),
}
"""Files of drivers that are compiled once, for either half of a pair."""
SHARED = ("apart.h", "apart_memory.h", "apart_blocks.h")
"""What those include."""


def _headers(command: str, place: Path) -> None:
    look = (command, "-x", "c++", "-M", "-std=c++17", "-include", HEADER, os.devnull)
    found = children.run(look, PREPARE_SECONDS, check=True)
    whole = next(Path(each) for each in found.stdout.split() if each.endswith(HEADER))
    listed = re.findall(r"^\s*#\s*include <([\w.]+)>", whole.read_text(encoding="utf-8"), re.MULTILINE)
    light = [
        f"#if __has_include(<{each}>)\n#include <{each}>\n#endif\n"
        for each in listed
        if each not in HEAVY and each not in _NEWER
    ]
    for standard in STANDARDS:
        folder = place / str(standard)
        (folder / "light/bits").mkdir(parents=True, exist_ok=True)
        (folder / "light" / HEADER).write_text("", encoding="utf-8")  # it is there already
        for name, text in (("standard.hpp", f"#include <{HEADER}>\n"), ("light.hpp", "".join(light))):
            header = folder / name
            header.write_text(text, encoding="utf-8")
            draft = header.with_name(f"draft.{os.getpid()}")  # workers may make it side by side
            words = [command, "-O0", f"-std=c++{standard}", "-w", "-x", "c++-header", str(header), "-o", str(draft)]
            children.run(words, PREPARE_SECONDS, check=True)
            draft.rename(header.with_name(f"{name}.gch"))


_NEWER = frozenset(
    {
        "barrier", "bit", "compare", "concepts", "coroutine", "expected", "flat_map", "flat_set", "format", "generator", "latch",
        "mdspan", "numbers", "print", "ranges", "semaphore", "source_location", "span", "spanstream", "stacktrace", "stdfloat",
        "stop_token", "syncstream", "version",
    }
)  # fmt: skip
"""Headers of later standards."""


def _parts(language: str, command: str, place: Path) -> None:
    with TemporaryDirectory() as folder:
        for name in (*PARTS[language], *SHARED):
            Path(folder, name).write_text(driver(name), encoding="utf-8")
        place.mkdir(parents=True, exist_ok=True)
        for half, options in HALVES.items():
            for name, made in zip(PARTS[language], _objects(language, half), strict=True):
                draft = place / f"draft.{os.getpid()}"
                kind = "c++" if name.endswith("pp") else "c"
                words = [command, "-c", "-O1", "-w", *options, "-x", kind, str(Path(folder, name)), "-o", str(draft)]
                children.run(words, PREPARE_SECONDS, check=True)
                draft.rename(place / made)


HALVES = {"tests": ("-DSYNCODE_TESTS",), "answer": ()}
"""How the parts of each half are compiled."""


@cache
def _objects(language: str, half: str) -> tuple[str, ...]:
    """Return the names of the compiled parts, which say what they were made from."""
    texts = "".join(driver(name) for name in (*PARTS[language], *SHARED))
    mark = sha256(f"{texts}{HALVES}".encode()).hexdigest()[:12]
    return tuple(f"{half}-{name}-{mark}.o" for name in PARTS[language])


@cache
def linker() -> tuple[str, ...]:
    """Return the option for the linker that takes a third of the other's time (0.02 s of 0.06 s for C++), if it is here."""
    found = [locate(name) for name in ("ld.gold", "gcc")]  # a compiler from elsewhere has a linker of its own
    return ("-fuse-ld=gold",) if all(each and each[1] is None for each in found) else ()


def parts(language: str, half: str, commands: Mapping[str, str]) -> tuple[str, ...]:
    """Return the compiled parts of a half; none if they were not kept."""
    names = _objects(language, half)
    if not all(_find(language, name, commands) for name in names):
        return ()
    return tuple(f"{commands['shown']}/{commands['version']}/{name}" for name in names)


def _classes(command: str, place: Path) -> None:
    draft = place / f"draft.{os.getpid()}"
    with TemporaryDirectory() as folder:
        source = Path(folder, "SyncodeDriver.java")
        source.write_text(driver("SyncodeDriver.java"), encoding="utf-8")
        draft.unlink(missing_ok=True)
        words = [
            command,
            *(f"-J{option}" for option in QUICK),
            f"-J-XX:ArchiveClassesAtExit={draft}",
            "-d",
            folder,
            str(source),
        ]
        children.run(words, PREPARE_SECONDS, check=True)
    draft.chmod(0o644)
    draft.rename(place / ARCHIVE)
    _apart(command, place)


APART = "SyncodeApart.java"
ASM = "java.base/jdk.internal.org.objectweb.asm=ALL-UNNAMED"
"""What the driver of Java's pairs reads classes with: a part of the JDK up to 23; without it there are no pairs."""


def _digest(name: str) -> str:
    """Return what tells the text of a driver from another one."""
    return sha256(driver(name).encode()).hexdigest()[:8]


def apart_folder() -> str:
    """Return how the folder of that driver's classes is called, which depends on its text."""
    return f"apart-{_digest(APART)}"


def _apart(command: str, place: Path) -> None:
    """Compile the driver of pairs."""
    with TemporaryDirectory() as folder:
        source, made = Path(folder, APART), Path(folder, "made")
        source.write_text(driver(APART), encoding="utf-8")
        words = [
            command,
            *(f"-J{option}" for option in QUICK),
            *JAVAC,
            "--add-exports",
            ASM,
            "-d",
            str(made),
            str(source),
        ]
        ran = children.run(words, PREPARE_SECONDS)
        if ran.returncode == 0:
            made.chmod(0o755)
            shutil.rmtree(place / apart_folder(), ignore_errors=True)
            shutil.move(made, place / apart_folder())


def apart_classes(commands: Mapping[str, str]) -> str | None:
    """Return where a program finds the classes of that driver, or None."""
    found = _find("java", apart_folder(), commands)
    return f"{commands['shown']}/{commands['version']}/{apart_folder()}" if found else None


def archive_of(language: str, words: tuple[str, ...], files: Mapping[str, str], number: str) -> None:
    """Archive the classes that a compiler loads which is run as `words` of a virtual machine, on a program of these files."""

    def make(java: str, place: Path) -> None:
        draft = place / f"draft.{os.getpid()}"
        draft.unlink(missing_ok=True)
        with TemporaryDirectory() as folder:
            for name, text in files.items():
                Path(folder, name).write_text(text, encoding="utf-8")
            argv = [java, f"-XX:ArchiveClassesAtExit={draft}", *words[1:]]
            children.run(argv, PREPARE_SECONDS, folder, check=True)
        draft.chmod(0o644)
        draft.rename(place / ARCHIVE)

    _made(language, words[0], number, make)


JAVAC = ("-nowarn", "-proc:none", "-encoding", "UTF-8")
"""Options of javac: none of a program's own code is run by it."""
CRATE = "cross.rs"
"""The driver that both halves of a Rust pair are linked with."""


def library(command: str, number: str) -> str | None:
    """Compile that crate."""
    return _made("rust", command, _of_crate(number), _crate)


def _of_crate(number: str) -> str:
    """Return the name of the folder for this compiler and this text of the crate."""
    return f"{number}-{_digest(CRATE)}"


def _crate(command: str, place: Path) -> None:
    with TemporaryDirectory(dir=place) as folder:
        source, made = Path(folder, "syncode.rs"), Path(folder, "libsyncode.rlib")
        source.write_text(driver(CRATE), encoding="utf-8")
        words = [
            command,
            "--edition",
            "2021",
            "-A",
            "warnings",
            "-C",
            "debuginfo=0",
            "-C",
            "opt-level=1",
            "--crate-type",
            "rlib",
        ]
        words += ["--crate-name", "syncode", "-o", str(made), str(source)]
        children.run(words, PREPARE_SECONDS, check=True)
        made.chmod(0o644)
        made.rename(place / made.name)


def crate(commands: Mapping[str, str]) -> str | None:
    """Return where the crate is, as a program finds it; None if it is not there."""
    folder, name = kept("rust")(), f"{_of_crate(commands['version'])}/libsyncode.rlib"
    found = folder and commands.get("shown") and Path(folder, name).exists()
    return f"{commands['shown']}/{name}" if found else None


QUICK = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto")
"""For programs that are over before more optimisation, or a second thread for garbage, pays."""


def header(text: str, standard: int, commands: Mapping[str, str]) -> tuple[str, ...]:
    """Return the options that use the header for a program that includes it first, else none.

    A compiler that finds it made by another one, or with other options, reads the header itself.
    """
    if not _FIRST.search(text):
        return ()
    light = not HEAVY_NAMES.search(text) and _find("cpp", f"{standard}/light.hpp.gch", commands)
    place = f"{standard}/{'light' if light else 'standard'}.hpp"
    if not _find("cpp", f"{place}.gch", commands):
        return ()
    folder = f"{commands['shown']}/{commands['version']}/{standard}"
    return ("-include", f"{folder}/light.hpp", f"-I{folder}/light") if light else ("-include", f"{folder}/standard.hpp")


def classes(commands: Mapping[str, str], language: str = "java") -> tuple[str, ...]:
    """Return the options of the machine that runs a compiler; one that is not that of the archive leaves it alone."""
    found = _find(language, ARCHIVE, commands)
    return (f"-XX:SharedArchiveFile={commands['shown']}/{commands['version']}/{ARCHIVE}",) if found else ()


def served(step: Step, java: str, words: tuple[str, ...], options: tuple[str, ...]) -> Step:
    """Return a step of javac, Kotlin or Scala that an open compiler can do as well.

    `words` are the compiler's own; `options` those of its machine, and last its name: "javac" or a class.
    """
    *machine, name = options
    return replace(step, warm=words, server=(java, *QUICK, *machine, "SyncodeCompiler.java", name))


def _find(language: str, name: str, commands: Mapping[str, str]) -> bool:
    folder = kept(language)()
    return bool(folder and commands.get("shown")) and Path(str(folder), commands["version"], name).exists()
