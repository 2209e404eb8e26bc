"""The embedded engine: who it is, what it answers, and that nothing of it stays behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import orjson
import pytest

from syncode.engines.servers import local, weights
from syncode.engines.servers.endpoint import Endpoint
from syncode.errors import EngineError, install

DRIVER = """
import time
from syncode.engines.servers import local
with local.serve(None, 2) as endpoint:
    print(endpoint.base_url, flush=True)
    time.sleep(300)
"""
VERDICT = {
    "type": "object",
    "properties": {"label": {"enum": ["A>B", "A=B", "B>A"]}, "why": {"type": "string", "maxLength": 60}},
    "required": ["label", "why"],
    "additionalProperties": False,
}


def test_the_embedded_model_is_known_without_fetching_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(weights.OVERRIDE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert local.identify(None) == "SmolLM2-135M-Instruct.Q4_1@b179c952"
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_known_by_its_stem_and_content_not_by_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for folder in ("here", "there"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "my.v2.gguf").write_bytes(b"GGUF and so on")
    first = local.identify(str(tmp_path / "here/my.v2.gguf"))
    assert first == local.identify(str(tmp_path / "there/my.v2.gguf"))
    assert first.startswith("my.v2@")
    (tmp_path / "there/my.v2.gguf").write_bytes(b"GGUF and so forth")
    assert first != local.identify(str(tmp_path / "there/my.v2.gguf"))


def test_a_run_is_known_by_its_name_and_so_is_its_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "my-coder/export").mkdir(parents=True)
    (tmp_path / "my-coder/export/model.gguf").write_bytes(b"GGUF")
    (tmp_path / "my-coder/model.gguf").symlink_to("export/model.gguf")
    run, export = (local.identify(str(tmp_path / folder)) for folder in ("my-coder", "my-coder/export"))
    assert run == export
    assert run.startswith("my-coder@")


def test_what_is_no_model_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "notes.gguf").write_text("not at all")
    for path, complaint in (
        (tmp_path / "nowhere", "no such file or folder"),
        (tmp_path, "holds no model.gguf: write one with `syncode train export`, or serve the folder with vllm:"),
        (tmp_path / "notes.gguf", "is not a GGUF file"),
    ):
        with pytest.raises(EngineError, match=complaint), local.serve(str(path)):
            pass


def test_no_more_processors_than_the_container_has() -> None:
    assert 1 <= local.processors() <= (os.cpu_count() or 1)


def test_a_missing_system_library_is_one_line_with_the_remedy(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    complaint = "libgomp.so.1: cannot open shared object file: No such file or directory"
    (tmp_path / "xllamacpp.py").write_text(f"raise ImportError({complaint!r})")
    (tmp_path / "model.gguf").write_bytes(b"GGUF")
    code = f"from syncode.engines.servers import local\nwith local.serve({str(tmp_path)!r}): pass"
    variables = {**os.environ, "PYTHONPATH": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = subprocess.run([sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=False)
    last = done.stderr.strip().splitlines()[-1]
    assert complaint in last
    assert f"{install('local')}` and the system's libgomp1" in last


@pytest.fixture(scope="module")
def embedded() -> Iterator[Endpoint]:
    pytest.importorskip("xllamacpp")
    with local.serve(None, 4) as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def client(embedded: Endpoint) -> Iterator[Any]:
    from openai import OpenAI

    with OpenAI(base_url=embedded.base_url, api_key="none", max_retries=0) as opened:
        yield opened


def ask(client: Any, text: str, **more: Any) -> Any:
    return client.chat.completions.create(
        model="SmolLM2-135M-Instruct.Q4_1@b179c952", messages=[{"role": "user", "content": text}], **more
    )


@pytest.mark.slow
def test_a_real_model_answers_with_its_chat_template(embedded: Endpoint, client: Any) -> None:
    reply = ask(client, "What is the capital of France? Answer with one word.", max_tokens=20, temperature=0)
    assert "Paris" in reply.choices[0].message.content
    assert reply.choices[0].finish_reason == "stop"  # the end of the turn is known, so the template is at work
    assert reply.model == embedded.identity
    assert reply.usage.prompt_tokens > 12


@pytest.mark.slow
def test_samples_differ_by_seed_and_repeat_with_it(client: Any) -> None:
    one, two, other = (ask(client, "Invent a name.", max_tokens=24, temperature=1.0, seed=seed) for seed in (1, 1, 2))
    texts = [reply.choices[0].message.content for reply in (one, two, other)]
    assert texts[0] == texts[1] != texts[2]


@pytest.mark.slow
def test_a_json_schema_is_honoured(client: Any) -> None:
    answer_format = {"type": "json_schema", "json_schema": {"name": "verdict", "schema": VERDICT}}
    prompt = "Which answer is better? A: 2+2=5. B: 2+2=4."
    reply = ask(client, prompt, max_tokens=160, temperature=0.7, seed=3, response_format=answer_format)
    verdict = orjson.loads(reply.choices[0].message.content)
    assert verdict.keys() == {"label", "why"}
    assert verdict["label"] in ("A>B", "A=B", "B>A")


@pytest.mark.slow
def test_more_requests_than_slots_are_all_answered(client: Any) -> None:
    with ThreadPoolExecutor(12) as pool:
        replies = list(pool.map(lambda number: ask(client, f"Say {number}.", max_tokens=4), range(12)))
    assert all(reply.choices[0].message.content for reply in replies)


@pytest.mark.slow
def test_a_prompt_beyond_the_context_is_an_error_of_that_request_alone(client: Any) -> None:
    from openai import BadRequestError

    with pytest.raises(BadRequestError, match=r"exceeds the available context size \(4096 tokens\)"):
        ask(client, "word " * 5000, max_tokens=4)
    assert ask(client, "Say yes.", max_tokens=4).choices[0].message.content


def processes_of(marker: str) -> list[str]:
    """Return the command lines that hold the marker."""
    lines = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes().replace(b"\0", b" ").decode()
        except OSError:  # ended meanwhile
            continue
        if marker in line:
            lines.append(line)
    return lines


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_two_servers_at_once_have_their_own_ports_and_neither_outlives_its_owner(
    tmp_path: Path, number: signal.Signals
) -> None:
    pytest.importorskip("xllamacpp")
    model = tmp_path / "mine.gguf"  # a name of its own tells these servers from all others on the machine
    model.symlink_to(weights.find_embedded())
    variables = {**os.environ, weights.OVERRIDE: str(model)}
    pair = [
        subprocess.Popen(
            [sys.executable, "-c", DRIVER], env=variables, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        for _ in range(2)
    ]
    addresses = {process.stdout.readline() for process in pair if process.stdout}
    assert len(addresses) == 2
    assert len(processes_of(str(model))) == 4  # a server and its warden each
    for process in pair:
        process.send_signal(number)
        process.wait(60)
    deadline = time.monotonic() + 60
    while processes_of(str(model)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes_of(str(model)) == []


@pytest.mark.slow
def test_a_broken_model_is_one_clear_error(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(weights.find_embedded().read_bytes()[:20_000_000])
    with pytest.raises(EngineError) as caught, local.serve(str(cut)):
        pass
    text = str(caught.value)
    assert "\n" not in text
    assert "data is not within the file bounds, model is corrupted or incomplete (log: " in text
