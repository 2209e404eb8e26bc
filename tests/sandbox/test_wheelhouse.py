"""Packages from a folder of wheels: installed once, offline, and seen by programs."""

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from syncode.errors import UsageError
from syncode.sandbox import Isolation, Sandbox
from syncode.sandbox.shown import wheels
from syncode.sandbox.wheelhouse import DONE, absent, installed


def wheel(folder: Path, name: str, version: str, text: str) -> None:
    """Write a wheel of one module."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}/__init__.py": text,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in (*files, f"{info}/RECORD"))
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as made:
        for path, content in files.items():
            made.writestr(path, content)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_programs_see_what_was_installed(cache: Path, tmp_path: Path, isolation: Isolation) -> None:
    wheel(tmp_path, "sampletools", "1.0", "def triple(n): return 2 * n\n")
    wheel(tmp_path, "sampletools", "1.1", "def triple(n): return 3 * n\n")
    place = installed(str(tmp_path))
    assert place.is_relative_to(cache) and (place / DONE).exists()
    assert installed(str(tmp_path)) == place
    assert [path.name for path in place.parent.iterdir()] == [place.name]
    assert absent(["json", "sampletools.part", "no_such_module", ""], place) == ["no_such_module"]
    assert absent(["sampletools"], None) == ["sampletools"]
    program = "import os, sampletools\nprint(sampletools.triple(2), os.access(sampletools.__file__, os.W_OK))"
    bound = replace(isolation, binds=(wheels(str(place)), *isolation.binds), wheels=str(place))
    with Sandbox(bound) as opened:
        result = opened.run("python", program)
        assert (result.state, result.stdout) == ("pass", "6 False\n"), result
        assert opened.toolchain("python").endswith(f"; wheels {place.name[:8]}")
        assert "wheels" not in opened.toolchain("bash")
    with Sandbox(isolation) as opened:
        assert opened.run("python", program).state == "error"
    wheel(tmp_path, "more", "1.0", "")
    assert installed(str(tmp_path)) != place


def test_what_cannot_be_installed_is_a_usage_error_and_leaves_nothing(cache: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no \.whl file in"):
        installed(str(tmp_path))
    (tmp_path / "broken-1.0-py3-none-any.whl").write_bytes(b"no wheel")
    with pytest.raises(UsageError, match="--wheels: pip does not install"):
        installed(str(tmp_path))
    assert not list((cache / "syncode" / "wheels").iterdir())
