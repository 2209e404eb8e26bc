"""Every scenario through the command line and real HTTP: rows add up, nothing hangs, exit codes are the documented ones.

`SYNCODE_SCENARIO_ROWS=1000` for the long form.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROWS = int(os.environ.get("SYNCODE_SCENARIO_ROWS", "120"))
DEADLINE = 5  # seconds, where requests stall; a busy machine must not fail the others
SECRET = "sk-planted-in-the-environment"

SCENARIOS = {
    # name: (scenario, exit codes that are right, rows that must be written at least)
    "calm": ("", {0}, ROWS),
    "latency": ('latency = { kind = "lognormal", median = 0.01, sigma = 1.0 }', {0}, ROWS),
    "storm-with-retry-after": ("status = 429\nretry_after = 0.2\nsince = 20\nuntil = 60", {0}, ROWS),
    "storm-without": ("status = 429\nsince = 20\nuntil = 30", {0}, ROWS),
    "some-500": ("status = 500\nshare = 0.3\ntimes = 1", {0}, ROWS),
    "only-500": ("status = 500", {4}, 0),
    "reset": ('kind = "reset"\nshare = 0.3\ntimes = 2', {0}, ROWS),
    "truncated": ('kind = "truncate"\nshare = 0.3\ntimes = 2', {0}, ROWS),
    "empty-choices": ('kind = "no_choices"\nshare = 0.3\ntimes = 2', {0}, ROWS),
    "wrong-model": ('kind = "wrong_model"\nshare = 0.1\ntimes = 2', {4}, 0),
    "always-the-wrong-model": ('kind = "wrong_model"', {4}, 0),
    "hangs-once": ('kind = "hang"\nshare = 0.1\ntimes = 1', {0}, ROWS),
    "hangs-for-some": ('kind = "hang"\nshare = 0.1', {4}, ROWS // 2),
    "drips-for-some": ('kind = "drip"\nshare = 0.1', {4}, ROWS // 2),
    "forbidden": (f'status = 403\nmessage = "not with {SECRET}"\nsince = 10', {4}, 0),
    "too-long-for-some": (f'status = 400\nmessage = "context of {SECRET}"\nshare = 0.2', {4}, ROWS // 2),
}


@contextmanager
def served(scenario: Path) -> Iterator[str]:
    server = subprocess.Popen(
        [sys.executable, "-m", "syncode", "mock-server", "--scenario", str(scenario)], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    try:
        yield server.stdout.readline().strip()
    finally:
        server.terminate()
        server.communicate()


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(name: str, tmp_path: Path) -> None:
    text, codes, least = SCENARIOS[name]
    kind = "" if "kind" in text else 'kind = "status"\n'
    body = text if text.startswith("latency") else f"[[fault]]\n{kind}{text}" if text else ""
    (tmp_path / "scenario.toml").write_text(f'model = "m-1"\n{body}\n')
    rows = "".join(
        json.dumps({"id": f"t{row}", "messages": [{"role": "user", "content": f"q{row}"}]}) + "\n"
        for row in range(ROWS)
    )
    (tmp_path / "tasks.jsonl").write_text(rows)
    with served(tmp_path / "scenario.toml") as model:
        command = [sys.executable, "-m", "syncode", "generate", "tasks.jsonl", "--model", model]
        deadline = DEADLINE if "hang" in text or "drip" in text else 60
        options = ["--deadline", str(deadline), "--summary", "counts.json", "--rejects", "rejects.jsonl"]
        begun = time.monotonic()
        done = subprocess.run(
            [*command, *options],
            cwd=tmp_path,
            env={**os.environ, "SYNCODE_API_KEY": SECRET},
            capture_output=True,
            text=True,
            timeout=60 + ROWS,
            check=False,
        )
    assert done.returncode in codes, done.stderr
    assert "Traceback" not in done.stderr
    written = [json.loads(line)["text"] for line in done.stdout.splitlines()]
    assert len(written) >= least
    assert set(written) <= {f"q{row}" for row in range(ROWS)}
    assert len(written) == len(set(written))
    # attempts are few and overlap: some deadlines one after the other, never one for each row
    assert time.monotonic() - begun < 100 + 4 * DEADLINE * max(1, ROWS // 100)
    if done.returncode == 0 or least:
        counts = json.loads((tmp_path / "counts.json").read_text())
        assert counts["read"] == ROWS == counts["written"] + counts["failed"] + sum(counts["dropped"].values())
        assert counts["written"] == len(written)
    for file in [path for path in tmp_path.rglob("*") if path.name != "scenario.toml" and path.is_file()]:
        assert SECRET.encode() not in file.read_bytes(), file
    assert SECRET not in done.stdout + done.stderr
