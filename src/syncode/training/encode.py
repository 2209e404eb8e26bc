"""Chats to token ids with their targets, by the `tokenizers` library; nothing in a text is ever taken for a special token."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import orjson

from syncode.errors import DataError
from syncode.schemas.records import Message, Row, dropped
from syncode.text import chats, thoughts
from syncode.text.endings import ended, is_whole
from syncode.training import chat
from syncode.training.chat import AUDITED, END, START, Segment, Template
from syncode.training.recipe import Batch
from syncode.training.rendered import Refused, needs_template, rendered

if TYPE_CHECKING:
    from tokenizers import Tokenizer

USUAL = re.compile("s?(ua)+u?")
"""Orders of turns that every template of the family writes, by the first letters of the roles."""
BLOCK = 256  # rows tokenised together, on all cores; chosen here
MARKER = re.compile(r"<.+>")  # an added token of this form is a control mark, others (runs of blanks) are ordinary text


@dataclass(frozen=True)
class Encoded:
    """One sample as ids; `spans` are the (start, length) runs of ids that are learnt."""

    id: str
    ids: list[int]
    spans: list[tuple[int, int]]
    weight: float = 1.0
    without_thoughts: bool = False  # it had some, which the chat template does not write

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

    @cached_property
    def longest(self) -> int:
        """Number of characters that a token stands for at most: one of a byte-level vocabulary has a letter for each byte."""
        return max(map(len, self.text.get_vocab()))


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
    texts = _template_texts(folder, template_file)
    template = chat.read_template(texts["default"], _token_names(folder), texts.get("tool_use"))
    prints = {"tokenizer": _sha(raw), "template": _sha((texts["default"] + texts.get("tool_use", "")).encode())}
    return Chatter(deaf, whole, template, specials, prints)


def _template_texts(folder: Path, file: str | None) -> dict[str, str]:
    if file is None:
        return chat.templates_of(folder) or {"default": chat.CHATML}
    try:
        return {"default": Path(file).read_text("utf-8")}
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

    The first 1,000 rows, and of later ones those with an order of turns that has not been compared, are compared with the model's
    own template. Raises DataError for a mismatch, and for a sample that is too long where the batch says so.
    """
    incoming = iter(rows)
    auditor = Auditor(chatter)
    while block := list(islice(incoming, BLOCK)):
        made = [_lesson(row, chatter, batch) for row in block]
        ids = iter(_encode_block([lesson.parts for lesson in made if isinstance(lesson, Lesson)], chatter))
        for row, lesson in zip(block, made, strict=True):
            if not isinstance(lesson, Lesson):
                yield dropped(row, *lesson)
                continue
            tokens = next(ids)
            if reason := auditor.fault(row, lesson, tokens):
                yield dropped(row, "train.template", reason)
                continue
            yield _fitted(row, lesson, tokens, batch)


@dataclass(frozen=True)
class Lesson:
    """What a chat teaches: its turns, and the segments that they are spelt with."""

    turns: list[Message]
    parts: list[Segment]
    without_thoughts: bool
    shortened: bool  # the end of a text that no `max_len` tokens can hold is not there


def _lesson(row: Row, chatter: Chatter, batch: Batch) -> Lesson | tuple[str, str]:
    """Return what a chat teaches, or the rule and the reason to drop it."""
    try:
        messages, tools = [thoughts.separated(turn) for turn in chats.turns(row)], chats.tools(row)
    except chats.Unreadable as error:
        return "train.unreadable", str(error)
    without_thoughts = not chatter.template.thoughts and any("reasoning" in turn for turn in messages)
    if without_thoughts:
        messages = [thoughts.left_out(turn) for turn in messages]
    reason = ended(row)
    cut = not is_whole(reason)
    if cut and not batch.allow_cut:
        return "train.not_whole", f"the answer ended with {reason!r}"
    kept = [_shortened(turn, (batch.max_len + 1) * chatter.longest) for turn in messages]
    shortened, messages = kept != messages, kept
    weight = row.get("weight", 1.0)
    if not 0 < weight < 1e6:
        return "train.weight", f"{weight} is not a positive number"
    try:
        parts = (
            rendered(messages, tools, chatter.template, chatter.specials, batch.loss)
            if needs_template(messages, tools)
            else chat.segments(messages, chatter.template.default_system, batch.loss)
        )
    except Refused as error:
        return "train.template", str(error)
    return Lesson(messages, _without_end(parts) if cut else parts, without_thoughts, shortened)


def _shortened(turn: Message, most: int) -> Message:
    """Return a turn with this many characters of its texts at most: tokens of 100 MB of text would take 20 GB."""
    fields = cast(dict[str, Any], turn)
    texts = {key: fields[key][:most] for key in ("content", "reasoning") if len(fields.get(key, "")) > most}
    return cast(Message, {**fields, **texts}) if texts else turn


def _without_end(parts: list[Segment]) -> list[Segment]:
    """Return the segments with the last end token not learnt: an answer that was cut must not teach where to stop."""
    last = max((at for at, part in enumerate(parts) if part.text == END and part.target), default=-1)
    return [replace(part, target=False) if at == last else part for at, part in enumerate(parts)]


def _encode_block(parts: list[list[Segment]], chatter: Chatter) -> Iterator[list[list[int]]]:
    """Yield the ids of each segment of every chat, all texts of a kind tokenised in one call."""
    texts = [segment for chat_parts in parts for segment in chat_parts if not segment.special]
    encoded = {
        heard: iter(tokenizer.encode_batch_fast([s.text for s in texts if s.heard is heard], add_special_tokens=False))
        for heard, tokenizer in ((False, chatter.text), (True, chatter.whole))
    }
    for chat_parts in parts:
        yield [[chatter.specials[s.text]] if s.special else next(encoded[s.heard]).ids for s in chat_parts]


class Auditor:
    """Compares what is taught with the model's own template."""

    def __init__(self, chatter: Chatter) -> None:
        self._chatter = chatter
        self._seen = 0
        self._compared: set[str] = set()

    def fault(self, row: Row, lesson: Lesson, ids: list[list[int]]) -> str | None:
        """Return why the template cannot teach a chat, None if it can or need not be asked.

        It may refuse an order of turns, or write it otherwise: that is the chat's fault if the order is unusual. Raises
        DataError for a difference in a usual one, and for ids that differ.
        """
        messages, parts = lesson.turns, lesson.parts
        order = "".join(turn["role"][0] for turn in messages)
        self._seen += 1
        if self._seen > AUDITED and order in self._compared:
            return None
        if not any(part.heard for part in parts):
            try:
                theirs = chat.spell(self._chatter.template, messages)
            except DataError as error:
                return str(error)
            ours = chat.spelt(parts)
            if ours.rstrip("\n") != theirs.rstrip("\n"):
                told = f"the chat template disagrees {chat.difference(ours, theirs)}"
                if not USUAL.fullmatch(order):
                    return told
                raise DataError(f"sample {row['id']}: {told}; see --template")
        other = self._other_ids(messages, parts, ids)
        if other and not any(part.heard for part in parts):
            raise DataError(f"sample {row['id']}: {other}")
        self._compared.add(order)
        return other

    def _other_ids(self, messages: list[Message], parts: list[Segment], ids: list[list[int]]) -> str | None:
        """Return how the ids differ from those of the whole text, if nothing in the chat makes them differ rightly.

        They rightly differ if a text holds the name of a special token (the template would let it be parsed), and if an answer
        starts with white space, which the template's text glues to the newline of the header.
        """
        answers = [turn["content"] for turn in messages if turn["role"] == "assistant"]
        answers += [part.text for part in parts if part.heard and part.target]
        contents = "".join(turn["content"] for turn in messages)
        if any(text[:1].isspace() for text in answers) or any(name in contents for name in self._chatter.specials):
            return None
        flat = [token for segment in ids for token in segment]
        whole = self._chatter.whole.encode(chat.spelt(parts), add_special_tokens=False).ids
        if flat == whole:
            return None
        pairs = enumerate(zip(flat, whole, strict=False))
        place = next((at for at, pair in pairs if pair[0] != pair[1]), len(whole))
        return f"token {place} is not the one that the tokenizer makes of the whole chat"


def _fitted(row: Row, lesson: Lesson, ids: list[list[int]], batch: Batch) -> Encoded | Row:
    """Return the sample within `max_len`, or the row marked `drop`."""
    flat: list[int] = []
    spans: list[tuple[int, int]] = []
    for part, tokens in zip(lesson.parts, ids, strict=True):
        if part.target and tokens:
            if spans and sum(spans[-1]) == len(flat):
                spans[-1] = (spans[-1][0], spans[-1][1] + len(tokens))
            else:
                spans.append((len(flat), len(tokens)))
        flat += tokens
    if len(flat) > batch.max_len:
        length = f"{'at least ' if lesson.shortened else ''}{len(flat)} tokens, --max-len is {batch.max_len}"
        if batch.overlong == "error":
            raise DataError(f"sample {row['id']}: {length}; see --overlong")
        if batch.overlong == "drop":
            return dropped(row, "train.overlong", length)
        flat = flat[: batch.max_len]
        spans = [(start, min(count, len(flat) - start)) for start, count in spans if start < len(flat)]
    if not spans:
        return dropped(row, "train.no_target", "no assistant text to learn")
    return Encoded(str(row["id"]), flat, spans, row.get("weight", 1.0), lesson.without_thoughts)


def counted(dropped: Counter[str]) -> str:
    """Return how many rows were dropped by which rule, for people."""
    return ", ".join(f"{rule} {count}" for rule, count in sorted(dropped.items())) or "no rows at all"
