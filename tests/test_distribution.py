"""What is handed out: one name for pip, a wheel that works outside a clone, and messages that name the extra that is missing."""

import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from syncode.errors import DISTRIBUTION, install

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OTHERS_NAME = re.compile(
    rf"\b(?:install|inject|uvx|pipx run)\b[^\n]*?['\"\s=]syncode(?!{DISTRIBUTION[len('syncode') :]})(?![\w/.])"
)
"""Someone is asked to install `syncode`, which on the package index is another project."""
Shell = Callable[..., Any]


def texts() -> Iterator[Path]:
    """Yield the files that people read or are shown, this one left out."""
    for name in (
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "justfile",
        "constraints.txt",
        "pyproject.toml",
        ".ci/run",
    ):
        if (ROOT / name).exists():
            yield ROOT / name
    for folder in ("src", "docs", "scripts", "benchmarks", "tests"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path != Path(__file__) and "__pycache__" not in path.parts:
                yield path


def test_the_distribution_has_one_name() -> None:
    assert PROJECT["name"] == DISTRIBUTION != "syncode"
    assert PROJECT["scripts"] == {"syncode": "syncode.cli:main"}


def test_nobody_is_asked_to_install_the_other_project() -> None:
    for asked in (
        "pip install syncode",
        "pip install 'syncode[local]'",
        'python -m pip install -U "syncode[train]"',
        "uv tool install syncode\n",
    ):
        assert OTHERS_NAME.search(asked), asked
    for fine in (install("local"), "uv tool install syncode_toolchain-0.1.0-py3-none-any.whl", "install src/syncode/x"):
        assert not OTHERS_NAME.search(fine), fine
    lines = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in texts()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if OTHERS_NAME.search(line)
    ]
    assert not lines, "\n".join(lines)


def test_every_extra_that_a_message_names_exists() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    named = set(re.findall(r"""\binstall\(['"](\w+)['"]\)""", source))
    assert {"local", "train", "demo"} <= named <= set(PROJECT["optional-dependencies"])


@pytest.mark.parametrize(
    ("extra", "part", "arguments"),
    [
        ("local", "xllamacpp", ["generate", "tasks.jsonl", "--model", "local"]),
        ("train", "deepspeed", ["train", "rows.jsonl", "--lr", "1e-5", "-o", "run"]),
        ("train", "jinja2", ["train", "rows.jsonl", "--lr", "1e-5", "-o", "run"]),
        ("demo", "torch", ["demo", "--quick"]),
    ],
)
def test_a_missing_extra_is_named_before_any_work(extra: str, part: str, arguments: list[str], tmp_path: Path) -> None:
    (tmp_path / "tasks.jsonl").write_text('{"id":"t","messages":[{"role":"user","content":"Hi."}]}\n')
    (tmp_path / "rows.jsonl").write_text(
        '{"id":"r","messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}\n'
    )
    code = f"import sys; sys.modules[{part!r}] = None; from syncode import cli; sys.exit(cli.run({arguments!r}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (4, "")
    assert install(extra) in done.stderr and done.stderr.count("\n") == 1, done.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the wheel and the sdist, and `unpacked`, the sdist with a wheel of its own in `dist`."""
    folder = tmp_path_factory.mktemp("built")
    build = [sys.executable, "-m", "hatchling", "build"]
    subprocess.run([*build, "-d", str(folder)], cwd=ROOT, check=True, capture_output=True)
    (sdist,) = folder.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    (source,) = (folder / "unpacked").iterdir()
    subprocess.run([*build, "-t", "wheel", "-d", str(folder / "again")], cwd=source, check=True, capture_output=True)
    return folder


def test_the_wheel_holds_every_file_of_the_package_and_the_sdist_makes_the_same_one(built: Path) -> None:
    (wheel,), (again,) = built.glob("*.whl"), (built / "again").glob("*.whl")
    assert wheel.name.startswith(f"{DISTRIBUTION.replace('-', '_')}-")
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    files = (path for path in (ROOT / "src" / "syncode").rglob("*") if path.is_file() and path.suffix != ".pyc")
    assert {str(path.relative_to(ROOT / "src")) for path in files} <= held
    assert again.read_bytes() == wheel.read_bytes()


def test_the_wheel_works_outside_a_clone(built: Path, tmp_path: Path, shell: Shell) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    (tmp_path / "tool.py").write_text("def add(a, b):\n    return a + b\n" * 8)
    (tmp_path / "program.jsonl").write_text(
        '{"code":"def f(): return 1","tests":"assert f() == 1","language":"python"}\n'
    )
    script = """
        set -e
        syncode() { python -P -m syncode "$@"; }
        python -P -c 'import syncode; print(syncode.__file__)'
        syncode crawl tool.py | syncode classify | syncode filter | syncode dedup -o clean.jsonl
        syncode tasks arena -o tasks.jsonl
        syncode generate tasks.jsonl --model mock --name base -o base.jsonl
        syncode generate tasks.jsonl --model mock --name tuned --seed 2 -o tuned.jsonl
        syncode judge tuned.jsonl base.jsonl --tasks tasks.jsonl --baseline base --model mock -o verdicts.jsonl
        syncode leaderboard verdicts.jsonl --format html --allow-missing -o board.html
        syncode agree sample verdicts.jsonl --tasks tasks.jsonl --answers base.jsonl --answers tuned.jsonl \\
          --page sheet.html -o sheet.csv
        syncode execute program.jsonl | grep -o '"state":"[a-z]*"'
        ls
    """
    ran = shell(script, extra={"PYTHONPATH": str(tmp_path / "site")})
    assert ran.code == 0, ran.err.decode()
    package, passed, *made = ran.out.decode().splitlines()
    assert Path(package) == tmp_path / "site" / "syncode" / "__init__.py"
    assert passed == '"state":"pass"'
    assert {"clean.jsonl", "verdicts.jsonl", "board.html", "sheet.csv", "sheet.html"} <= set(made)
