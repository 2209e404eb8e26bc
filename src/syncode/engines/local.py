"""The engine `local`: a GGUF model served on loopback by the llama.cpp runtime, in a child process of its own."""

import importlib.util
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from syncode.engines import child, weights
from syncode.engines.endpoint import Endpoint
from syncode.engines.llama_server import LISTENING
from syncode.errors import EngineError

SERVER = Path(__file__).with_name("llama_server.py")
CHECKPOINT_FILE = "model.gguf"  # what `syncode train export` calls the GGUF inside a checkpoint folder
SLOTS = 8
SLOT_TOKENS = 4096
DEADLINE_SECONDS = 300.0
EXTRA = "pip install 'syncode[local]'"


def identify(path: str | None) -> str:
    """Return the identity of the weights, `STEM@first 8 hex digits of their SHA-256`, without starting anything.

    None is the embedded model, whose hash is pinned: nothing is fetched for it. A folder stands for the `model.gguf` in it and
    gives its own name. Raises EngineError if there is no such model.
    """
    if path is None and weights.overridden() is None:
        return f"{Path(weights.EMBEDDED.member).stem}@{weights.EMBEDDED.sha256[:8]}"
    model = find(path)
    stem = model.parent.resolve().name if model.name == CHECKPOINT_FILE else model.stem
    return f"{stem}@{remembered_hash(model)[:8]}"


def find(path: str | None) -> Path:
    """Return the GGUF file that `local` or `local:PATH` means. Raises EngineError if there is none."""
    if path is None:
        return weights.find_embedded()
    given = Path(path).expanduser()
    model = given / CHECKPOINT_FILE if given.is_dir() else given
    if model.is_file():
        return model
    if given.is_dir():
        raise EngineError(
            f"{path} holds no {CHECKPOINT_FILE}: write one with `syncode train export`, or serve the folder with vllm:{path}"
        )
    raise EngineError(f"local:{path}: no such file or folder")


@contextmanager
def serve(path: str | None, parallel: int = SLOTS) -> Iterator[Endpoint]:
    """Serve the model for the time of the block; `parallel` is how many requests will be in flight."""
    identity = identify(path)
    if importlib.util.find_spec("xllamacpp") is None:
        raise EngineError(f"the engine `local` needs the llama.cpp runtime: {EXTRA}")
    model = find(path)
    slots = max(1, min(parallel, SLOTS))
    handle, name = tempfile.mkstemp(prefix="syncode-local-", suffix=".log")
    os.close(handle)
    log = Path(name)
    command = [sys.executable, "-P", str(SERVER), str(model), identity, str(slots), str(slots * SLOT_TOKENS), "2"]
    start = child.Start(
        what=f"the server of {identity}",
        command=command,
        environment={**os.environ, "OMP_WAIT_POLICY": "passive", "GOMP_SPINCOUNT": "0"},
        log=log,
        deadline=DEADLINE_SECONDS,
    )
    with child.running(start, lambda: address_in(log)) as address:
        yield Endpoint(base_url=f"http://{address}/v1", name=identity, identity=identity)
    log.unlink()


def address_in(log: Path) -> str | None:
    """Return `host:port` once the server has said it and answers there."""
    found = re.search(rf"{LISTENING} http://(\S+)", log.read_text("utf-8", "replace"))
    return found[1] if found and child.answers(found[1]) else None


def remembered_hash(path: Path) -> str:
    """Return the SHA-256 of a file, computed once for each (path, size, time of change)."""
    status = path.stat()
    note = weights.cache_folder() / "hashes.json"
    key = f"{path.resolve()}|{status.st_size}|{status.st_mtime_ns}"
    try:
        known = json.loads(note.read_text())
    except (OSError, ValueError):  # not there yet, or cut off: only a cache
        known = {}
    if key not in known:
        known = {**known, key: weights.sha256_of(path)}
        temporary = note.with_suffix(f".{os.getpid()}")
        temporary.write_text(json.dumps(known))
        temporary.replace(note)
    return str(known[key])
