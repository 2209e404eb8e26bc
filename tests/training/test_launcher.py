"""Real runs of a tiny model through the deepspeed launcher with two ranks: parity, resume, signals, export."""

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.conftest import environment
from tests.training import tiny

from syncode.training import launch

pytest.importorskip("deepspeed", reason="the extra [train] is not installed")
pytestmark = pytest.mark.slow

ROUGH, GOOD, SIZE, STEPS = 21, 9, 6, 40
OPTIONS = {
    "--lr": "1e-3",
    "--warmup-steps": "5",
    "--batch-size": str(SIZE),
    "--max-steps": str(STEPS),
    "--max-len": "128",
}
EXACT = ("--precision", "fp32")
WHOLE = "the whole é"  # a path with a blank and a letter beyond ASCII
WAIT = 150.0  # seconds that a run may take before the test calls it hung; ours


def command(run: str, *more: str) -> list[str]:
    if "--resume" in more:  # everything else stands in the run's folder
        return [sys.executable, "-m", "syncode", "train", "-o", run, *more]
    syncode = [sys.executable, "-m", "syncode", "train", "rough.jsonl", "--then", "good.jsonl", "--model", "base"]
    usual = [word for pair in OPTIONS.items() if pair[0] not in more for word in pair]
    return [*syncode, "-o", run, *usual, *more]


def train(folder: Path, run: str, *more: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        command(run, *more), cwd=folder, env=environment(), capture_output=True, timeout=WAIT, check=False
    )


def started(folder: Path, run: str, *more: str) -> "subprocess.Popen[bytes]":
    """Start a run whose output is read unbuffered: `communicate` knows nothing of lines that `readline` has read ahead."""
    pipe = subprocess.PIPE
    return subprocess.Popen(command(run, *more), cwd=folder, env=environment(), stdout=pipe, stderr=pipe, bufsize=0)


def comparable(raw: bytes) -> list[list[Any]]:
    """Return what of the Step rows does not depend on the clock."""
    return [[row[key] for key in ("step", "loss", "lr", "grad_norm", "tokens", "applied")] for row in rows(raw)]


def rows(raw: bytes) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in raw.splitlines()]


def told(done: "subprocess.CompletedProcess[bytes]") -> str:
    return done.stderr.decode("utf-8", "replace")


def weights(folder: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    found: dict[str, Any] = load_file(folder / "model.safetensors")
    return found


def ranks_alive(run: Path) -> list[str]:
    """Return the command lines of processes that work on a run: launcher, ranks, export."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            here = (entry.parent / "cwd").resolve() == run.parent.resolve()
        except OSError:  # ended meanwhile
            continue
        if here and f"run-dir={run.name}" in line:
            found.append(line)
    return found


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    tiny.write_model(folder / "base")
    tiny.write_rows(folder / "rough.jsonl", range(ROUGH))
    tiny.write_rows(folder / "good.jsonl", range(100, 100 + GOOD))
    return folder


@pytest.fixture(scope="module")
def whole(place: Path) -> "tuple[Path, subprocess.CompletedProcess[bytes]]":
    """A run of two stages from start to end, without a stop."""
    done = train(place, WHOLE, *EXACT)
    assert done.returncode == 0, told(done)
    return place / WHOLE, done


Whole = tuple[Path, "subprocess.CompletedProcess[bytes]"]


def reference(folder: Path, run: Path, steps: int = STEPS) -> Iterator[float]:
    """Train the same in one process with torch alone: no ranks, no DeepSpeed, each batch as the mean over its targets."""
    import torch
    from transformers import AutoModelForCausalLM

    from syncode.training import order
    from syncode.training.recipe import ADAM_BETAS, ADAM_EPSILON, Schedule
    from syncode.training.schedule import learning_rate
    from syncode.training.tokens import open_tokens

    torch.set_num_threads(1)
    model = AutoModelForCausalLM.from_pretrained(folder / "base", dtype=torch.float32)
    for stage in range(2):
        optimizer = torch.optim.AdamW(model.parameters(), betas=ADAM_BETAS, eps=ADAM_EPSILON, weight_decay=0.0)
        tokens = open_tokens(run / "tokens" / f"stage-{stage + 1}")
        per_epoch = order.steps_of_epoch(len(tokens.index), SIZE)
        for step in range(steps):
            epoch, within = divmod(step, per_epoch)
            places = order.order(tokens.index, 0, stage, epoch)[within * SIZE : (within + 1) * SIZE]
            targets = int(tokens.index["targets"][places].sum())
            optimizer.zero_grad()
            total = 0.0
            for place in places:
                ids, positions = tokens.sample(int(place))
                labels = torch.full((len(ids),), -100)
                labels[positions] = torch.from_numpy(ids[positions])
                logits = model(input_ids=torch.from_numpy(ids)[None], use_cache=False).logits[0]
                loss = torch.nn.functional.cross_entropy(logits[:-1], labels[1:], ignore_index=-100, reduction="sum")
                part: Any = loss / targets
                part.backward()
                total += float(loss.detach())
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(Schedule(1e-3, 5), step, steps)
            optimizer.step()
            yield total / targets


def test_two_ranks_learn_what_one_process_learns(place: Path, whole: Whole) -> None:
    run, done = whole
    steps = rows(done.stdout)
    assert [row["step"] for row in steps] == list(range(1, 2 * STEPS + 1))
    assert {row["mfu"] for row in steps} == {None}  # the peak of a CPU is not known
    expected = list(reference(place, run))
    for row, loss in zip(steps[:20], expected, strict=False):
        assert row["loss"] == pytest.approx(loss, rel=1e-5), row["step"]
    for row, loss in zip(steps, expected, strict=True):  # rounding grows with every update
        assert row["loss"] == pytest.approx(loss, rel=2e-3, abs=2e-4), row["step"]
    assert steps[-1]["loss"] < 0.5 * steps[0]["loss"]
    assert steps[0]["lr"] == pytest.approx(1e-3 / 5)
    assert steps[STEPS]["lr"] == pytest.approx(1e-3 / 5), "each stage has its own schedule"
    assert [steps[0]["stage"], steps[-1]["stage"]] == [1, 2]


def test_the_same_command_again_does_nothing_and_gives_the_same_bytes(place: Path, whole: Whole) -> None:
    run, first = whole
    before = {path: path.stat().st_mtime_ns for path in (run / "export").iterdir()}
    again = train(place, WHOLE, *EXACT, "--nproc", "1")  # the number of ranks is not part of the result
    assert (again.returncode, again.stdout) == (0, first.stdout)
    assert "nothing to do" in told(again)
    assert before == {path: path.stat().st_mtime_ns for path in (run / "export").iterdir()}


def test_another_recipe_or_other_rows_in_the_same_folder_are_refused_by_name(place: Path, whole: Whole) -> None:
    other = train(place, WHOLE, *EXACT, "--lr", "2e-3")
    assert other.returncode == 2
    assert "stages[0].schedule.lr = 0.001, this one would have 0.002" in told(other)
    fewer = train(place, WHOLE, *EXACT, "--limit", "20")
    assert fewer.returncode == 3
    assert "stages[0].samples = 21, this one would have 20" in told(fewer)


def test_the_export_is_the_trained_model(place: Path, whole: Whole) -> None:
    import torch
    from safetensors.torch import load_file
    from transformers import AutoModelForCausalLM, AutoTokenizer

    run, _ = whole
    kept = load_file(run / "ckpt" / f"step-{2 * STEPS:06d}" / "weights.safetensors")
    model = AutoModelForCausalLM.from_pretrained(place / "base", dtype=torch.float32)
    start = {name: value.clone() for name, value in model.named_parameters()}
    model.load_state_dict(kept, strict=False)
    exported = AutoModelForCausalLM.from_pretrained(run / "export")
    ids = torch.arange(40)[None]
    assert torch.equal(model(ids).logits, exported(ids).logits)
    assert all(not torch.equal(start[name], value) for name, value in exported.named_parameters())
    tokenizer = AutoTokenizer.from_pretrained(run / "export")
    chat = [{"role": "user", "content": "hi"}]
    text = tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
    assert text == "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n"
    assert orjson.loads((run / "export" / "generation_config.json").read_bytes())["eos_token_id"][0] == 257


def test_an_export_to_another_folder_has_the_same_bytes(place: Path, whole: Whole) -> None:
    run, _ = whole
    export = [sys.executable, "-m", "syncode", "train", "export", WHOLE, "-o", "copy"]
    done = subprocess.run(export, cwd=place, env=environment(), capture_output=True, timeout=WAIT, check=False)
    assert done.returncode == 0, told(done)
    names = sorted(path.name for path in (run / "export").iterdir())
    assert names == sorted(path.name for path in (place / "copy").iterdir())
    for name in names:
        assert (run / "export" / name).read_bytes() == (place / "copy" / name).read_bytes(), name


def test_a_terminated_run_saves_and_resumes_to_the_same_bits(place: Path, whole: Whole) -> None:
    process = started(place, "stopped", *EXACT)
    assert process.stdout is not None
    first = process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=WAIT)
    assert process.returncode == 143, err.decode()
    seen = rows(first + out)
    assert 0 < len(seen) < 2 * STEPS, "the signal came too late to test anything"
    states = list((place / "stopped" / "ckpt").glob("*/state.json"))
    assert [orjson.loads(path.read_bytes())["step"] for path in states] == [len(seen)]
    assert not ranks_alive(place / "stopped")
    again = train(place, "stopped", *EXACT)
    assert again.returncode == 0, told(again)
    assert f"from step {len(seen)} of {2 * STEPS}" in told(again)
    run, uninterrupted = whole
    assert comparable(again.stdout) == comparable(uninterrupted.stdout)
    expected = (run / "export" / "model.safetensors").read_bytes()
    assert (place / "stopped" / "export" / "model.safetensors").read_bytes() == expected


def test_kill_9_in_bf16_leaves_no_rank_and_the_run_goes_on_from_its_last_checkpoint(place: Path) -> None:
    uninterrupted = train(place, "plain")
    assert uninterrupted.returncode == 0, told(uninterrupted)
    losses = [row["loss"] for row in rows(uninterrupted.stdout)]
    exact = list(reference(place, place / "plain"))
    assert losses == pytest.approx(exact, rel=0.1, abs=0.1)  # 8 bits of mantissa
    process = started(place, "killed", "--save-every", "5")
    assert process.stdout is not None
    for _ in range(12):
        process.stdout.readline()
    process.kill()
    process.communicate(timeout=WAIT)
    deadline = time.monotonic() + 120
    while ranks_alive(place / "killed") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not ranks_alive(place / "killed")
    again = train(place, "killed", "--resume")
    assert again.returncode == 0, told(again)
    assert "from step " in told(again)
    assert comparable(again.stdout) == comparable(uninterrupted.stdout)
    expected = (place / "plain" / "export" / "model.safetensors").read_bytes()
    assert (place / "killed" / "export" / "model.safetensors").read_bytes() == expected


def test_sharded_weights_learn_the_same(place: Path) -> None:
    steps = 8
    done = train(place, "sharded", *EXACT, "--zero", "3", "--max-steps", str(steps))
    assert done.returncode == 0, told(done)
    found = rows(done.stdout)
    losses = list(reference(place, place / "sharded", steps))
    assert [row["loss"] for row in found] == pytest.approx(losses, rel=1e-4)
    uneven = [row for row in found if row["samples"] == 3]
    assert {row["micro_batches"] for row in uneven} == {2}, "3 samples on 2 ranks: one runs an empty micro-batch"
    exported = weights(place / "sharded" / "export")
    start = weights(place / "base")
    assert {name: value.shape for name, value in exported.items()} == {n: v.shape for n, v in start.items()}


def test_a_loss_that_is_not_finite_stops_the_run_with_the_samples_named(place: Path, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    for name in ("rough.jsonl", "good.jsonl"):
        shutil.copy(place / name, tmp_path / name)
    shutil.copytree(place / "base", tmp_path / "base")
    broken = load_file(tmp_path / "base" / "model.safetensors")
    broken["model.layers.0.mlp.up_proj.weight"][0, 0] = torch.nan
    save_file(broken, tmp_path / "base" / "model.safetensors", metadata={"format": "pt"})
    done = train(tmp_path, "broken", *EXACT, "--nproc", "1")
    assert done.returncode == 4, told(done)
    assert "no finite gradient" in told(done)
    assert [row["loss"] for row in rows(done.stdout)] == [None] * 3
    skipped = rows((tmp_path / "broken" / "skipped.jsonl").read_bytes())
    assert [row["step"] for row in skipped] == [1, 2, 3]
    assert all(len(row["ids"]) == SIZE for row in skipped[:3])
    assert not (tmp_path / "broken" / "export").exists()


def test_the_reason_of_a_crash_is_the_last_exception_of_this_launch(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    before = b"[rank0]: RuntimeError: an older crash\n"
    log.write_bytes(
        before
        + b"[2026-11-23 03:00:00] [INFO] cmd = python error.py\n"
        + b"[rank1]: Traceback (most recent call last):\n[rank1]:   File x\n[rank1]: torch.OutOfMemoryError: CUDA out of memory\n"
        + b"[rank0]: torch.distributed.DistBackendError: peer closed\n"
        + b"[ERROR] [launch.py] exits with return code = 1\n"
    )
    assert launch.reason(log, len(before)).startswith("torch.OutOfMemoryError: CUDA out of memory (log: ")
    log.write_bytes(before + b"cannot open shared object\n")
    assert launch.reason(log, len(before)).startswith("cannot open shared object (log: ")


def test_two_processes_cannot_train_in_one_folder(place: Path, whole: Whole) -> None:
    import fcntl

    run, _ = whole
    with (run / "run.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = train(place, WHOLE, *EXACT)
    assert done.returncode == 2
    assert "another syncode" in told(done)
    assert (run / "complete.json").exists()
