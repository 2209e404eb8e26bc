"""Recipes: from options, from TOML, their lock; the schedule; FLOPs; the files of a run."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.training import tiny

from syncode.errors import DataError, UsageError
from syncode.training import flops, recipe, run_folder
from syncode.training.deepspeed_config import deepspeed_config
from syncode.training.options import RunOptions, StageOptions, recipe_of
from syncode.training.recipe import Batch, Recipe, Schedule, Stage
from syncode.training.schedule import learning_rate, warmup_steps

TWO_STAGES = """
model = "base"
schedule_span = "stage"
[[stage]]
data = ["rough.jsonl"]
max_steps = 5
schedule = { lr = 3e-4, warmup_steps = 2 }
batch = { size = 8, max_len = 64 }
[[stage]]
data = "good.jsonl"
epochs = 2
schedule = { lr = 1e-4 }
"""


def test_a_stage_inherits_what_it_does_not_repeat(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text(TWO_STAGES)
    found = recipe.read_recipe(str(path))
    first, second = found.stages
    assert (first.max_steps, first.epochs) == (5, None)
    assert (second.max_steps, second.epochs) == (None, 2)
    assert second.schedule == Schedule(lr=1e-4, warmup_steps=2)
    assert second.batch == first.batch == recipe.Batch(size=8, max_len=64)
    assert second.data == (str(tmp_path / "good.jsonl"),)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "at least one"),
        ("[[stage]]\nepochs = 1", "no learning rate"),
        ("[[stage]]\nschedule = { lr = 1e-4 }\nepoch = 1", "no such key: epoch"),
        ("[[stage]]\nschedule = { lr = '1e-4' }", "lr cannot be '1e-4'"),
        ("[[stage]]\nschedule = { lr = 1e-4, shape = 'step' }", "shape cannot be"),
        ("[[stage]]\nschedule = { lr = 7 }", "lr is between"),
        ("preset = 'thesis'\n[[stage]]", "no preset 'thesis'"),
        ("zero = 4\n[[stage]]\nschedule = { lr = 1e-4 }", "zero is"),
        (
            "schedule_span = 'run'\n[[stage]]\nschedule.lr = 1e-4\n[[stage]]\nschedule.lr = 1e-5",
            "one schedule over all",
        ),
    ],
)
def test_a_recipe_that_makes_no_sense_says_where(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "r.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=reason):
        recipe.read_recipe(str(path))


def test_a_file_that_is_no_toml_is_a_data_error(tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_text("stage = [")
    with pytest.raises(DataError, match="not TOML"):
        recipe.read_recipe(str(tmp_path / "r.toml"))


def test_the_paper_preset_holds_the_published_settings() -> None:
    (stage,) = recipe_of(RunOptions(), StageOptions(preset="paper"), ("x",), 0).stages
    assert stage.schedule == Schedule(3e-4, 100, "cosine", 0.0)
    assert (stage.batch.size, stage.batch.max_len, stage.batch.overlong) == (2048, 32768, "truncate-last-turn")
    (stated,) = recipe_of(RunOptions(), StageOptions(preset="paper", lr=1e-5), ("x",), 0).stages
    assert stated.schedule.lr == 1e-5


def test_without_a_preset_the_rate_has_to_be_stated() -> None:
    with pytest.raises(UsageError, match="--lr"):
        recipe_of(RunOptions(), StageOptions(), (), 0)


def test_a_recipe_file_takes_rows_for_stages_without_data(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text("[[stage]]\nschedule.lr = 1e-4\n[[stage]]\nmax_steps = 2")
    found = recipe_of(RunOptions(recipe=str(path), then=("b",), model="m"), StageOptions(), ("a1", "a2"), 0)
    assert [stage.data for stage in found.stages] == [("a1", "a2"), ("b",)]
    assert found.model == "m"
    with pytest.raises(UsageError, match="--then FILE for each other"):
        recipe_of(RunOptions(recipe=str(path)), StageOptions(), ("a",), 0)
    with pytest.raises(UsageError, match="--lr belongs into"):
        recipe_of(RunOptions(recipe=str(path), then=("b",)), StageOptions(lr=1e-4), ("a",), 0)


def test_the_lock_says_what_the_result_depends_on_and_no_paths() -> None:
    one = Recipe("m", (Stage(Schedule(1e-4), data=("a",)),), template="t.jinja")
    other = Recipe("m", (Stage(Schedule(1e-4), data=("b",)),))
    base = {"name": "m", "sha256": "0"}
    assert recipe.lock(one, base) == recipe.lock(other, base)
    changed = recipe.lock(Recipe("m", (Stage(Schedule(2e-4)),)), base)
    assert recipe.first_difference(recipe.lock(one, base), changed) == ("stages[0].schedule.lr", 1e-4, 2e-4)
    stored = orjson.loads(orjson.dumps(recipe.lock(one, base)))
    assert recipe.from_lock(stored) == Recipe("m", (Stage(Schedule(1e-4)),))
    assert "allow_cut" not in stored["stages"][0]["batch"]  # as in the runs from before there was this setting
    cut = Recipe("m", (Stage(Schedule(1e-4), Batch(allow_cut=True)),))
    assert recipe.from_lock(orjson.loads(orjson.dumps(recipe.lock(cut, base)))) == cut


def test_the_rate_rises_in_equal_parts_and_falls_to_its_floor() -> None:
    rate = Schedule(lr=1.0, warmup_steps=4, min_lr_ratio=0.1)
    rates = [learning_rate(rate, applied, 10) for applied in range(11)]
    assert rates[:4] == [0.25, 0.5, 0.75, 1.0]
    assert rates[4] == 1.0
    assert rates[7] == pytest.approx(0.55)
    assert rates[10] == pytest.approx(0.1)
    assert learning_rate(Schedule(1.0, 0, "linear"), 5, 10) == 0.5
    assert learning_rate(Schedule(1.0, 0, "constant"), 9, 10) == 1.0
    assert (warmup_steps(Schedule(1.0), 50), warmup_steps(Schedule(1.0), 7000)) == (5, 100)


def test_flops_of_the_paper_sizes() -> None:
    seven = {
        "hidden_size": 3584,
        "num_hidden_layers": 28,
        "num_attention_heads": 28,
        "num_key_value_heads": 4,
        "intermediate_size": 18944,
        "vocab_size": 152064,
    }
    shape = flops.shape(seven)
    assert shape.matmul_weights == pytest.approx(7.070e9, rel=1e-3)
    assert shape.weights == pytest.approx(7.616e9, rel=1e-3)
    assert flops.document_flops(shape, 2000) / 2000 == pytest.approx(43.63e9, rel=1e-3)  # mean attended context 1000
    assert flops.zero_stage(shape) == 2
    assert flops.peak("NVIDIA H100 80GB HBM3") == 989e12
    assert flops.peak("NVIDIA H100 PCIe") == 756e12
    assert flops.peak("NVIDIA GeForce RTX 4090") is None
    assert flops.peak(None) is None


def test_flops_are_those_that_torch_counts_with_full_attention() -> None:
    torch = pytest.importorskip("torch")
    from torch.utils.flop_counter import FlopCounterMode
    from transformers import LlamaConfig, LlamaForCausalLM

    settings: dict[str, Any] = {**tiny.config(), "attn_implementation": "eager"}
    model = LlamaForCausalLM(LlamaConfig(**settings))
    length = 37
    with FlopCounterMode(display=False) as counter:
        model(input_ids=torch.ones(1, length, dtype=torch.long), use_cache=False).logits.sum().backward()
    shape = flops.shape(tiny.config())
    full = 6 * shape.matmul_weights * length + 12 * shape.layers * shape.heads * shape.head_dim * length**2
    assert counter.get_total_flops() == full


def test_the_deepspeed_file_is_whole_and_sums_in_fp32() -> None:
    one = Recipe("m", (Stage(Schedule(1e-4)),))
    made = deepspeed_config(one, 2, tiny=False)
    assert made["data_types"] == {"grad_accum_dtype": "fp32"}
    assert made["communication_data_type"] == "fp32"
    assert made["managed_gradient_accumulation"] is False
    assert "auto" not in orjson.dumps(made).decode()
    assert deepspeed_config(one, 3, tiny=True)["zero_optimization"]["stage3_param_persistence_threshold"] == 0


def test_a_checkpoint_counts_only_with_its_state(tmp_path: Path) -> None:
    for step in (3, 7, 9):
        run_folder.checkpoint_folder(tmp_path, step).mkdir(parents=True)
    for step in (3, 7):
        run_folder.write_state(tmp_path, run_folder.Position(step=step))
    assert run_folder.newest(tmp_path) == run_folder.Position(step=7)
    run_folder.remove_incomplete(tmp_path)
    assert [path.name for path in sorted((tmp_path / "ckpt").iterdir())] == ["step-000003", "step-000007"]
    run_folder.keep_newest(tmp_path, 1)
    assert [path.name for path in (tmp_path / "ckpt").iterdir()] == ["step-000007"]


def test_metrics_are_cut_back_to_the_checkpoint_and_a_torn_line_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "metrics.jsonl").write_bytes(b'{"step":1}\n{"step":2}\n{"step":3}\n{"ste')
    assert [row["step"] for row in run_folder.steps(tmp_path)] == [1, 2, 3]
    run_folder.rewind(tmp_path, 2)
    assert (tmp_path / "metrics.jsonl").read_bytes() == b'{"step":1}\n{"step":2}\n'
