"""Nothing of the folder that one stands in is run, and no key is handed on, when other programs are started."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from syncode import children

PLANTED = (
    "sitecustomize", "usercustomize", "pip/__init__", "pip/__main__", "deepspeed/__init__", "deepspeed/launcher/__init__",
    "deepspeed/launcher/runner", "syncode/__init__", "syncode/__main__", "vllm/__init__", "json", "os", "typing", "orjson",
    "typer", "torch", "numpy", "xllamacpp",
)  # fmt: skip
TELLS = "import builtins\nwith builtins.open({!r}, 'a') as file:\n    file.write(__name__ + '\\n')\n"


@pytest.fixture
def mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that exists once a module of the current folder has been run."""
    mark = tmp_path / "ran"
    place = tmp_path / "place"
    for name in PLANTED:
        file = place / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(TELLS.format(str(mark)))
    monkeypatch.chdir(place)
    monkeypatch.setenv("PYTHONPATH", f"{os.environ.get('PYTHONPATH', '')}{os.pathsep}.{os.pathsep}")
    return mark


def test_modules_of_the_current_folder_are_seen_without_us(mark: Path) -> None:
    subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, check=False)
    assert mark.exists()


@pytest.mark.parametrize("name", ["pip", "deepspeed.launcher.runner", "syncode.training.worker", "syncode"])
def test_a_module_is_never_one_of_the_current_folder(mark: Path, name: str) -> None:
    environment = children.environment()
    subprocess.run(children.module(name, "--help"), env=environment, capture_output=True, timeout=120, check=False)
    again = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import orjson, torch, pip'])"
    subprocess.run(children.python("-c", again), env=environment, capture_output=True, timeout=120, check=False)
    assert not mark.exists(), mark.read_text()


def test_syncode_itself_loads_nothing_of_the_current_folder_but_its_own_package(mark: Path) -> None:
    Path("syncode/__init__.py").unlink()
    Path("syncode/__main__.py").unlink()
    Path("syncode").rmdir()
    ran = subprocess.run(
        [sys.executable, "-m", "syncode", "stats", "-"], input=b'{"text": "x"}\n', capture_output=True, check=False,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert not mark.exists() or set(mark.read_text().split()) <= {
        "sitecustomize",
        "usercustomize",
        "typing",
        "os",
        "json",
    }


@pytest.mark.parametrize(
    ("name", "handed_on"),
    [
        ("OPENAI_API_KEY", False), ("SYNCODE_API_KEY", False), ("MY_TOKEN", False), ("HF_TOKEN", False),
        ("AWS_SECRET_ACCESS_KEY", False), ("OPENAI_CUSTOM_HEADERS", False), ("DB_PASSWORD", False), ("MISTRALAPIKEY", False),
        ("aws_session_token", False), ("GOOGLE_APPLICATION_CREDENTIALS", False),
        ("PIP_INDEX_URL", True), ("TOKENIZERS_PARALLELISM", True), ("KEYBOARD", True), ("HOME", True),
        ("CUDA_VISIBLE_DEVICES", True),
    ],
)  # fmt: skip
def test_what_a_child_learns(monkeypatch: pytest.MonkeyPatch, name: str, handed_on: bool) -> None:
    monkeypatch.setenv(name, "canary")
    show = "import json, os; print(json.dumps(dict(os.environ)))"
    assert (json.loads(children.run(children.python("-c", show), 60).stdout).get(name) == "canary") is handed_on


def test_what_a_child_needs_it_keeps() -> None:
    given = {"HF_TOKEN": "a", "OPENAI_API_KEY": "b", "PATH": ".:/usr/bin::bin:/bin", "LD_LIBRARY_PATH": ""}
    made = children.environment({"A_KEY": "ours"}, children.HUB, given)
    assert made == {
        "HF_TOKEN": "a",
        "A_KEY": "ours",
        "PATH": "/usr/bin:/bin",
        "LD_LIBRARY_PATH": "",
        "PYTHONSAFEPATH": "1",
    }
