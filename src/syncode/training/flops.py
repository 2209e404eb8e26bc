"""How much arithmetic a document costs, and what share of the hardware's peak that is."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

PEAKS = {  # dense bf16 FLOP/s from NVIDIA's data sheets; the doubled figures found elsewhere assume 2:4 sparsity
    "A100": 312e12,
    "A800": 312e12,
    "H100": 989e12,
    "H200": 989e12,
}
SLOWER = {"H100 PCIe": 756e12}  # the PCIe card has a lower clock; looked up first


@dataclass(frozen=True)
class Shape:
    """The sizes of a dense decoder that decide its cost."""

    layers: int
    heads: int
    head_dim: int
    matmul_weights: int
    """Weights that take part in a matrix product, the head once, the embedding look-up not at all."""
    weights: int
    """All weights, tied ones once."""


def shape(config: dict[str, Any]) -> Shape:
    """Return the shape that a config.json of the Llama or Qwen2 family describes."""
    hidden, layers, heads = config["hidden_size"], config["num_hidden_layers"], config["num_attention_heads"]
    head_dim = config.get("head_dim") or hidden // heads
    key_value = (config.get("num_key_value_heads") or heads) * head_dim
    attention = hidden * (heads * head_dim) * 2 + hidden * key_value * 2
    layer = attention + 3 * hidden * config["intermediate_size"]
    head = hidden * config["vocab_size"]
    matmul = layers * layer + head
    tied = config.get("tie_word_embeddings", False)
    return Shape(layers, heads, head_dim, matmul, matmul + (0 if tied else head))


def document_flops(shape: Shape, tokens: int) -> float:
    """Return forward + backward FLOPs of one document with causal attention: 6 N L + 6 layers d L^2."""
    width = shape.layers * shape.heads * shape.head_dim
    return 6.0 * shape.matmul_weights * tokens + 6.0 * width * float(tokens) ** 2


def useful_flops(shape: Shape, lengths: Iterable[int]) -> float:
    """Return the sum over documents: padding and masked-out pairs never count."""
    return sum(document_flops(shape, tokens) for tokens in lengths)


def peak(device: str | None) -> float | None:
    """Return the dense bf16 peak in FLOP/s of a device by its name, None if it is not known (any CPU)."""
    if device is None:
        return None
    for table in (SLOWER, PEAKS):
        for name, value in table.items():
            if name in device:
                return value
    return None


def zero_stage(shape: Shape) -> int:
    """Return the ZeRO stage for a size: 1 to 3 billion weights, 2 to 13, 3 above (ours, from memory arithmetic)."""
    return 1 if shape.weights <= 3.5e9 else 2 if shape.weights <= 13e9 else 3
