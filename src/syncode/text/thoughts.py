"""Separates what a model thought aloud from what it answered."""

import re
from typing import NamedTuple, cast

from syncode.schemas.records import Message
from syncode.text import python

_NAMES = r"(?:seed:)?think(?:ing)?|thoughts?|reasoning|reflection|scratchpad|antThinking|internal_monologue"
_MARK = re.compile(
    rf"^[ \t>]*(?P<fence>`{{3,}}|~{{3,}})"
    rf"|<(?P<close>/?)(?P<name>{_NAMES})(?:[ \t][^<>\n]{{0,80}})?>"
    r"|\[(?P<square>/?)THINK\]|◁(?P<kimi>/?)think▷|<\|(?P<began>begin|end)_of_thought\|>"
    r"|<\|(?P<cohere>START|END)_THINKING\|>|<\|(?P<pipe>/?)think(?:ing)?\|>|(?P<gemma><\|channel>thought\b|<channel\|>)",
    re.IGNORECASE | re.MULTILINE,
)
"""Fences, and marks of thoughts: DeepSeek, Qwen, Seed, Magistral, Kimi, OpenThinker, Command A, Gemma, and words of prompts."""
_SURE = ("think", "thinking", "seed:think", "")
"""Names that stand for a thought wherever a line begins with them; the others are plain words and count at the start only."""
_CHANNEL = re.compile(r"<\|channel\|>[ \t]*(\w+)[^<]{0,100}<\|message\|>")
_ENDS = re.compile(r"<\|(?:end|return|call|start)\|>")
_SPOKEN = re.compile(r"analysis(?=[A-Z\s\W])")  # gpt-oss with its special tokens left out in decoding
_SOLUTION = re.compile(
    r"\A\s*<\|begin_of_solution\|>\s*|\s*<\|end_of_solution\|>\s*\Z|\A\s*<\|START_RESPONSE\|>|<\|END_RESPONSE\|>\s*\Z"
)
_MARKUP = ("html", "xml", "markdown", "md", "jsx", "tsx", "vue", "svelte", "text", "txt", "jinja", "prompt")
_SENTENCE_ENDS = ".!?)]}`。！？"
_LISTED = re.compile(r"[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]")
_QUOTES = "`'\"“‘«”’»"


class Split(NamedTuple):
    """A turn in its two parts; `reasoning` is empty for a model that only answered."""

    reasoning: str
    answer: str


def split(text: str) -> Split:
    """Return the thoughts and the answer of a reply; the answer is the text itself where no thought is marked.

    Thoughts stand between marks (`<think>`, `[THINK]`, `<|channel|>analysis`, ...), before a closing mark whose opening one was
    part of the prompt, or behind an opening mark that was never closed. Marks inside fences, inline code, quotes and sentences,
    and in an answer that is nothing but a Python program, are text of the answer. Linear in the length of the text.
    """
    if (
        "<|channel|>" in text
        and not python.parses(text)
        and (found := _CHANNEL.search(text))
        and _marks_channel(text, found.start())
    ):
        return _channels(text, found.start())
    if (spoken := _SPOKEN.match(text)) and (at := text.find("assistantfinal")) >= 0:
        return Split(text[spoken.end() : at].strip(), text[at + len("assistantfinal") :])
    reader = _read(text)
    return reader.end() if reader and not python.parses(text) else Split("", text)


def is_open(text: str) -> bool:
    """Return whether a reply ends in the middle of a thought that its marks do not close."""
    reader = _read(text)
    return reader is not None and reader.inside


def separated(turn: Message) -> Message:
    """Return a turn of the assistant with its thoughts in `reasoning`; any other turn, and one without thoughts, as it is."""
    if turn["role"] != "assistant":
        return turn
    reasoning, answer = split(turn["content"])
    if answer == turn["content"]:
        return turn
    before = cast(dict[str, object], turn).get("reasoning")
    parts = [part for part in (before, reasoning) if isinstance(part, str) and part]
    kept = {**turn, "content": answer}
    return cast(Message, {**kept, "reasoning": "\n\n".join(parts)} if parts else kept)


def left_out(turn: Message) -> Message:
    """Return a turn without what was thought before it, as a model that does not think aloud would have answered."""
    return cast(Message, {key: value for key, value in turn.items() if key != "reasoning"})


def _marks_channel(text: str, start: int) -> bool:
    """Return whether the first mark of a channel is one: the turn begins with it, or it stands outside of fences and quotes."""
    before = text[:start]
    if not before.strip() or before.lstrip().startswith("<|") or before.endswith("<|start|>assistant"):
        return True
    fences = len(re.findall(r"^[ \t>]*(?:`{3,}|~{3,})", before, re.MULTILINE))
    line = before.rpartition("\n")[2]
    return fences % 2 == 0 and line.count("`") % 2 == 0 and line[-1:] not in _QUOTES


def _channels(text: str, start: int) -> Split:
    """Read the messages of gpt-oss: the channel `final` is the answer."""
    thoughts: list[str] = [] if text[:start].startswith("<|") else [text[:start]]
    answers: list[str] = []
    for found in _CHANNEL.finditer(text):
        end = _ENDS.search(text, found.end())
        said = text[found.end() : end.start() if end else len(text)]
        (answers if found[1] == "final" else thoughts).append(said)
    return Split("\n\n".join(part.strip() for part in thoughts if part.strip()), "\n".join(answers))


def _read(text: str) -> "_Reader | None":
    """Return a reader that has seen all marks of a text; None if there is none."""
    if not any(mark in text for mark in ("<", "[", "◁")) or not any(_tag(mark) for mark in _MARK.finditer(text)):
        return None
    reader = _Reader(text)
    for mark in _MARK.finditer(text):
        reader.read(mark)
    return reader


class _Tag(NamedTuple):
    name: str
    closing: bool


def _tag(mark: re.Match[str]) -> _Tag | None:
    if mark["fence"]:
        return None
    if mark["name"]:
        return _Tag(mark["name"].lower(), bool(mark["close"]))
    if mark["gemma"]:
        return _Tag("", mark["gemma"].startswith("<c"))
    signs = [mark[group] for group in ("square", "kimi", "began", "cohere", "pipe")]
    return _Tag("", any(sign and sign.lower() in ("/", "end") for sign in signs))


class _Reader:
    """Walks over the marks of a text once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._thoughts: list[str] = []
        self._answers: list[str] = []
        self._from = 0  # where what is not yet put anywhere begins
        self._inside: str | None = None  # the name of the thought that is open
        self._fence: tuple[str, str] | None = None  # the open fence and its info string
        self._doubt: re.Match[str] | None = None  # a closing mark inside a fence that may have been left open
        self._waiting: dict[str, int] = {}  # opening marks that were taken for text

    def read(self, mark: re.Match[str]) -> None:
        """Take the next mark."""
        tag = _tag(mark)
        if self._inside is not None:
            if tag and tag.closing and _same(tag.name, self._inside) and not self._quoted(mark):
                self._put(self._thoughts, mark)
                self._inside = None
        elif tag is None:
            self._on_fence(mark)
        elif tag.closing:
            self._on_close(tag, mark)
        elif self._opens(tag, mark):
            self._put(self._answers, mark)
            self._inside = tag.name
        else:
            self._waiting[tag.name] = self._waiting.get(tag.name, 0) + 1

    @property
    def inside(self) -> bool:
        """Whether a thought is open."""
        return self._inside is not None

    def end(self) -> Split:
        """Return the two parts."""
        if self._doubt and self._fence:
            self._alone(self._doubt)
        rest = self._text[self._from :]
        (self._answers if self._inside is None else self._thoughts).append(rest)
        if not self._thoughts:
            return Split("", self._text)
        answer = "".join(self._answers)
        answer = _SOLUTION.sub("", re.sub(r"\A(?:[ \t]*\r?\n)+", "", answer))
        return Split("\n\n".join(part.strip() for part in self._thoughts if part.strip()), answer)

    def _on_fence(self, mark: re.Match[str]) -> None:
        end = self._text.find("\n", mark.end())
        info = self._text[mark.end() : end if end >= 0 else len(self._text)][:200].strip()
        if self._fence is None:
            if "`" not in info:
                self._fence = (mark["fence"], info.lower())
        elif info and self._doubt and mark["fence"][0] == self._fence[0][0]:
            self._alone(self._doubt)
            self._fence = (mark["fence"], info.lower())
        elif mark["fence"].startswith(self._fence[0]) and (not info or info.startswith("<")):
            self._fence = self._doubt = None

    def _on_close(self, tag: _Tag, mark: re.Match[str]) -> None:
        if self._waiting.get(tag.name):
            self._waiting[tag.name] -= 1
        elif self._quoted(mark) or tag.name not in _SURE:
            return
        elif self._fence is None:
            if self._ends_thought(mark):
                self._alone(mark)
        elif not self._fence[1].startswith(_MARKUP) and self._line_of_its_own(mark):
            self._doubt = mark

    def _alone(self, mark: re.Match[str]) -> None:
        """Take all that was said up to a closing mark for the thought."""
        self._thoughts += self._answers
        self._answers.clear()
        self._put(self._thoughts, mark)
        self._fence = self._doubt = None

    def _opens(self, tag: _Tag, mark: re.Match[str]) -> bool:
        if self._fence is not None or self._quoted(mark):
            return False
        said = self._text[max(self._from, mark.start() - 200) : mark.start()]
        first = not said.strip() and (mark.start() - self._from <= 200) and not any(map(str.strip, self._answers))
        begins_line = "\n" in said and not said.rpartition("\n")[2].strip()
        glued = (
            not (said[-1:] or " ").isspace()
            and said[-1:] not in ">("
            and not self._text[mark.end() : mark.end() + 1].isspace()
        )
        return first or (tag.name in _SURE and (begins_line or glued))

    def _quoted(self, mark: re.Match[str]) -> bool:
        """Return whether a mark stands in quotes or in inline code; looks at most 200 characters back."""
        before = self._text[max(0, mark.start() - 200) : mark.start()].rpartition("\n")[2].replace("```", "")
        after = self._text[mark.end() : mark.end() + 3]
        between = before[-1:] in _QUOTES and after[:1] in _QUOTES and after != "```"
        return before.count("`") % 2 == 1 or (between and bool(before and after))

    def _ends_thought(self, mark: re.Match[str]) -> bool:
        """Return whether a closing mark without an opening one ends a thought, and is not spoken of in a sentence or a text.

        It begins or ends its line (no item of a list that goes on), or stands between two sentences without a space.
        """
        before, after = self._line_around(mark)
        ended = before.rstrip()[-1:] in _SENTENCE_ENDS
        if not before.strip() or not after.strip():
            return ended or _LISTED.match(before) is None
        return ended and not before[-1:].isspace() and not after[:1].isspace() and after[:1] not in ".,;:)"

    def _line_of_its_own(self, mark: re.Match[str]) -> bool:
        before, after = self._line_around(mark)
        return not before.strip() and not after.strip()

    def _line_around(self, mark: re.Match[str]) -> tuple[str, str]:
        """Return what stands on the line before and behind a mark, at most 100 characters each."""
        start, end = mark.start(), mark.end()
        return self._text[max(0, start - 100) : start].rpartition("\n")[2], self._text[end : end + 100].partition("\n")[
            0
        ]

    def _put(self, where: list[str], mark: re.Match[str]) -> None:
        where.append(self._text[self._from : mark.start()])
        self._from = mark.end()


def _same(one: str, other: str) -> bool:
    """Return whether a closing mark closes a thought: models mix `think` with `thinking`, `thought` with `thoughts`."""
    return one[-5:] == other[-5:] or one.rstrip("s") == other.rstrip("s") or {one, other} <= set(_SURE)
