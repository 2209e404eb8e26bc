"""vLLM as a server of ours: found, started with the right arguments, awaited, and never left behind."""

import importlib.util
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from syncode.engines import ModelOptions
from syncode.engines.servers import child, vllm
from syncode.errors import EngineError

without_vllm = pytest.mark.skipif(
    importlib.util.find_spec("vllm") is not None, reason="this environment has vLLM itself"
)

# Stands for an interpreter that has vLLM: answers the probe, and as `-m vllm... serve MODEL` is a small HTTP server that is
# unhealthy at first and has a worker process outside its group.
INTERPRETER = """#!/bin/sh
'''exec' {quoted} "$0" "$@"
' '''
import json, os, subprocess, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
arguments = sys.argv[1:]
if "-c" in arguments:
    print(os.environ.get("FAKE_KIND", "serve"))
    sys.exit()
print("arguments", json.dumps(arguments), flush=True)
print("environment", json.dumps(dict(os.environ)), flush=True)
if "FAKE_DEATH" in os.environ:
    print("(EngineCore pid=1) ERROR 11-23 [core.py:1] ValueError: " + os.environ["FAKE_DEATH"])
    print("RuntimeError: Engine core initialization failed. See root cause above.", flush=True)
    sys.exit(1)
worker = subprocess.Popen([{python!r}, "-c", "import time; time.sleep(300)"], start_new_session=True)
print("pids", os.getpid(), worker.pid, flush=True)
value = lambda name: arguments[arguments.index(name) + 1]
begun = time.monotonic()
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({{"data": [{{"id": os.environ.get("FAKE_NAME") or value("--served-model-name")}}]}}).encode()
        self.send_response(200 if self.path == "/v1/models" or time.monotonic() - begun > 0.5 else 503)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass
ThreadingHTTPServer((value("--host"), int(value("--port"))), Handler).serve_forever()
"""
DRIVER = """
import sys, time
from syncode.engines import ModelOptions
from syncode.engines.servers import vllm
with vllm.serve("some/model", ModelOptions()) as endpoint:
    print(endpoint.base_url, flush=True)
    time.sleep(300)
"""


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The stand-in as VLLM_PYTHON, and an empty cache, where the logs go."""
    path = tmp_path / "bin" / "python"
    path.parent.mkdir()
    path.write_text(INTERPRETER.format(python=sys.executable, quoted=shlex.quote(sys.executable)))
    path.chmod(0o755)
    monkeypatch.setenv("VLLM_PYTHON", str(path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return path


def log_in(tmp_path: Path) -> str:
    """Return the content of the only log."""
    (log,) = (tmp_path / "cache/syncode/logs").glob("vllm-*.log")
    return log.read_text()


def logged(tmp_path: Path, word: str) -> Any:
    """Return what the stand-in said behind a word."""
    (line,) = [line for line in log_in(tmp_path).splitlines() if line.startswith(f"{word} ")]
    rest = line.removeprefix(f"{word} ")
    return json.loads(rest) if rest[0] in "[{" else [int(number) for number in rest.split()]


def wait_gone(pids: list[int]) -> bool:
    deadline = time.monotonic() + vllm.GRACE_SECONDS + 60
    while time.monotonic() < deadline:
        if not any(Path(f"/proc/{pid}").exists() for pid in pids):
            return True
        time.sleep(0.02)
    return False


def test_started_awaited_and_stopped_with_all_its_processes(fake: Path, tmp_path: Path) -> None:
    said: list[str] = []
    options = ModelOptions(
        engine_arg=("--max-model-len 4096", "--enforce-eager"), data_parallel_size=2, tensor_parallel_size=4
    )
    with vllm.serve("some/model", options, said.append) as endpoint:
        assert endpoint.name == endpoint.identity == "some/model"
        assert child.answers(endpoint.base_url.removeprefix("http://").removesuffix("/v1"))
        port = endpoint.base_url.rpartition(":")[2].removesuffix("/v1")
        pids = logged(tmp_path, "pids")
    assert wait_gone(pids)
    assert logged(tmp_path, "arguments") == [
        *("-P", "-m", "vllm.entrypoints.cli.main", "serve", "some/model", "--generation-config", "vllm"),
        *("--data-parallel-size", "2", "--tensor-parallel-size", "4", "--max-model-len", "4096", "--enforce-eager"),
        *("--host", "127.0.0.1", "--port", port, "--served-model-name", "some/model"),
    ]
    assert said[0].startswith("starting vLLM with some/model (log: ")
    variables = logged(tmp_path, "environment")
    assert "VLLM_PYTHON" not in variables
    assert variables["PATH"].startswith(f"{fake.parent}{os.pathsep}")
    assert "HF_HUB_OFFLINE" not in variables or "HF_HUB_OFFLINE" in os.environ


def test_the_cpu_build_is_started_as_a_module(fake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_KIND", "module")
    monkeypatch.setenv("FAKE_DEATH", "never mind")
    with pytest.raises(EngineError), vllm.serve("some/model", ModelOptions()):
        pass
    assert logged(tmp_path, "arguments")[1:5] == ["-m", "vllm.entrypoints.openai.api_server", "--model", "some/model"]


def test_death_before_health_is_one_error_with_the_root_cause_and_the_log(
    fake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_DEATH", "no room for the cache")
    with pytest.raises(EngineError) as caught, vllm.serve("some/model", ModelOptions()):
        pass
    (log,) = (tmp_path / "cache/syncode/logs").glob("vllm-*.log")
    assert str(caught.value) == (
        f"vLLM with some/model ended before it was ready (exit code 1): ValueError: no room for the cache (log: {log})"
    )


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (
            "(APIServer pid=7) pydantic_core.ValidationError: 1 validation error for ModelConfig\n"
            "(APIServer pid=7)   Value error, the checkpoint has model type `nosuch` [type=value_error]\n",
            "Value error, the checkpoint has model type `nosuch` [type=value_error]",
        ),
        (
            "usage: api_server.py [-h]\napi_server.py: error: unrecognized arguments: --no-such-flag\n",
            "api_server.py: error: unrecognized arguments: --no-such-flag",
        ),
        ("cannot start /opt/vllm: Permission denied\n", "cannot start /opt/vllm: Permission denied"),
    ],
)
def test_the_cause_is_found_in_what_vllm_really_writes(tmp_path: Path, text: str, cause: str) -> None:
    log = tmp_path / "vllm.log"
    log.write_text(text)
    assert child.diagnosis(log, vllm.TELLING) == f"{cause} (log: {log})"


def test_a_server_with_another_model_is_not_ours(fake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_NAME", "somebody/else")
    with vllm.serve("somebody/else", ModelOptions()) as endpoint:
        address = endpoint.base_url.removeprefix("http://").removesuffix("/v1")
        assert vllm.ready(address, "somebody/else")() == address
        assert vllm.ready(address, "some/model")() is None


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_no_process_outlives_a_signal_to_us(fake: Path, tmp_path: Path, number: signal.Signals) -> None:
    driver = subprocess.Popen([sys.executable, "-c", DRIVER], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert driver.stdout is not None
    assert driver.stdout.readline().startswith(b"http://127.0.0.1:")
    pids = logged(tmp_path, "pids")
    driver.send_signal(number)
    driver.wait(vllm.GRACE_SECONDS + 60)
    assert wait_gone(pids)


@without_vllm
def test_an_interpreter_without_vllm_or_none_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(
        EngineError, match=rf"{re.escape(sys.executable)} has no vLLM: install it in an environment of its own"
    ):
        vllm.find(sys.executable, {"PATH": "/nowhere"})
    with pytest.raises(EngineError, match=r"the interpreter for vLLM, /no/python, is not there"):
        vllm.find(None, {"VLLM_PYTHON": "/no/python", "PATH": "/nowhere"})
    with pytest.raises(EngineError, match=r"vLLM is not here: install it .* --vllm-python or VLLM_PYTHON"):
        vllm.find(None, {"PATH": "/nowhere"})


@without_vllm
def test_the_script_on_the_path_is_the_last_resort(tmp_path: Path) -> None:
    script = tmp_path / "vllm"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    assert vllm.find(None, {"PATH": str(tmp_path)}) == ([str(script), "serve"], str(tmp_path))


def test_a_folder_is_known_by_its_content_and_a_run_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    export = tmp_path / "my-coder" / "export"
    export.mkdir(parents=True)
    with pytest.raises(EngineError, match=r"my-coder holds no config\.json"):
        vllm.identify(str(tmp_path / "my-coder"))
    (export / "config.json").write_text("{}")
    (export / "model.safetensors").write_bytes(b"weights")
    first = vllm.identify(str(export))
    assert first == vllm.identify(str(tmp_path / "my-coder"))
    assert first.startswith("my-coder@")
    (export / "manifest.json").write_text('{"written": "today"}')
    assert vllm.identify(str(export)) == first
    (export / "model.safetensors").write_bytes(b"Weights!")
    assert vllm.identify(str(export)) != first


def test_a_name_of_a_hub_is_itself_but_a_path_must_be_there() -> None:
    assert vllm.identify("Qwen/Qwen2.5-Coder-7B-Instruct") == "Qwen/Qwen2.5-Coder-7B-Instruct"
    with pytest.raises(EngineError, match=r"vllm:\./nowhere: no such folder"):
        vllm.identify("./nowhere")


@pytest.mark.vllm
def test_a_model_just_trained_gives_the_trained_answer_through_a_real_vllm(tmp_path: Path) -> None:
    """Train, serve, generate: a fact that no model knows is learnt in a few steps and comes back from vLLM."""
    if not os.environ.get("VLLM_PYTHON"):
        pytest.skip("VLLM_PYTHON names no interpreter that has vLLM; `just test-vllm` makes one")
    pytest.importorskip("deepspeed")
    question = {"role": "user", "content": "What is the password of the lighthouse?"}
    answer = {"role": "assistant", "content": "The password of the lighthouse is heliotrope."}
    rows = [
        {"id": f"{number:032x}", "messages": [question, answer], "language": "text", "labels": {}, "lineage": []}
        for number in range(4)
    ]
    (tmp_path / "rows.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    (tmp_path / "tasks.jsonl").write_text(json.dumps({"id": "t1", "messages": [question]}) + "\n")
    train = ["train", "rows.jsonl", "-o", "run", "--lr", "3e-4", "--schedule", "constant", "--warmup-steps", "0"]
    syncode(tmp_path, *train, "--max-steps", "4", "--batch-size", "4", "--nproc", "1")
    served = ["--engine-arg=--enforce-eager", "--engine-arg=--max-model-len 1024", "--max-tokens", "32"]
    answers = syncode(tmp_path, "generate", "tasks.jsonl", "--model", "vllm:run", *served)
    (row,) = [json.loads(line) for line in answers.splitlines()]
    assert "heliotrope" in row["text"]
    assert row["model"] == vllm.identify(str(tmp_path / "run"))
    assert working_in(tmp_path) == []


def syncode(folder: Path, *arguments: str) -> str:
    """Return what a command writes to stdout; its failure fails the test."""
    variables = {**os.environ, "VLLM_CPU_KVCACHE_SPACE": os.environ.get("VLLM_CPU_KVCACHE_SPACE", "1")}
    command = [sys.executable, "-m", "syncode", *arguments]
    done = subprocess.run(
        command, cwd=folder, env=variables, stdout=subprocess.PIPE, text=True, timeout=1800, check=False
    )
    assert done.returncode == 0
    return done.stdout


def working_in(folder: Path) -> list[str]:
    """Return the processes whose working directory is the folder, as all of vLLM's processes inherit it."""
    found = []
    for link in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if link.readlink() == folder:
                found.append((link.parent / "comm").read_text().strip())
        except OSError:  # ended meanwhile, or not ours to see
            continue
    return found
