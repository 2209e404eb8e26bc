"""The engine `local`: a GGUF model served on loopback by the llama.cpp runtime, in a child process of its own."""

import importlib.util
import json
import math
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from syncode import children
from syncode.engines.servers import child, weights
from syncode.engines.servers.endpoint import Endpoint
from syncode.engines.servers.llama_server import LISTENING
from syncode.errors import EngineError, install
from syncode.storage.caches import cache_folder

SERVER = Path(__file__).with_name("llama_server.py")
CHECKPOINT_FILE = "model.gguf"  # what `syncode train export` calls the GGUF inside a checkpoint folder
MAGIC = b"GGUF"  # the first four bytes: ggml, docs/gguf.md

# Ours, measured on 2 cores (docs/adr/0001-engine-path.md): tokens per CPU second grow up to 8 slots and not beyond.
SLOTS = 8
# Ours: question, two answers of 1,024 tokens and a verdict fit. Always the same: no answer depends on --concurrency.
SLOT_TOKENS = 4096
SPARE_CONNECTIONS = 8  # ours: health checks and connections that a client has not yet closed
DEADLINE_SECONDS = 300.0  # ours: a 100 GB model on a slow disk takes minutes, the embedded one 1 to 3 s

# A busy-waiting thread that was put aside stops the others: on a busy machine 27 tok/s instead of 1.4. On an idle one the
# default may be faster, so what the user's environment says goes first.
GENTLE_THREADS = {"OMP_WAIT_POLICY": "passive", "GOMP_SPINCOUNT": "0"}

TELLING = re.compile(r"error loading model: (.*)|cannot load .*|cannot start .*|failed to .*")


def identify(path: str | None) -> str:
    """Return the identity of the weights, `STEM@first 8 hex digits of their SHA-256`, without starting anything.

    None is the embedded model, whose hash is pinned: nothing is fetched for it. A folder stands for the `model.gguf` in it and
    gives its name. Raises EngineError if there is no such model.
    """
    if path is None and weights.overridden() is None:
        return f"{Path(weights.EMBEDDED.member).stem}@{weights.EMBEDDED.sha256[:8]}"
    model = find(path)
    stem = weights.folder_name(model.parent) if model.name == CHECKPOINT_FILE else model.stem
    return f"{stem}@{weights.remembered_hash(model)[:8]}"


def find(path: str | None) -> Path:
    """Return the GGUF file that `local` or `local:PATH` means. Raises EngineError if there is none."""
    if path is None:
        return weights.find_embedded()
    given = Path(path).expanduser()
    model = given / CHECKPOINT_FILE if given.is_dir() else given
    if not model.is_file():
        if given.is_dir():
            advice = f"write one with `syncode train export`, or serve the folder with vllm:{path}"
            raise EngineError(f"local:{path} holds no {CHECKPOINT_FILE}: {advice}")
        raise EngineError(f"local:{path}: no such file or folder")
    try:
        with model.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                raise EngineError(f"{model} is not a GGUF file")
    except OSError as error:
        raise EngineError(f"{model} cannot be read: {error.strerror}") from error
    return model


@contextmanager
def serve(
    path: str | None, parallel: int = SLOTS, context: int = SLOT_TOKENS, say: child.Say = child.to_stderr
) -> Iterator[Endpoint]:
    """Serve the model for the time of the block: None the embedded one, else a GGUF file or a folder with a `model.gguf`.

    `parallel` is how many requests will be in flight at most; up to 8 of them are computed together, the others wait in the
    server. `context` is the tokens that one request may have, prompt and reply together: a longer prompt gets HTTP 400, a longer
    reply ends with `length`. Raises EngineError if the runtime or the model is missing or broken.
    """
    if importlib.util.find_spec("xllamacpp") is None:
        raise EngineError(f"the engine `local` needs the llama.cpp runtime: {install('local')}")
    model, identity = find(path), identify(path)
    options = {
        "model": str(model),
        "alias": identity,
        "slots": max(1, min(parallel, SLOTS)),
        "context": context,
        "threads": processors(),
        "connections": max(parallel, SLOTS) + SPARE_CONNECTIONS,
    }
    start = child.Start(
        what=f"the server of {identity}",
        command=children.python(str(SERVER), json.dumps(options)),
        environment=children.environment(variables={**GENTLE_THREADS, **os.environ}),
        log=child.new_log(cache_folder() / "logs", "local"),
        telling=TELLING,
        deadline=DEADLINE_SECONDS,
    )
    ready = False
    try:
        with child.running(start, lambda: address_in(start.log), say) as address:
            ready = True
            yield Endpoint(base_url=f"http://{address}/v1", name=identity, identity=identity)
    finally:
        if ready:  # else the error has just named the log
            start.log.unlink(missing_ok=True)


def address_in(log: Path) -> str | None:
    """Return `host:port` once the server has said it and answers there."""
    found = re.search(rf"{LISTENING} http://(\S+)\n", log.read_text("utf-8", "replace"))
    return found[1] if found and child.answers(found[1]) else None


def processors() -> int:
    """Return how many processors we may use: those we are allowed on, fewer if the container's share is smaller."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return max(1, min(allowed, math.ceil(int(quota) / int(period))))
    except (OSError, ValueError):  # no such file outside Linux containers; "max" if there is no limit
        return allowed
