"""What compilers need again and again, made once for each version: the standard header of C++, the classes of javac."""

import hashlib
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

from syncode.errors import EngineError
from syncode.sandbox.languages.assemble import driver
from syncode.sandbox.program import Step
from syncode.storage.caches import cache_folder

PREPARE_SECONDS = 120
"""How long making it may take (chosen here; measured: 2 s each)."""
STANDARDS = (17,)
"""Of what C++ programs are compiled as by default: few others include the header."""
HEADER = "bits/stdc++.h"
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
    return _made("cpp", command, number, _headers)


def archive(command: str, number: str) -> str | None:
    """Archive the classes that javac loads (class data sharing), so that it need not read and check them each time."""
    return _made("java", command, number, _classes)


@cache
def _made(language: str, command: str, number: str, make: Callable[[str, Path], None]) -> None:
    """Make what is kept, outside of any sandbox, from the own files of the compiler, where this one has not made it yet."""
    folder = kept(language)()
    if folder is None:
        return
    stat = Path(command).stat()
    stamp = f"{stat.st_size}-{stat.st_mtime_ns}{'-' + apart_folder() if language == 'java' else ''}"
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


def _headers(command: str, place: Path) -> None:
    for standard in STANDARDS:
        header = place / str(standard) / "standard.hpp"
        header.parent.mkdir(parents=True, exist_ok=True)
        header.write_text(f"#include <{HEADER}>\n", encoding="utf-8")
        draft = header.with_name(f"draft.{os.getpid()}")  # workers may make it side by side
        words = [command, "-O0", f"-std=c++{standard}", "-w", "-x", "c++-header", str(header), "-o", str(draft)]
        subprocess.run(words, capture_output=True, timeout=PREPARE_SECONDS, check=True)
        draft.rename(header.with_name("standard.hpp.gch"))


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
        subprocess.run(words, capture_output=True, timeout=PREPARE_SECONDS, check=True)
    draft.chmod(0o644)
    draft.rename(place / ARCHIVE)
    _apart(command, place)


APART = "SyncodeApart.java"
ASM = "java.base/jdk.internal.org.objectweb.asm=ALL-UNNAMED"
"""What the driver of Java's pairs reads classes with: a part of the JDK up to 23; where there is none, there are no pairs."""


def apart_folder() -> str:
    """Return how the folder of that driver's classes is called, which depends on its text."""
    return f"apart-{hashlib.blake2b(driver(APART).encode(), digest_size=6).hexdigest()}"


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
        ran = subprocess.run(words, capture_output=True, timeout=PREPARE_SECONDS, check=False)
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
            subprocess.run(argv, cwd=folder, capture_output=True, timeout=PREPARE_SECONDS, check=True)
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
    return f"{number}-{sha256(driver(CRATE).encode()).hexdigest()[:8]}"


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
        subprocess.run(words, capture_output=True, timeout=PREPARE_SECONDS, check=True)
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
    place = f"{standard}/standard.hpp"
    found = _FIRST.search(text) and _find("cpp", f"{place}.gch", commands)
    return ("-include", f"{commands['shown']}/{commands['version']}/{place}") if found else ()


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
