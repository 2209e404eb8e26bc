"""A GGUF file to a Hugging Face folder and back, for the Llama and Qwen2 families: numpy only, no torch.

transformers can read GGUF too, but takes half a minute, needs one more package and splits numbers unlike llama.cpp does;
docs/adr/0005-training-loop.md has the figures.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from syncode.errors import DataError, EngineError, install

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Tensor = NDArray[np.float32]

METADATA = "metadata.gguf"
"""In a model folder: the key-value part of the GGUF it came from, without tensors, as the mould for the way back."""

FAMILIES = {"llama": "LlamaForCausalLM", "qwen2": "Qwen2ForCausalLM"}
TOP = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}
LAYER = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
}
"""Names of llama.cpp and of transformers for the same weight matrix."""

QWEN2_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""How Qwen2 cuts a text before byte-pair merging (the `qwen2` entry of llama.cpp's list of pre-tokenizers)."""


def _open(path: Path) -> Any:
    try:
        from gguf import GGUFReader
    except ImportError as error:
        raise EngineError(f"reading a GGUF file needs the extra: {install('train')}") from error
    try:
        return GGUFReader(path)
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: not a readable GGUF file ({error})") from error


def to_folder(path: Path, folder: Path) -> None:
    """Write the model in a GGUF file as a Hugging Face folder: fp32 safetensors, config, tokenizer, chat template.

    The folder gets its last file last. Raises DataError for an architecture or a tokenizer that is not known here.
    """
    from safetensors.numpy import save_file

    reader = _open(path)
    table = {name: field.contents() for name, field in reader.fields.items()}
    family = table["general.architecture"]
    if family not in FAMILIES:
        raise DataError(f"{path}: a GGUF of the {family} family cannot be trained from; give its Hugging Face folder")
    config = _config(table, family)
    tensors = dict(_tensors(reader, config, family))
    config["tie_word_embeddings"] = "lm_head.weight" not in tensors
    tokenizer = _tokenizer(table, path)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    write_json(folder / "tokenizer.json", tokenizer)
    write_json(folder / "tokenizer_config.json", _tokenizer_config(table))
    if template := table.get("tokenizer.chat_template"):
        (folder / "chat_template.jinja").write_text(template, "utf-8")
    _write(reader.fields, folder / METADATA, tensors={}, overrides={})
    write_json(folder / "config.json", config)


def write_json(path: Path, value: object) -> None:
    """Write JSON for people: indented, keys in the order given."""
    path.write_bytes(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def _config(table: Mapping[str, Any], family: str) -> dict[str, Any]:
    def entry(name: str) -> Any:
        return table[f"{family}.{name}"]

    heads, hidden = entry("attention.head_count"), entry("embedding_length")
    scale = table.get(f"{family}.rope.scaling.type")
    if scale not in (None, "none"):
        raise DataError(f"a GGUF with rope scaling ({scale}) cannot be trained from; give its Hugging Face folder")
    return {
        "architectures": [FAMILIES[family]],
        "model_type": family,
        "hidden_size": hidden,
        "intermediate_size": entry("feed_forward_length"),
        "num_hidden_layers": entry("block_count"),
        "num_attention_heads": heads,
        "num_key_value_heads": entry("attention.head_count_kv"),
        "head_dim": table.get(f"{family}.attention.key_length") or hidden // heads,
        "max_position_embeddings": entry("context_length"),
        "rms_norm_eps": round(entry("attention.layer_norm_rms_epsilon"), 12),
        "rope_theta": entry("rope.freq_base"),
        "hidden_act": "silu",
        "vocab_size": len(table["tokenizer.ggml.tokens"]),
        "bos_token_id": table.get("tokenizer.ggml.bos_token_id"),
        "eos_token_id": table["tokenizer.ggml.eos_token_id"],
        "pad_token_id": table.get("tokenizer.ggml.padding_token_id"),
        "use_cache": True,
        "dtype": "float32",
    }


def _tensors(reader: Any, config: Mapping[str, Any], family: str) -> "Iterator[tuple[str, Tensor]]":
    import numpy as np
    from gguf import dequantize

    for tensor in reader.tensors:
        name = hugging_face_name(tensor.name)
        if name is None:
            if tensor.name == "rope_freqs.weight":  # computed again from the config
                continue
            raise DataError(f"the GGUF holds a tensor that is not known here: {tensor.name}")
        values = dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        if family == "llama" and (heads := _rotated_heads(name, config)):
            values = _interleaved(values, heads, back=True)
        yield name, np.ascontiguousarray(values)


def hugging_face_name(name: str) -> str | None:
    """Return the transformers name of a llama.cpp tensor, None if there is none here."""
    stem, _, kind = name.rpartition(".")
    if stem in TOP:
        return f"{TOP[stem]}.{kind}"
    block, _, part = stem.removeprefix("blk.").partition(".")
    return f"model.layers.{block}.{LAYER[part]}.{kind}" if stem.startswith("blk.") and part in LAYER else None


def llama_name(name: str) -> str | None:
    """Return the llama.cpp name of a transformers weight, None if there is none here."""
    stem, _, kind = name.rpartition(".")
    for ours, theirs in TOP.items():
        if stem == theirs:
            return f"{ours}.{kind}"
    block, _, part = stem.removeprefix("model.layers.").partition(".")
    for ours, theirs in LAYER.items():
        if part == theirs:
            return f"blk.{block}.{ours}.{kind}"
    return None


def _rotated_heads(name: str, config: Mapping[str, Any]) -> int:
    if ".q_proj." in name:
        return int(config["num_attention_heads"])
    return int(config["num_key_value_heads"]) if ".k_proj." in name else 0


def _interleaved(values: "Tensor", heads: int, back: bool) -> "Tensor":
    """Reorder the rows of a query or key matrix: llama.cpp pairs neighbouring rows for the rotation, transformers halves."""
    half = values.shape[0] // heads // 2
    split = (heads, half, 2) if back else (heads, 2, half)
    return values.reshape(*split, *values.shape[1:]).swapaxes(1, 2).reshape(values.shape)


def _tokenizer(table: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Return a tokenizer.json that cuts texts exactly as llama.cpp does with this file."""
    kind, cut = table["tokenizer.ggml.model"], table.get("tokenizer.ggml.pre")
    if kind != "gpt2" or cut not in _CUTS:
        raise DataError(f"{path}: a tokenizer of kind {kind}/{cut} is not known here; give the Hugging Face folder")
    names, kinds = table["tokenizer.ggml.tokens"], table["tokenizer.ggml.token_type"]
    control, user_defined = 3, 4  # enum llama_token_type of llama.cpp
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {
                "id": number,
                "content": name,
                "single_word": False,
                "lstrip": False,
                "rstrip": False,
                "normalized": False,
                "special": kind == control,
            }
            for number, (name, kind) in enumerate(zip(names, kinds, strict=True))
            if kind in (control, user_defined)
        ],
        "normalizer": {"type": "NFC"} if cut == "qwen2" else None,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": _CUTS[cut]()},
        "post_processor": None,
        "decoder": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": {name: number for number, name in enumerate(names)},
            "merges": [merge.split(" ") for merge in table["tokenizer.ggml.merges"]],
        },
    }


def _byte_level(use_regex: bool) -> dict[str, Any]:
    return {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": use_regex}


_CUTS: dict[str, Callable[[], list[dict[str, Any]]]] = {
    "smollm": lambda: [{"type": "Digits", "individual_digits": True}, _byte_level(use_regex=True)],
    "qwen2": lambda: [
        {"type": "Split", "pattern": {"Regex": QWEN2_PATTERN}, "behavior": "Isolated", "invert": False},
        _byte_level(use_regex=False),
    ],
}
"""Pre-tokenizers by the name that llama.cpp gives them."""


def _tokenizer_config(table: Mapping[str, Any]) -> dict[str, Any]:
    names = table["tokenizer.ggml.tokens"]
    keys = {"bos_token": "bos", "eos_token": "eos", "pad_token": "padding", "unk_token": "unknown"}
    numbers = {key: table.get(f"tokenizer.ggml.{name}_token_id") for key, name in keys.items()}
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "clean_up_tokenization_spaces": False,
        "model_max_length": table[f"{table['general.architecture']}.context_length"],
        **{key: names[number] for key, number in numbers.items() if number is not None},
    }


def write_model(mould: Path, target: Path, tensors: "Mapping[str, Tensor]", overrides: Mapping[str, Any]) -> None:
    """Write weights under their llama.cpp names as a GGUF of type Q8_0, keys and tokenizer taken from the mould.

    `overrides` replaces values of keys that the mould has. Same weights, same bytes.
    """
    mostly_q8_0 = 7  # enum llama_ftype of llama.cpp
    _write(_open(mould).fields, target, tensors, {"general.file_type": mostly_q8_0, **overrides})


def _write(
    fields: Mapping[str, Any], target: Path, tensors: "Mapping[str, Tensor]", overrides: Mapping[str, Any]
) -> None:
    """Write a GGUF file from the fields of another, as its reader gives them, and named tensors."""
    import numpy as np
    from gguf import GGMLQuantizationType, GGUFValueType, GGUFWriter, quantize

    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    writer = GGUFWriter(temporary, fields["general.architecture"].contents())
    for name, field in fields.items():
        if name.startswith("GGUF.") or name == "general.architecture":
            continue
        inner = field.types[-1] if field.types[0] == GGUFValueType.ARRAY else None
        writer.add_key_value(name, overrides.get(name, field.contents()), field.types[0], inner)
    for name in sorted(tensors):
        values = np.ascontiguousarray(tensors[name], dtype=np.float32)
        # Vectors and matrices whose rows are not a multiple of the block of 32 stay as they are.
        if values.ndim == 1 or values.shape[-1] % 32:
            writer.add_tensor(name, values)
        else:
            packed = quantize(values, GGMLQuantizationType.Q8_0)
            writer.add_tensor(name, packed, raw_dtype=GGMLQuantizationType.Q8_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    temporary.replace(target)


def to_llama(tensors: "Mapping[str, Tensor]", config: Mapping[str, Any]) -> "dict[str, Tensor]":
    """Return transformers weights under llama.cpp names and in its row order. Raises DataError for an unknown name."""
    found: dict[str, Tensor] = {}
    for name, values in tensors.items():
        theirs = llama_name(name)
        if theirs is None:
            raise DataError(f"a GGUF has no place for the weight {name}")
        heads = _rotated_heads(name, config) if config["model_type"] == "llama" else 0
        found[theirs] = _interleaved(values, heads, back=False) if heads else values
    return found
