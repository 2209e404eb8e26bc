"""GGUF to a Hugging Face folder and back: names, row order, tokenizer; and a trained model that llama.cpp serves."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from tests.conftest import environment
from tests.training import tiny

from syncode.errors import DataError
from syncode.training import gguf_model

gguf = pytest.importorskip("gguf", reason="the extra [train] is not installed")


def mould(path: Path, architecture: str = "llama", cut: str = "smollm") -> Path:
    """Write the key-value part of a GGUF that describes the tiny model."""
    vocabulary = tiny.tokenizer()["model"]["vocab"]
    config = tiny.config()
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_rope_freq_base(config["rope_theta"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_file_type(0)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(cut)
    writer.add_token_list(list(vocabulary))
    writer.add_token_types([3 if name.startswith("<|") else 1 for name in vocabulary])
    writer.add_token_merges(["a b"])
    writer.add_eos_token_id(257)
    writer.add_pad_token_id(257)
    writer.add_chat_template(tiny.CHATML)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def random_weights() -> dict[str, Any]:
    pytest.importorskip("torch")
    from transformers import LlamaConfig, LlamaForCausalLM

    model = LlamaForCausalLM(LlamaConfig(**tiny.config()))
    return {name: value.detach().numpy() for name, value in model.named_parameters()}


def test_a_model_survives_the_way_to_gguf_and_back(tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    weights = random_weights()
    named = gguf_model.to_llama(weights, tiny.config())
    gguf_model.write_model(mould(tmp_path / "mould.gguf"), tmp_path / "model.gguf", named, {})
    (tmp_path / "back").mkdir()
    gguf_model.to_folder(tmp_path / "model.gguf", tmp_path / "back")
    back = load_file(tmp_path / "back" / "model.safetensors")
    assert set(back) == set(weights), "tied: the head is not there a second time"
    for name, values in weights.items():
        # Q8_0 keeps 8 bits of each block of 32, scaled by the largest; vectors stay as they are.
        error = 0.0 if values.ndim == 1 else float(np.abs(values).max()) / 127
        np.testing.assert_allclose(back[name], values, atol=error, rtol=0)
    config = orjson.loads((tmp_path / "back" / "config.json").read_bytes())
    expected = {key: value for key, value in tiny.config().items() if key != "bos_token_id"}
    assert {key: config[key] for key in expected} == expected
    table = orjson.loads((tmp_path / "back" / "tokenizer.json").read_bytes())
    assert table["model"]["vocab"] == tiny.tokenizer()["model"]["vocab"]
    assert [token["content"] for token in table["added_tokens"]] == ["<|im_start|>", "<|im_end|>"]
    assert (tmp_path / "back" / "chat_template.jinja").read_text() == tiny.CHATML


def test_the_same_weights_give_the_same_bytes(tmp_path: Path) -> None:
    named = gguf_model.to_llama(random_weights(), tiny.config())
    source = mould(tmp_path / "mould.gguf")
    for name, weights in (("a.gguf", named), ("b.gguf", dict(reversed(named.items())))):
        gguf_model.write_model(source, tmp_path / name, weights, {"tokenizer.chat_template": "x"})
    assert (tmp_path / "a.gguf").read_bytes() == (tmp_path / "b.gguf").read_bytes()


def test_rows_of_query_and_key_go_forth_and_back() -> None:
    weights = random_weights()
    query = weights["model.layers.0.self_attn.q_proj.weight"]
    there = gguf_model.to_llama(weights, tiny.config())["blk.0.attn_q.weight"]
    assert not np.array_equal(there, query)
    assert sorted(map(bytes, there)) == sorted(map(bytes, query)), "the same rows in another order"
    assert np.array_equal(there[0], query[0])
    assert np.array_equal(there[1], query[8]), "llama.cpp pairs neighbours, transformers halves of a head of 16"


def test_names_go_forth_and_back() -> None:
    for name in random_weights():
        there = gguf_model.llama_name(name)
        assert there is not None
        assert gguf_model.hugging_face_name(there) == name
    assert gguf_model.hugging_face_name("blk.0.ffn_gate_inp.weight") is None


@pytest.mark.parametrize(
    ("architecture", "cut", "reason"), [("gemma3", "smollm", "gemma3"), ("llama", "llama-bpe", "llama-bpe")]
)
def test_a_family_that_is_not_known_is_a_data_error(tmp_path: Path, architecture: str, cut: str, reason: str) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(DataError, match=reason):
        gguf_model.to_folder(mould(tmp_path / "m.gguf", architecture, cut), tmp_path / "out")


def test_a_file_that_is_no_gguf_is_a_data_error(tmp_path: Path) -> None:
    (tmp_path / "m.gguf").write_bytes(b"not a model")
    with pytest.raises(DataError, match="not a readable GGUF"):
        gguf_model.to_folder(tmp_path / "m.gguf", tmp_path)


@pytest.mark.slow
def test_the_embedded_model_after_one_step_is_served_and_still_speaks(tmp_path: Path) -> None:
    for part in ("deepspeed", "xllamacpp"):
        pytest.importorskip(part, reason="the extras [train] and [local] are not installed")
    import openai

    from syncode.engines.servers import local

    chats = [("What is the capital of Italy?", "The capital of Italy is Rome."), ("Say hello.", "Hello!")]
    rows = [
        {
            "id": question,
            "messages": [{"role": "user", "content": question}, {"role": "assistant", "content": answer}],
            "language": "en",
            "labels": {},
            "lineage": [],
        }
        for question, answer in chats
    ]
    (tmp_path / "rows.jsonl").write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    train = [sys.executable, "-m", "syncode", "train", "rows.jsonl", "-o", "italian", "--lr", "1e-6", "--max-len", "96"]
    done = subprocess.run(train, cwd=tmp_path, env=environment(), capture_output=True, timeout=400, check=False)
    assert done.returncode == 0, done.stderr.decode()
    (step,) = [orjson.loads(line) for line in done.stdout.splitlines()]
    assert 0 < step["loss"] < 4
    assert (tmp_path / "italian" / "export" / "model.safetensors").is_file()
    with local.serve(str(tmp_path / "italian"), parallel=1) as endpoint:
        assert endpoint.identity.startswith("italian@")
        client = openai.OpenAI(base_url=endpoint.base_url, api_key="none")
        turns: Any = [{"role": "user", "content": "What is 2+2?"}]
        reply = client.chat.completions.create(model=endpoint.name, messages=turns, max_tokens=40, temperature=0)
        said = reply.choices[0].message.content or ""
        assert "4" in said, said
        assert reply.choices[0].finish_reason == "stop", "the end of a turn is a stop"


@pytest.mark.slow
def test_texts_are_cut_as_llama_cpp_cuts_them(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp", reason="the extra [local] is not installed")
    import urllib.request

    from tokenizers import Tokenizer

    from syncode.engines.servers import local
    from syncode.training.base_model import open_base

    tokenizer = Tokenizer.from_file(str(open_base("local").folder / "tokenizer.json"))
    texts = [
        "  x  1234 'S it's\n\n\n  foo\t\tbar é 漢字 😀 １２ ½",
        "<|im_start|>user\n12 hello<|im_end|>\n",
        Path(__file__).read_text("utf-8"),
        Path(orjson.__file__).read_text("utf-8"),
    ]
    with local.serve(None, parallel=1) as endpoint:
        address = endpoint.base_url.removesuffix("/v1") + "/tokenize"
        for text in texts:
            body = orjson.dumps({"content": text, "parse_special": True})
            request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
            with urllib.request.urlopen(request) as answer:
                theirs = orjson.loads(answer.read())["tokens"]
            assert tokenizer.encode(text, add_special_tokens=False).ids == theirs, text[:40]
