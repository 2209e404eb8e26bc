"""The engine `vllm`: a vLLM server started for a model's name or folder, awaited, used and stopped."""

import http.client
import importlib.util
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from syncode import children
from syncode.engines.servers import child, weights
from syncode.engines.servers.endpoint import Endpoint
from syncode.errors import EngineError
from syncode.storage.caches import cache_folder

VARIABLE = "VLLM_PYTHON"
DEADLINE_SECONDS = 3600.0  # ours: large models load and compile for many minutes; a server that dies is noticed at once
GRACE_SECONDS = 10.0  # ours: for vLLM to free its shared memory before it is killed
PROBE_SECONDS = 120.0  # ours: a first look at an interpreter on a slow network disk
INSTALL = "install it in an environment of its own and name that one's interpreter with --vllm-python or VLLM_PYTHON"

# The content of a model, as far as it decides answers; generation_config.json does not, see `arguments`.
CONTENT = ("*.safetensors", "*.bin", "config.json", "tokenizer.json", "tokenizer_config.json", "*.jinja")

# vLLM's main process reports "see root cause above": the first exception in the log is that cause. pydantic's own headline is
# not, the line below it is.
TELLING = re.compile(
    r"(?:^|[\s)])((?:[\w.]+\.)?\w+(?:Error|Exception|Exit): (?!\d+ validation error).*|Value error, .*"
    r"|(?:api_server\.py|vllm)[^\n]*: error: .*|cannot start .*)$",
    re.MULTILINE,
)

# Run by the interpreter in question. The CPU build is a distribution of another name, and `vllm serve`, which asks for the
# version of the distribution `vllm`, fails there.
PROBE = """
import importlib.metadata, importlib.util
if importlib.util.find_spec("vllm") is None: print("none")
else:
    try: importlib.metadata.version("vllm"); print("serve")
    except importlib.metadata.PackageNotFoundError: print("module")
"""
SERVE = ("vllm.entrypoints.cli.main", "serve")  # what the script `vllm serve` runs
MODULE = ("vllm.entrypoints.openai.api_server", "--model")


class Options(Protocol):
    """What a user says about vLLM; `ModelOptions` has it all."""

    @property
    def vllm_python(self) -> str | None:
        """The interpreter that has vLLM, None for VLLM_PYTHON, this one, or `vllm` on PATH."""

    @property
    def engine_arg(self) -> Sequence[str]:
        """Arguments for the server, each as one would type it: `--max-model-len 4096`."""

    @property
    def data_parallel_size(self) -> int:
        """Copies of the model."""

    @property
    def tensor_parallel_size(self) -> int:
        """GPUs a copy is spread over."""


def identify(name_or_dir: str) -> str:
    """Return the identity of the weights: `NAME@8 hex digits` of a folder's content, else the name as given.

    A run of `syncode train` is known by the run's name. The content is hashed once and remembered. Raises EngineError if the
    folder holds no model.
    """
    folder = folder_of(name_or_dir)
    if folder is None:
        return name_or_dir
    files = sorted({path for pattern in CONTENT for path in folder.glob(pattern)})
    hashes = {path.name: weights.remembered_hash(path) for path in files}
    return f"{weights.folder_name(folder)}@{weights.sha256_of_text(json.dumps(hashes, sort_keys=True))[:8]}"


def folder_of(name_or_dir: str) -> Path | None:
    """Return the model folder that is meant, None for a name of a hub."""
    given = Path(name_or_dir).expanduser()
    if not given.is_dir():
        if name_or_dir.startswith((".", "/", "~")):
            raise EngineError(f"vllm:{name_or_dir}: no such folder")
        return None
    for folder in (given, given / weights.EXPORT):
        if (folder / "config.json").is_file():
            return folder
    raise EngineError(f"vllm:{name_or_dir} holds no config.json: it is not a model folder")


@contextmanager
def serve(name_or_dir: str, options: Options, say: child.Say = child.to_stderr) -> Iterator[Endpoint]:
    """Serve the model for the time of the block: a folder with safetensors, a run of `syncode train`, or a name of a hub.

    The server's output goes to a log file, whose place is said. The server and all its processes are gone when the block ends,
    however it ends. Raises EngineError if vLLM is missing or cannot serve the model.
    """
    folder, identity = folder_of(name_or_dir), identify(name_or_dir)
    launcher, extra = find(options.vllm_python, os.environ)
    port = free_port()
    start = child.Start(
        what=f"vLLM with {identity}",
        command=[*launcher, str(folder or name_or_dir), *arguments(options, identity, port)],
        environment=environment(os.environ, extra, offline=folder is not None),
        log=child.new_log(cache_folder() / "logs", "vllm"),
        telling=TELLING,
        deadline=DEADLINE_SECONDS,
        grace=GRACE_SECONDS,
    )
    say(f"starting {start.what} (log: {start.log})")
    with child.running(start, ready(f"127.0.0.1:{port}", identity), say) as address:
        yield Endpoint(base_url=f"http://{address}/v1", name=identity, identity=identity)


def find(python: str | None, variables: Mapping[str, str]) -> tuple[list[str], str]:
    """Return the command before the model's name, and the folder of scripts that belongs to it.

    The interpreter that was named is taken, else VLLM_PYTHON, else this one if it has vLLM, else `vllm` on PATH.
    """
    named = python or variables.get(VARIABLE)
    interpreter = shutil.which(Path(named or sys.executable).expanduser(), path=variables.get("PATH"))
    if interpreter is None:
        raise EngineError(f"the interpreter for vLLM, {named}, is not there")
    how = probe(interpreter) if named or importlib.util.find_spec("vllm") else "none"
    if how != "none":
        command = children.module(*(SERVE if how == "serve" else MODULE), interpreter=interpreter)
        return command, str(Path(interpreter).parent)
    if named:
        raise EngineError(f"{named} has no vLLM: {INSTALL}")
    if script := shutil.which("vllm", path=variables.get("PATH")):
        return [script, "serve"], str(Path(script).parent)
    raise EngineError(f"vLLM is not here: {INSTALL}")


def probe(interpreter: str) -> str:
    """Return how vLLM is started there: `serve`, `module` (the CPU build), or `none`."""
    try:
        done = children.run(children.python("-c", PROBE, interpreter=interpreter), PROBE_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EngineError(f"the interpreter for vLLM, {interpreter}, does not run: {error}") from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no word"])[-1]
        raise EngineError(f"the interpreter for vLLM, {interpreter}, does not run: {last}")
    return done.stdout.strip()


def arguments(options: Options, identity: str, port: int) -> list[str]:
    """Return the arguments behind the model's name. What the user adds overrides our preferences, but not our address."""
    chosen = ["--generation-config", "vllm"]  # else penalties of the model's own file would apply that no request names
    if options.data_parallel_size > 1:
        chosen += ["--data-parallel-size", str(options.data_parallel_size)]
    if options.tensor_parallel_size > 1:
        chosen += ["--tensor-parallel-size", str(options.tensor_parallel_size)]
    for argument in options.engine_arg:
        chosen += shlex.split(argument)
    return [*chosen, "--host", "127.0.0.1", "--port", str(port), "--served-model-name", identity]


def environment(variables: Mapping[str, str], scripts: str, offline: bool) -> dict[str, str]:
    """Return the server's environment: its own scripts first on PATH (compilers it brings), no usage reports."""
    ours = {"VLLM_NO_USAGE_STATS": "1", **({"HF_HUB_OFFLINE": "1"} if offline else {})}
    path = os.pathsep.join([scripts, variables.get("PATH", os.defpath)])
    # vLLM warns of names it does not know; it fetches from a hub what is no folder.
    theirs = {**ours, **{name: value for name, value in variables.items() if name != VARIABLE}, "PATH": path}
    return children.environment(keep=() if offline else children.HUB, variables=theirs)


def free_port() -> int:
    """Return a port that was free a moment ago; `ready` makes sure that no one else answers there."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def ready(address: str, identity: str) -> Callable[[], str | None]:
    """Return a check that gives the address once a server answers there that has our model."""
    return lambda: address if child.answers(address) and identity in models(address) else None


def models(address: str) -> list[str]:
    """Return the names of the models that the server says it has."""
    connection = http.client.HTTPConnection(address, timeout=child.PROBE_SECONDS)
    try:
        connection.request("GET", "/v1/models")
        listed = json.loads(connection.getresponse().read())
        return [str(model["id"]) for model in listed["data"]]
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):  # not our server, or not yet
        return []
    finally:
        connection.close()
