"""No place of the environment, the interpreter, a toolchain, a cache or the working folder decides whether programs run."""

import ctypes
import json
import os
import resource
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import syncode
from syncode.errors import EngineError
from syncode.sandbox import Cache, Isolation, Result, Sandbox, choose, shown
from syncode.sandbox.languages import LANGUAGES, toolchains
from syncode.stages.execute.bench import open_bench
from syncode.stages.execute.settings import ExecuteOptions
from syncode.storage.caches import cache_folder, kept

PR_CAPBSET_DROP = 24
"""Its number (prctl(2))."""
USER = 12345
"""An ordinary user: one without an entry in /etc/passwd, a home or a group."""
UNUSED = (
    "test",
    "idlelib",
    "ensurepip",
    "lib2to3",
    "tkinter",
    "turtledemo",
    "site-packages",
    "dist-packages",
    "config-*",
)
TOOL = """#!/bin/bash
[ "$1" = --version ] && echo 1.2.3 && exit
[ "$(cat "${0%/*}/../share/word")" = found ] && [ "$(cat PREFIX)" = found ] || exit 3
printf '?' >&4; IFS= read -r token <&3; printf '%s\\n' "$token" >&4
"""
"""A toolchain that needs a file beside itself and one where it was installed; it asks for the token as our drivers do."""
PYTHON = """
import decimal, hashlib, os, subprocess, sys
def names():
    return " ".join([sys.prefix, sys.executable, *sys.path, *os.environ.values()])
"""
TESTS = """
import xml.dom, sqlite3
assert PLACE not in names(), names()
ran = subprocess.run([sys.executable, "-c", "import ctypes, json; print(json.dumps(1))"], capture_output=True, text=True)
assert ran.stdout == "1\\n", ran.stderr
"""


def link(source: str, target: str) -> None:
    """Copy a file without its bytes where that can be done."""
    try:
        os.link(source, target, follow_symlinks=True)
    except OSError:
        shutil.copy2(source, target)


def build(place: Path) -> Path:
    """Put an interpreter, a toolchain and an environment with this syncode into a folder; return the environment's Python."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    home, library = place / "python", Path(os.__file__).parent
    shutil.copytree(library, home / "lib" / version, ignore=shutil.ignore_patterns(*UNUSED), copy_function=link)
    (home / "bin").mkdir()
    link(shown.interpreter(), str(home / "bin" / version))
    for shared in library.parent.glob("libpython*.so.*"):
        link(str(shared), str(home / "lib" / shared.name))
    (place / "tool/bin").mkdir(parents=True)
    (place / "tool/share").mkdir()
    (place / "tool/share/word").write_text("found")
    if name := absent():
        command = place / "tool/bin" / LANGUAGES[name].commands[0]
        command.write_text(TOOL.replace("PREFIX", shlex.quote(str(place / "tool/share/word"))))
        command.chmod(0o755)
    packages = place / "venv/lib" / version / "site-packages"
    packages.mkdir(parents=True)
    (packages / "path.pth").write_text("".join(f"{folder}\n" for folder in installed()))
    (place / "venv/pyvenv.cfg").write_text(f"home = {home / 'bin'}\n")
    (place / "venv/bin").mkdir()
    (place / "venv/bin/python").symlink_to(home / "bin" / version)
    return place / "venv/bin/python"


def installed() -> list[Path]:
    """Return the folders that this syncode and what it imports are in."""
    folders = [Path(folder) for folder in sys.path if Path(folder).name in ("site-packages", "dist-packages")]
    return [Path(syncode.__file__).parents[1], *folders]


def absent() -> str | None:
    """Return a language with one command that this machine does not have: ours is taken for it then."""
    names = [name for name in ("php", "ruby", "lua", "tcl", "r") if not toolchains.locate(LANGUAGES[name].commands[0])]
    return next(iter(names), None)


def run(
    python: Path, user: int | None, folder: Path, umask: int = -1, before: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `syncode execute` on the two programs as a user, in an environment of two names; `before` what the process does."""
    place = python.parents[2]
    rows = [{"id": "python", "language": "python", "code": PYTHON, "tests": TESTS.replace("PLACE", repr(str(place)))}]
    if name := absent():
        rows.append({"id": name, "language": name, "code": "x", "tests": "y"})
    path = f"{place.resolve() / 'tool/bin'}:/usr/bin:/bin"
    return subprocess.run(
        [python, "-m", "syncode", "execute", "--accept-doctor", "--no-cache"],
        input="".join(f"{json.dumps(row)}\n" for row in rows),
        env={"PATH": path, "LD_LIBRARY_PATH": str(place.resolve() / "python/lib")},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        umask=umask,
        preexec_fn=before,
        user=user,
        group=user,
        extra_groups=None if user is None else [],
    )


def passed(ran: subprocess.CompletedProcess[str]) -> None:
    """Check that both programs passed in the best isolation."""
    rows = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [row["state"] for row in rows] == ["pass"] * (2 if absent() else 1), (ran.stderr, rows)
    assert all("; cell+" in row["toolchain"] for row in rows), rows
    assert "weaker" not in ran.stderr
    assert ran.returncode == 0


PLACES = {
    "tmp": "/tmp",
    "shm": "/dev/shm",
    "opt": "/opt",
    "home": "/var/tmp",
    "spaces": "/var/tmp",
    "link": "/var/tmp",
    "own": f"{shown.STAGE}{shown.ROOM}",
}


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A folder of each kind."""
    parent = Path(PLACES[request.param])
    parent.mkdir(exist_ok=True, parents=True)
    if not os.access(parent, os.W_OK):
        pytest.skip(f"{parent} cannot be written by this user")
    with tempfile.TemporaryDirectory(prefix="syncode-place-", dir=parent, ignore_cleanup_errors=True) as made:
        Path(made).chmod(0o755)
        inner = {"home": "home", "spaces": "a b\t'é", "own": "python"}.get(request.param, "x")
        folder = Path(made, inner)
        folder.mkdir(mode=0o700 if request.param == "home" else 0o755)
        yield folder
    if request.param == "own" and not list(parent.iterdir()):
        parent.rmdir()


def users() -> list[int | None]:
    """Root and an ordinary user, where this is root and the user can read what is tested; else this user."""
    readable = all(path.stat().st_mode & 0o001 for folder in installed() for path in (folder, *folder.parents))
    return [None, USER] if os.geteuid() == 0 and readable else [None]


@pytest.mark.usefixtures("isolation")
def test_programs_run_wherever_the_environment_is(place: Path, request: pytest.FixtureRequest) -> None:
    python = build(place)
    if "[link]" in request.node.name:
        other = place / "linked"
        (place / "linked").mkdir()
        (other / "venv").symlink_to(place / "venv")
        (other / "tool").symlink_to(place / "tool")
        (other / "python").symlink_to(place / "python")
        python = other / "venv/bin/python"
    for user in users():
        if user is not None:
            os.chown(place, user, user)
        passed(run(python, user, place))


@pytest.mark.usefixtures("isolation")
def test_what_root_has_closed_to_others_is_lent_or_named(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("an ordinary user's programs are that user's")
    python = build(tmp_path)
    for path in (tmp_path, *tmp_path.rglob("*")):
        if not path.is_symlink() and not path.samefile(shown.interpreter()):
            if path.is_file():  # a file of its own: its other name must keep its mode
                content, mode = path.read_bytes(), path.stat().st_mode
                path.unlink()
                path.write_bytes(content)
                path.chmod(mode)
            path.chmod(stat.S_IMODE(path.stat().st_mode) & 0o700)
    ran = run(python, None, tmp_path, umask=0o077)
    if ran.returncode:  # a file system that cannot lend files
        assert "chmod -R go+rX" in ran.stderr
    else:
        passed(ran)


@pytest.mark.usefixtures("isolation")
def test_root_that_may_not_mount_needs_a_readable_python_only() -> None:
    if not shown.stages():
        pytest.skip("needs root with CAP_SYS_ADMIN")

    def give_up() -> None:
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, shown.CAP_SYS_ADMIN, 0, 0, 0)

    with tempfile.TemporaryDirectory(prefix="syncode-place-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        python = build(Path(folder))
        closed = run(python, None, Path(folder), before=give_up)
        assert closed.returncode == 4
        assert "chmod -R go+rX" in closed.stderr
        Path(folder).chmod(0o755)
        passed(run(python, None, Path(folder), before=give_up))


def test_a_cache_that_cannot_be_written_is_one_warning(isolation: Isolation, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    python = sys.executable
    rows = "".join(f'{{"code": "x = {number}"}}\n' for number in range(8))
    command = [python, "-m", "syncode", "execute", "--workers", "2", "--quiet", "--cache", f"{tmp_path}/file/deep.db"]
    ran = subprocess.run(command, input=rows, capture_output=True, text=True, check=False)
    assert ran.returncode == 0
    assert ran.stdout.count('"state":"pass"') == 8
    assert ran.stderr.count("results are not remembered in") == ran.stderr.count("\n") == 1
    quiet = subprocess.run([*command, "--no-cache"], input=rows, capture_output=True, text=True, check=False)
    assert (quiet.returncode, quiet.stderr) == (0, "")
    assert isolation.warning is None


def test_a_full_disk_ends_the_cache_and_not_the_run(tmp_path: Path) -> None:
    said: list[str] = []
    result = Result("pass", "", stdout="x" * 100_000)
    path = tmp_path / "executions.db"
    Cache(str(path)).put(b"one", result)
    child = os.fork()
    if child == 0:
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # Python ignores the signal: writes fail
            full = Cache(str(path), said.append)
            full.put(b"two", result)
            full.put(b"three", result)
            os._exit(len(said))
        finally:
            os._exit(99)  # a fork must never go on with the tests of its parent
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
    assert Cache(str(path)).get(b"one") == result


def test_weaker_isolation_than_could_be_had_is_said(isolation: Isolation, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = replace(isolation, binds=(*isolation.binds, shown.Bind("/nowhere", "/nowhere")))
    monkeypatch.setattr("syncode.sandbox.probe.candidates", lambda limits: iter([broken, isolation]))
    chosen = choose(isolation.limits)
    assert chosen.warning is not None
    assert chosen.warning.startswith(f"weaker isolation, {isolation.name}")
    assert "/nowhere" in chosen.warning
    said: list[str] = []
    with open_bench(ExecuteOptions(no_cache=True), {}, 1, said.append):
        pass
    assert said == [chosen.warning]


@pytest.mark.parametrize("backend", ["cell", "bwrap"])
def test_a_toolchain_finds_its_own_place_in_the_sandboxs_folders(isolation: Isolation, backend: str) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        Path(folder, "word").write_text("found")
        linked = replace(shown.tools([(folder, True)])[0], target=f"{shown.TOOLS}/99")
        with Sandbox(replace(isolation, backend=backend, binds=(*isolation.binds, linked))) as sandbox:
            result = sandbox.run(
                "bash", ":", f'[ "$(cat {folder}/word)" = found ] && ! touch {folder}/new 2> /dev/null'
            )
        assert result.state == "pass", result


def test_an_interpreter_below_a_home_shows_two_folders_of_it() -> None:
    targets = {bind.target for bind in shown.python()}
    assert targets <= {f"{shown.PYTHON}/bin/{Path(shown.interpreter()).name}", *_folders(), *_shared()}


def _folders() -> set[str]:
    return {f"{shown.PYTHON}/{name}" for name in ("lib", "lib64", "openssl")}


def _shared() -> set[str]:
    return {bind.target for bind in shown.python() if bind.target.startswith(f"{shown.PYTHON}/shared/libpython")}


@pytest.mark.parametrize(
    ("name", "alone"),
    [
        ("node-v20/bin/node", False),
        (".nvm/versions/node/v20/bin/node", False),
        ("bin/node", True),
        (".local/bin/node", True),
        ("odd/node", True),
    ],
)
def test_a_toolchain_in_a_home_shows_nothing_else_of_it(
    name: str, alone: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = tmp_path / name
    command.parent.mkdir(parents=True)
    command.write_text("#!/bin/sh\n")
    command.chmod(0o755)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(command.parent))
    monkeypatch.setattr(toolchains, "SYSTEM", "/nowhere")
    toolchains.locate.cache_clear()
    try:
        assert toolchains.locate("node") == (str(command), str(command if alone else command.parents[1]))
    finally:
        toolchains.locate.cache_clear()


def test_names_inside_do_not_depend_on_those_outside() -> None:
    binds = [shown.Bind("/tmp/a/lib", f"{shown.PYTHON}/lib"), shown.Bind("/usr", "/usr")]
    assert [bind.place("/tmp/a/lib/os.py", root) for bind in binds for root in ("", "/stage")] == [
        "/syncode/python/lib/os.py",
        "/stage/syncode/python/lib/os.py",
        None,
        None,
    ]
    assert binds[0].place("/tmp/a/library", "") is None
    assert [bind.place("/usr/bin/gcc", "/stage") for bind in binds] == [None, "/usr/bin/gcc"]


def test_the_nearest_folder_decides_where_a_path_is() -> None:
    binds = (shown.Bind("/usr", "/usr"), shown.Bind("/usr/local/closed", f"{shown.TOOLS}/0"))
    isolation = Isolation("cell", binds=binds)
    paths = ("/usr/local/closed/bin/x", "/usr/local/closedness", "/opt/x")
    assert [isolation.place(path) for path in paths] == ["/syncode/tools/0/bin/x", *paths[1:]]
    assert replace(isolation, backend="none").place(paths[0]) == paths[0]


def test_a_folder_is_linked_once() -> None:
    named = [("/a/b", "/syncode/tools/1"), ("/a", "/syncode/tools/0"), ("/syncode/x", "/syncode/tools/2")]
    assert shown.links([shown.Bind(source, target, linked=True) for source, target in named]) == {
        "/a": "/syncode/tools/0"
    }


def test_caches_are_kept_where_something_can_be_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    own = tmp_path / "temporary" / f"syncode-{os.getuid()}"
    monkeypatch.setenv("HOME", str(tmp_path / "file"))
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache_folder() == own
    assert stat.S_IMODE(own.stat().st_mode) == 0o700
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert cache_folder() == tmp_path / "cache" / "syncode"
    (own / "model").write_text("")
    assert kept("model") == own / "model"
    assert kept("other") is None
    own.rename(tmp_path / "away")
    own.write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(EngineError, match="set XDG_CACHE_HOME"):
        cache_folder()
