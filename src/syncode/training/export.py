"""A checkpoint as a folder that engines load: safetensors, config, tokenizer, template, and a GGUF; checked by reading it back.

Run in a process of its own: `python -m syncode.training.export --run RUN --base DIR --target DIR`.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import orjson
import torch

from syncode.errors import ExitCode, SyncodeError
from syncode.training import chat, gguf_model, run_folder

TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.json",
    "merges.txt",
)
GGUF = "model.gguf"
SHARD = 5_000_000_000  # bytes of one weight file, the size that hubs are used to


def main(arguments: list[str]) -> int:
    """Export, and return 0 where the folder was read back and is right."""
    parser = argparse.ArgumentParser(prog="syncode.training.export")
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--target", type=Path, required=True)
    given = parser.parse_args(arguments)
    try:
        write(given.run, given.base, given.target)
    except SyncodeError as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return error.code
    return ExitCode.OK


def write(run: Path, base: Path, target: Path) -> None:
    """Write the newest checkpoint of a run to `target`, whole or not at all."""
    checkpoint = run_folder.checkpoints(run)[-1]
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        draft.chmod(0o755)
        weights = _read(checkpoint / run_folder.WEIGHTS)
        template = (run / run_folder.TEMPLATE).read_text("utf-8")
        config = _write_folder(weights, base, draft, template)
        _check(draft, weights)
        if mould := _mould(base):
            named = {name: value.float().numpy() for name, value in weights.items()}
            overrides = {"tokenizer.chat_template": template}
            gguf_model.write_model(mould, draft / GGUF, gguf_model.to_llama(named, config), overrides)
            shutil.copyfile(mould, draft / gguf_model.METADATA)
        manifest = {"checkpoint": checkpoint.name, "dtype": config["dtype"], "weights": len(weights)}
        run_folder.write_json(draft / "export.json", manifest)
        for path in draft.iterdir():
            path.chmod(0o644)  # safetensors makes private files, and a server may run as somebody else
        shutil.rmtree(target, ignore_errors=True)
        draft.replace(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _read(path: Path) -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    weights: dict[str, torch.Tensor] = load_file(path)
    for name, value in weights.items():
        if not bool(torch.isfinite(value.sum(dtype=torch.float32))):  # isfinite of each element takes seconds in bf16
            raise SyncodeError(f"{path}: the weight {name} is not finite")
    return weights


def _write_folder(weights: dict[str, torch.Tensor], base: Path, folder: Path, template: str) -> dict[str, Any]:
    """Write the Hugging Face folder; config and tokenizer are the base model's. Return the config."""
    _save(weights, folder)
    dtype = str(next(iter(weights.values())).dtype).removeprefix("torch.")
    config = {**orjson.loads((base / "config.json").read_bytes()), "dtype": dtype, "use_cache": True}
    config.pop("torch_dtype", None)  # the older name of the same
    gguf_model.write_json(folder / "config.json", config)
    for name in TOKENIZER_FILES:
        if (base / name).is_file():
            shutil.copyfile(base / name, folder / name)
    (folder / "chat_template.jinja").write_text(template, "utf-8")
    gguf_model.write_json(folder / "generation_config.json", _generation(base, config))
    return config


def _generation(base: Path, config: dict[str, Any]) -> dict[str, Any]:
    """Return a generation config that stops at the end of a turn, whatever the base model stopped at."""
    path = base / "generation_config.json"
    found: dict[str, Any] = orjson.loads(path.read_bytes()) if path.is_file() else {}
    special = chat.special_names(orjson.loads((base / "tokenizer.json").read_bytes()))
    ends = found.get("eos_token_id", config.get("eos_token_id"))
    ends = [] if ends is None else ends if isinstance(ends, list) else [ends]
    end = special[chat.END]
    kept = {key: found.get(key, config.get(key)) for key in ("bos_token_id", "pad_token_id")}
    return {
        **{key: value for key, value in kept.items() if value is not None},
        "eos_token_id": [end, *(e for e in ends if e != end)],
    }


def _save(weights: dict[str, torch.Tensor], folder: Path) -> None:
    from huggingface_hub import save_torch_state_dict

    save_torch_state_dict(weights, folder, max_shard_size=SHARD, metadata={"format": "pt"})


def _check(folder: Path, weights: dict[str, torch.Tensor]) -> None:
    """Load the folder as its users will, and compare every weight. Raises SyncodeError."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    loaded: Any = AutoModelForCausalLM.from_pretrained(folder, dtype="auto", output_loading_info=True)
    model, notes = loaded
    if odd := {*notes["missing_keys"], *notes["unexpected_keys"]}:
        raise SyncodeError(f"read back, the export misses or has too many weights: {', '.join(sorted(odd)[:3])}")
    found = dict(model.named_parameters())
    if set(found) != set(weights):
        raise SyncodeError(f"read back, the export has other weights: {sorted(set(found) ^ set(weights))[:3]}")
    for name, value in weights.items():
        if not torch.equal(found[name].detach(), value):
            raise SyncodeError(f"read back, the weight {name} is another")
    AutoTokenizer.from_pretrained(folder)


def _mould(base: Path) -> Path | None:
    """Return the GGUF that lends its keys and tokenizer, None if the base model never was one."""
    path = base / gguf_model.METADATA
    return path if path.is_file() else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
