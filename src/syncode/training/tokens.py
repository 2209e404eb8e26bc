"""Encoded samples on disk: three little-endian files that are mapped into memory, and a manifest that comes last."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from syncode.training.encode import Encoded

if TYPE_CHECKING:
    import numpy as np

    Index = np.ndarray[Any, np.dtype[np.void]]
    Ids = np.ndarray[Any, np.dtype[np.uint32]]
    Places = np.ndarray[Any, np.dtype[np.int64]]

INDEX_FIELDS = [
    ("offset", "<u8"),  # first token in tokens.bin
    ("tokens", "<u4"),
    ("targets", "<u4"),
    ("id", "<u8"),  # 64-bit hash of the sample's id: the key of the order
    ("content", "<u8"),  # 64-bit hash of tokens, spans and weight
    ("first_span", "<u8"),  # first pair in spans.bin
    ("spans", "<u4"),
    ("weight", "<f4"),
]


class TokenWriter:
    """Writes a token folder. Memory: 48 bytes and the id of each sample, for the index and the ids file."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self._folder = folder
        self._tokens = (folder / "tokens.bin").open("wb")
        self._spans = (folder / "spans.bin").open("wb")
        self._rows: list[tuple[int, int, int, int, int, int, int, float]] = []
        self._ids: list[str] = []
        self._offset = self._span = 0

    def add(self, sample: Encoded) -> None:
        """Append one sample."""
        import numpy as np

        ids = np.asarray(sample.ids, dtype="<u4").tobytes()
        spans = np.asarray(sample.spans, dtype="<u4").tobytes()
        content = blake2b(ids + b"/" + spans + b"/" + repr(sample.weight).encode(), digest_size=8)
        identity = blake2b(sample.id.encode(), digest_size=8)
        self._rows.append(
            (
                self._offset,
                len(sample.ids),
                sample.targets,
                int.from_bytes(identity.digest(), "little"),
                int.from_bytes(content.digest(), "little"),
                self._span,
                len(sample.spans),
                sample.weight,
            )
        )
        self._ids.append(sample.id)
        self._tokens.write(ids)
        self._spans.write(spans)
        self._offset += len(sample.ids)
        self._span += len(sample.spans)

    def close(self) -> dict[str, Any]:
        """Finish the folder and return its manifest: counts, and a hash that does not depend on the order of the rows."""
        import numpy as np

        self._tokens.close()
        self._spans.close()
        index = np.array(self._rows, dtype=INDEX_FIELDS)
        index.tofile(self._folder / "index.bin")
        (self._folder / "ids.txt").write_text("".join(f"{identity}\n" for identity in self._ids), "utf-8")
        keys = np.stack([index["id"], index["content"]], axis=1)[np.lexsort((index["content"], index["id"]))]
        manifest = {
            "samples": len(index),
            "tokens": int(index["tokens"].sum()),
            "targets": int(index["targets"].sum()),
            "longest": int(index["tokens"].max(initial=0)),
            "sha256": hashlib.sha256(keys.tobytes()).hexdigest(),
        }
        (self._folder / "manifest.json").write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
        return manifest


@dataclass(frozen=True)
class Tokens:
    """An opened token folder: `index` has the fields of INDEX_FIELDS, one entry per sample."""

    index: "Index"
    _tokens: "Ids"
    _spans: "Ids"
    folder: Path

    def sample(self, place: int) -> tuple["Places", "Places"]:
        """Return (ids, positions of the learnt ones) of the sample at a place of the index."""
        import numpy as np

        entry = self.index[place]
        start, first = int(entry["offset"]), int(entry["first_span"])
        ids = self._tokens[start : start + int(entry["tokens"])].astype(np.int64)
        spans = self._spans[2 * first : 2 * (first + int(entry["spans"]))].reshape(-1, 2).astype(np.int64)
        positions = np.concatenate([np.arange(begin, begin + length) for begin, length in spans])
        return ids, positions

    def names(self, places: Iterable[int]) -> list[str]:
        """Return the ids of samples, for a person to find them."""
        ids = (self.folder / "ids.txt").read_text("utf-8").splitlines()
        return [ids[place] for place in places]


def open_tokens(folder: Path) -> Tokens:
    """Return the tokens in a finished folder, mapped into memory."""
    import numpy as np

    index = np.fromfile(folder / "index.bin", dtype=INDEX_FIELDS)
    tokens = np.memmap(folder / "tokens.bin", dtype="<u4", mode="r")
    spans = np.memmap(folder / "spans.bin", dtype="<u4", mode="r")
    return Tokens(index, tokens, spans, folder)
