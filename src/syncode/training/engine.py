"""The DeepSpeed engine around a causal language model: load, one micro-batch, one update, save, resume. Worker side."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch.nn import functional

from syncode.errors import DataError
from syncode.training import run_folder
from syncode.training.recipe import ADAM_BETAS, ADAM_EPSILON, Recipe
from syncode.training.run_folder import Position

if TYPE_CHECKING:
    from syncode.training.tokens import Places


def prepare_process(threads: int) -> None:
    """Set up this rank before deepspeed is asked for anything."""
    torch.set_num_threads(threads)
    if not torch.cuda.is_available():
        import deepspeed.ops

        # DeepSpeed would compile its shared-memory collective first, for minutes; gloo needs none of it.
        deepspeed.ops.__compatible_ops__ = {}


class Engine:
    """One model under training on this rank. `step` numbers are those of the whole run."""

    def __init__(self, base: Path, recipe: Recipe, config: dict[str, Any], run: Path) -> None:
        import deepspeed
        from transformers import AutoModelForCausalLM

        deepspeed.init_distributed()
        self.run = run
        self.rank, self.world = torch.distributed.get_rank(), torch.distributed.get_world_size()
        torch.manual_seed(recipe.seed)
        zero = config["zero_optimization"]["stage"]
        settings = {
            "dtype": torch.bfloat16 if recipe.precision == "bf16" else torch.float32,
            "attn_implementation": "sdpa",
        }
        whole = AutoModelForCausalLM.from_pretrained
        model = _loaded_in_shards(base, config, settings) if zero == 3 else whole(base, **settings)
        model.train()
        self._zero = zero
        optimizer = torch.optim.AdamW(
            model.parameters(),
            lr=0.0,
            betas=ADAM_BETAS,
            eps=ADAM_EPSILON,
            weight_decay=recipe.weight_decay,
            fused=True,
        )
        self._engine, *_ = deepspeed.initialize(model=model, optimizer=optimizer, config=config)
        self.device = self._engine.device

    def add(self, ids: "Places", positions: "Places", weight: float, scale: float) -> float:
        """Run one sample forward and backward and return its summed loss.

        `positions` are those of the learnt ids; `scale` (ranks / all weighted targets of the step) makes the sum of
        all gradients the gradient of the mean. A `weight` of 0 is an empty micro-batch: it only keeps ranks in step.
        """
        tokens = torch.from_numpy(ids).to(self.device).unsqueeze(0)
        places = torch.from_numpy(positions).to(self.device)
        # A token is predicted one place before its own; only these rows go through the head.
        logits = self._engine(input_ids=tokens, logits_to_keep=places - 1, use_cache=False).logits[0]
        loss = functional.cross_entropy(logits.float(), tokens[0, places], reduction="sum") * weight
        self._engine.backward(loss * scale, scale_wrt_gas=False)
        return float(loss.detach())

    def update(self, lr: float) -> tuple[bool, float | None]:
        """Apply the gradients. Return whether that was done (not where they are not finite), and their norm."""
        for group in self._engine.optimizer.param_groups:
            group["lr"] = lr
        self._engine.step()
        norm = self._engine.get_global_grad_norm()
        value = None if norm is None else float(norm)
        applied = bool(self._engine.was_step_applied())
        return applied, value if applied else None

    def forget_moments(self) -> None:
        """Start the optimizer anew with the weights as they are."""
        for state in self._engine.optimizer.optimizer.state.values():
            for value in state.values():
                if torch.is_tensor(value):
                    value.zero_()

    def total(self, values: list[float]) -> list[float]:
        """Return the sums over all ranks."""
        tensor = torch.tensor(values, dtype=torch.float64, device=self.device)
        torch.distributed.all_reduce(tensor)
        return [float(value) for value in tensor]

    def save(self, position: Position, keep: int) -> None:
        """Write a checkpoint, its state file last; the weights alone if nothing is to be resumed."""
        folder = run_folder.checkpoint_folder(self.run, position.step)
        if self.rank == 0:
            folder.mkdir(parents=True, exist_ok=True)
        torch.distributed.barrier()
        if position.resumable:
            self._engine.save_checkpoint(str(folder.parent), tag=folder.name)
        self._save_weights(folder / run_folder.WEIGHTS)
        torch.distributed.barrier()
        if self.rank == 0:
            run_folder.write_state(self.run, position)
            run_folder.keep_newest(self.run, keep)
        torch.distributed.barrier()

    def _save_weights(self, path: Path) -> None:
        """Write every weight once (of tied ones the first), in training precision, from rank 0."""
        import deepspeed
        from safetensors.torch import save_file

        whole = {}
        for name, weight in self._engine.module.named_parameters():
            with deepspeed.zero.GatheredParameters([weight], enabled=self._zero == 3):
                if self.rank == 0:
                    whole[name] = weight.detach().to("cpu", copy=self._zero == 3).contiguous()
        if self.rank == 0:
            temporary = path.with_suffix(".tmp")
            save_file(whole, temporary, metadata={"format": "pt"})
            temporary.replace(path)

    def resume(self, position: Position) -> None:
        """Take up weights and optimizer of a checkpoint."""
        folder = run_folder.checkpoint_folder(self.run, position.step)
        loaded, _ = self._engine.load_checkpoint(str(folder.parent), tag=folder.name, load_lr_scheduler_states=False)
        if loaded is None:
            raise RuntimeError(f"{folder}: DeepSpeed could not load this checkpoint")

    def peak_memory(self) -> int | None:
        """Return the largest GPU memory this rank has held so far in bytes, None on a CPU."""
        return int(torch.cuda.max_memory_allocated()) if self.device.type == "cuda" else None

    def device_name(self) -> str | None:
        """Return the name of the GPU, None on a CPU."""
        return torch.cuda.get_device_name(self.device) if self.device.type == "cuda" else None


def _loaded_in_shards(base: Path, config: dict[str, Any], settings: dict[str, Any]) -> Any:
    """Return the model with every weight sharded from the start: no rank ever holds the whole of it.

    transformers has a way for this too, which needs the accelerate package. Raises DataError for a weight that the
    folder does not hold.
    """
    import deepspeed
    from safetensors import safe_open
    from transformers import AutoConfig, AutoModelForCausalLM
    from transformers.initialization import no_init_weights

    auto: Any = AutoModelForCausalLM
    opened: Any = safe_open
    shape = AutoConfig.from_pretrained(base)
    with torch.device("meta"):  # only so that all modules are imported: Init changes torch in ways that break imports
        auto.from_config(shape, **settings)
    with no_init_weights(), deepspeed.zero.Init(config_dict_or_path=config):  # its dtype= is misread on a CPU
        model = auto.from_config(shape, **settings)
    model.tie_weights()  # left out together with the initialisation
    files = [opened(path, framework="pt") for path in sorted(base.glob("*.safetensors"))]
    holder = {name: file for file in files for name in file.keys()}  # noqa: SIM118 (not a dict)
    for name, weight in model.named_parameters():
        if name not in holder:
            raise DataError(f"{base}: the weight {name} is missing")
        with deepspeed.zero.GatheredParameters([weight], modifier_rank=0), torch.no_grad():
            if torch.distributed.get_rank() == 0:
                weight.copy_(holder[name].get_tensor(name).to(settings["dtype"]))
    return model
