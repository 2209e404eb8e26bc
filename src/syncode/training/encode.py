"""Chats to token ids with their targets, by the `tokenizers` library; nothing in a text is ever taken for a special token."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from syncode.errors import DataError
from syncode.schemas.records import Message, Row, dropped
from syncode.text import chats, thoughts
from syncode.text.endings import is_whole
from syncode.training import chat
from syncode.training.chat import AUDITED, END, START, Segment, Template
from syncode.training.recipe import Batch

if TYPE_CHECKING:
    from tokenizers import Tokenizer

BLOCK = 256  # rows tokenised together, on all cores; ours
MARKER = re.compile(r"<.+>")  # an added token of this form is a control mark, others (runs of blanks) are ordinary text


@dataclass(frozen=True)
class Encoded:
    """One sample as ids; `spans` are the (start, length) runs of ids that are learnt."""

    id: str
    ids: list[int]
    spans: list[tuple[int, int]]
    weight: float = 1.0

    @property
    def targets(self) -> int:
        """Number of ids that are learnt."""
        return sum(length for _, length in self.spans)


@dataclass(frozen=True)
class Chatter:
    """What turns chats of one model into ids: a tokenizer deaf to special tokens, its twin that hears them, a template."""

    text: "Tokenizer"
    whole: "Tokenizer"
    template: Template
    specials: dict[str, int]
    fingerprint: dict[str, str]


def open_chatter(folder: Path, template_file: str | None) -> Chatter:
    """Return the chatter of a model folder (tokenizer.json beside tokenizer_config.json).

    Without a template of its own the model gets plain ChatML. Raises DataError where the tokenizer has no ChatML tokens
    or the template is of another family.
    """
    from tokenizers import Tokenizer

    path = folder / "tokenizer.json"
    if not path.is_file():
        raise DataError(f"{folder}: there is no tokenizer.json")
    raw = path.read_bytes()
    table = orjson.loads(raw)
    specials = chat.special_names(table)
    if missing := [name for name in (START, END) if name not in specials]:
        raise DataError(f"{path}: the tokenizer has no {' and no '.join(missing)}: not a ChatML model")
    ordinary = [t for t in table["added_tokens"] if not t["special"] and not MARKER.fullmatch(t["content"])]
    deaf = Tokenizer.from_str(orjson.dumps({**table, "added_tokens": ordinary, "post_processor": None}).decode())
    whole = Tokenizer.from_str(raw.decode())
    template = chat.read_template(_template_text(folder, template_file), _token_names(folder))
    prints = {"tokenizer": _sha(raw), "template": _sha(template.text.encode())}
    return Chatter(deaf, whole, template, specials, prints)


def _template_text(folder: Path, file: str | None) -> str:
    if file is None:
        return chat.template_of(folder) or chat.CHATML
    try:
        return Path(file).read_text("utf-8")
    except OSError as error:
        raise DataError(f"{file}: {error.strerror}") from error


def _token_names(folder: Path) -> dict[str, str]:
    path = folder / "tokenizer_config.json"
    table: dict[str, Any] = orjson.loads(path.read_bytes()) if path.is_file() else {}
    names = {key: table[key] for key in ("bos_token", "eos_token", "pad_token", "unk_token") if table.get(key)}
    return {key: value if isinstance(value, str) else value["content"] for key, value in names.items()}


def _sha(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def encode(rows: Iterable[Row], chatter: Chatter, batch: Batch) -> Iterator[Encoded | Row]:
    """Yield each sample encoded, or its row marked `drop` with the rule that it broke.

    The first 1,000 rows are compared with the model's own template. Raises DataError for a mismatch, and for a sample
    that is too long where the batch says so.
    """
    incoming = iter(rows)
    seen = 0
    while block := list(islice(incoming, BLOCK)):
        good = [row for row in block if _unfit(row) is None]
        parts = [chat.segments(_turns(row), chatter.template.default_system, batch.loss) for row in good]
        ids = iter(_encode_block(parts, chatter))
        for row in block:
            if reason := _unfit(row):
                yield dropped(row, *reason)
                continue
            segments, tokens = next(ids)
            if seen < AUDITED:
                _audit(row, segments, tokens, chatter)
            seen += 1
            yield _fitted(row, segments, tokens, batch)


def _turns(row: Row) -> list[Message]:
    """Return the turns of a row, thoughts in parts of their own: what is learnt is the answer."""
    return [thoughts.separated(turn) for turn in chats.turns(row)]


def _unfit(row: Row) -> tuple[str, str] | None:
    reason = row.get("finish_reason")
    if isinstance(reason, str) and not is_whole(reason):
        return "train.not_whole", f"the answer ended with {reason!r}"
    for turn in chats.turns(row):
        if turn["role"] not in chat.ROLES:
            return "train.role", f"a turn of {turn['role']!r}"
    weight = row.get("weight", 1.0)
    return None if 0 < weight < 1e6 else ("train.weight", f"{weight} is not a positive number")


def _encode_block(parts: list[list[Segment]], chatter: Chatter) -> Iterator[tuple[list[Segment], list[list[int]]]]:
    """Yield (segments, ids of each segment) of every chat, all texts tokenised in one call."""
    texts = [segment.text for chat_parts in parts for segment in chat_parts if not segment.special]
    encoded = iter(chatter.text.encode_batch_fast(texts, add_special_tokens=False))
    for chat_parts in parts:
        yield chat_parts, [[chatter.specials[s.text]] if s.special else next(encoded).ids for s in chat_parts]


def _audit(row: Row, parts: list[Segment], ids: list[list[int]], chatter: Chatter) -> None:
    """Compare with the template: always the text, and the ids where nothing in the chat makes them differ rightly.

    Ids rightly differ where a text holds the name of a special token (the template would let it be parsed), and where
    an answer starts with white space, which the template's text glues to the newline of the header.
    """
    messages = _turns(row)
    theirs = chat.spell(chatter.template, messages)
    ours = chat.spelt(parts)
    if ours.rstrip("\n") != theirs.rstrip("\n"):
        raise DataError(
            f"sample {row['id']}: the chat template disagrees {chat.difference(ours, theirs)}; see --template"
        )
    answers = (turn["content"] for turn in messages if turn["role"] == "assistant")
    contents = "".join(turn["content"] for turn in messages)
    if any(text[:1].isspace() for text in answers) or any(name in contents for name in chatter.specials):
        return
    flat = [token for segment in ids for token in segment]
    whole = chatter.whole.encode(ours, add_special_tokens=False).ids
    if flat != whole:
        place = next((at for at, pair in enumerate(zip(flat, whole, strict=False)) if pair[0] != pair[1]), len(whole))
        raise DataError(f"sample {row['id']}: token {place} is not the one that the tokenizer makes of the whole chat")


def _fitted(row: Row, parts: list[Segment], ids: list[list[int]], batch: Batch) -> Encoded | Row:
    """Return the sample within `max_len`, or the row marked `drop`."""
    flat: list[int] = []
    spans: list[tuple[int, int]] = []
    for part, tokens in zip(parts, ids, strict=True):
        if part.target and tokens:
            if spans and sum(spans[-1]) == len(flat):
                spans[-1] = (spans[-1][0], spans[-1][1] + len(tokens))
            else:
                spans.append((len(flat), len(tokens)))
        flat += tokens
    if len(flat) > batch.max_len:
        length = f"{len(flat)} tokens, --max-len is {batch.max_len}"
        if batch.overlong == "error":
            raise DataError(f"sample {row['id']}: {length}; see --overlong")
        if batch.overlong == "drop":
            return dropped(row, "train.overlong", length)
        flat = flat[: batch.max_len]
        spans = [(start, min(count, len(flat) - start)) for start, count in spans if start < len(flat)]
    if not spans:
        return dropped(row, "train.no_target", "no assistant text to learn")
    return Encoded(str(row["id"]), flat, spans, row.get("weight", 1.0))
