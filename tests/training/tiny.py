"""A tiny random Llama with a byte tokenizer, and rows for it: what the tests of training train."""

from pathlib import Path
from typing import Any

import orjson

VOCABULARY = 258
CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


def tokenizer() -> dict[str, Any]:
    """Return a tokenizer.json of 256 bytes and the two ChatML tokens, without merges."""
    from tokenizers.pre_tokenizers import ByteLevel

    names = [*sorted(ByteLevel.alphabet()), "<|im_start|>", "<|im_end|>"]
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": number, "content": names[number], **flags} for number in (256, 257)],
        "normalizer": None,
        "pre_tokenizer": level,
        "post_processor": None,
        "decoder": level,
        "model": {"type": "BPE", "vocab": {name: number for number, name in enumerate(names)}, "merges": []},
    }


def config() -> dict[str, Any]:
    """Return the config.json of a Llama with 2 layers of width 64."""
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 16,
        "max_position_embeddings": 512,
        "rms_norm_eps": 1e-5,
        "rope_theta": 10000.0,
        "hidden_act": "silu",
        "vocab_size": VOCABULARY,
        "bos_token_id": 256,
        "eos_token_id": 257,
        "pad_token_id": 257,
        "tie_word_embeddings": True,
    }


def write_tokenizer(folder: Path, template: str = CHATML) -> Path:
    """Write what turns chats into ids: enough where no weight is looked at."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.json").write_bytes(orjson.dumps(tokenizer()))
    names = {"tokenizer_class": "PreTrainedTokenizerFast", "eos_token": "<|im_end|>", "pad_token": "<|im_end|>"}
    (folder / "tokenizer_config.json").write_bytes(orjson.dumps(names))
    (folder / "chat_template.jinja").write_text(template, "utf-8")
    return folder


def write_model(folder: Path, **changes: Any) -> Path:
    """Write the whole model folder, weights from a fixed seed."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(7)
    LlamaForCausalLM(LlamaConfig(**{**config(), **changes})).save_pretrained(folder)
    return write_tokenizer(folder)


def sample(number: int) -> dict[str, Any]:
    """Return a chat whose answer can be learnt, of a length that depends on its number."""
    word = "abcdefgh"[number % 8] * (1 + number % 5)
    turns = [{"role": "user", "content": f"say {word}"}, {"role": "assistant", "content": f"{word} {number % 7}"}]
    return {"id": f"row-{number}", "messages": turns, "language": "en", "labels": {}, "lineage": []}


def write_rows(path: Path, numbers: range) -> Path:
    """Write samples as JSONL."""
    path.write_bytes(b"".join(orjson.dumps(sample(number)) + b"\n" for number in numbers))
    return path
