"""What `--model` means for training: a Hugging Face folder, made from a GGUF file once where need be."""

import hashlib
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from syncode.engines.servers.weights import find_embedded, locked, sha256_of
from syncode.errors import DataError, UsageError
from syncode.storage.caches import cache_folder
from syncode.training import gguf_model

VERSION = 1  # of the conversion: a new one makes new folders in the cache
SAMPLED = 1 << 20  # bytes at each end of a weight file that go into the fingerprint; chosen here
EXPORT = "export"
"""The folder inside a run that holds the finished model."""


@dataclass(frozen=True)
class BaseModel:
    """A model to start from; `identity` goes into the lock of a run."""

    name: str
    folder: Path
    config: dict[str, Any]
    identity: dict[str, str]


def open_base(spec: str) -> BaseModel:
    """Return the model for `local`, `local:PATH` or PATH, where PATH is a GGUF file, a Hugging Face folder or a run.

    A GGUF file is dequantised into the cache, once for each content. Raises UsageError for an engine that has no
    weights to train, DataError for a path that is not a model.
    """
    kind, colon, rest = spec.partition(":")
    if kind in ("openai", "http", "https", "mock", "vllm"):
        raise UsageError(f"--model {spec}: training needs weights: local, or the path of a GGUF file or a model folder")
    path = find_embedded() if spec == "local" else Path(rest if kind == "local" and colon else spec).expanduser()
    if path.is_file():
        return _from_gguf(spec, path)
    if (path / EXPORT / "config.json").is_file():
        path = path / EXPORT
    if not (path / "config.json").is_file():
        what = "no config.json in this folder" if path.is_dir() else "no such file or folder"
        raise DataError(f"--model {spec}: {what}")
    return BaseModel(spec, path, _config(path), {"name": path_name(path), **_fingerprint(path)})


def path_name(path: Path) -> str:
    """Return what a model folder is called: its own name, or that of the run around it."""
    resolved = path.resolve()
    return resolved.parent.name if resolved.name == EXPORT else resolved.name


def _config(folder: Path) -> dict[str, Any]:
    config: dict[str, Any] = orjson.loads((folder / "config.json").read_bytes())
    return config


def _from_gguf(spec: str, path: Path) -> BaseModel:
    digest = sha256_of(path)
    folder = cache_folder() / "base" / f"{digest[:16]}-v{VERSION}"
    if not (folder / "config.json").is_file():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with locked(folder.with_suffix(".lock"), lambda _: None):
            if not (folder / "config.json").is_file():
                _convert(path, folder)
    return BaseModel(spec, folder, _config(folder), {"name": path.stem, "sha256": digest})


def _convert(path: Path, folder: Path) -> None:
    temporary = Path(tempfile.mkdtemp(prefix="making-", dir=folder.parent))
    try:
        gguf_model.to_folder(path, temporary)
        shutil.rmtree(folder, ignore_errors=True)  # left without its last file by a crash
        temporary.replace(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _fingerprint(folder: Path) -> dict[str, str]:
    """Return a hash of the config and of size, head and tail of each weight file: no need to read 60 GB to know them."""
    digest = hashlib.sha256((folder / "config.json").read_bytes())
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise DataError(f"{folder}: no .safetensors file in this folder")
    for file in files:
        with file.open("rb") as stream:
            size = file.stat().st_size
            digest.update(f"{file.name}/{size}/".encode() + stream.read(SAMPLED))
            stream.seek(max(0, size - SAMPLED))
            digest.update(stream.read(SAMPLED))
    return {"sha256": digest.hexdigest()}
