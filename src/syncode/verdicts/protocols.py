"""The judging protocols as data: what is shown and asked, how often, and the way replies become a score.

A protocol is one row of `PROTOCOLS`; judge, leaderboard and help read everything from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from syncode.errors import unknown
from syncode.prompts import filled, turns, turns_in
from syncode.schemas.records import Message
from syncode.verdicts.labels import FIVE, THREE

Score = Literal["codearena", "arena-hard", "plain", "pairwise", "scoring"]
"""How games become a score: the keys of `units.RULES`."""
Reader = Literal["json", "text", "codearena", "arena-hard-v2", "fastchat"]
"""How a reply is read: as a JSON object, by our rules for words, or as the published programs do."""

ITEMS = ("consistency", "relevance", "difficulty", "code", "correctness", "style", "clarity", "comments", "teaching")
"""The nine items of the checklist in arXiv 2409.12186, section 4.2; their scale and weights are not published."""
REPLY_TOKENS = 512
"""Longest structured reply in tokens: 400 characters of reason, the label, and room for a verbose tokenizer (chosen here)."""


@dataclass(frozen=True)
class Protocol:
    """How answers are judged.

    `shows` says what one request shows: a pair of answers, one answer, or all answers to a task. `prompt` and `prompt_json` are
    names in `prompts/`, for a reply in words and for a structured one. A pair gets one of `labels`; one answer gets a grade on
    `scale`, or one for each of `items`. `games` is how often a pair is shown (2: both orders). `opponents` says who meets: every
    model the baseline, or every two models (unless the user names a baseline). `temperature` and `max_tokens` are those of the
    published run; `baseline` names the published baseline. A user's own protocol brings its prompt as `text`, and may have
    `words` of its own for the labels.
    """

    name: str
    prompt: str
    prompt_json: str
    score: Score
    shows: Literal["pair", "answer", "answers"] = "pair"
    opponents: Literal["baseline", "all"] = "baseline"
    games: int = 2
    labels: tuple[str, ...] = ()
    scale: tuple[int, int] = (1, 10)
    items: tuple[str, ...] = ()
    reader: Reader = "json"
    temperature: float = 0.0
    max_tokens: int = REPLY_TOKENS
    baseline: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    text: str = ""

    @property
    def vocabulary(self) -> Mapping[str, str]:
        """What a judge writes -> the label that it means."""
        return self.words or {label: label for label in self.labels}

    def messages(self, reader: Reader, **values: str) -> list[Message]:
        """Return the prompt for replies of this form with every slot filled."""
        prompt = self.prompt_for(reader)
        return filled(turns_in(self.text, prompt) if self.text else turns(prompt), **values)

    def prompt_for(self, reader: Reader) -> str:
        """Return the name of the prompt that asks for replies of this form."""
        return self.prompt_json if reader == "json" else self.prompt


PROTOCOLS: Mapping[str, Protocol] = {
    protocol.name: protocol
    for protocol in (
        Protocol(  # arXiv 2412.05210, section 4.2, and its released judge code
            name="codearena",
            prompt="judge_five.v1",
            prompt_json="judge_five_json.v1",
            labels=FIVE,
            score="codearena",
            temperature=0.2,
            max_tokens=16384,
            baseline="gpt-4-turbo-2024-04-09",
        ),
        Protocol(  # lmarena/arena-hard-auto, question and judge settings of v0.1
            name="arena-hard-v0.1",
            prompt="judge_five.v1",
            prompt_json="judge_five_json.v1",
            labels=FIVE,
            score="arena-hard",
            max_tokens=4096,
            baseline="gpt-4-0314",
        ),
        Protocol(  # lmarena/arena-hard-auto, question and judge settings of v2.0
            name="arena-hard-v2",
            prompt="judge_five.v1",
            prompt_json="judge_five_json.v1",
            labels=FIVE,
            score="arena-hard",
            max_tokens=16000,
            baseline="o3-mini-2025-01-31",
        ),
        Protocol(  # the creative questions of v2.0
            name="arena-hard-v2-creative",
            prompt="judge_five_creative.v1",
            prompt_json="judge_five_creative_json.v1",
            labels=FIVE,
            score="arena-hard",
            max_tokens=16000,
        ),
        Protocol(  # the MT-bench form of FastChat's llm_judge
            name="pairwise",
            prompt="judge_three.v1",
            prompt_json="judge_three_json.v1",
            labels=THREE,
            score="pairwise",
            opponents="all",
            max_tokens=2048,
        ),
        Protocol(  # the single-answer form of FastChat's llm_judge
            name="scoring",
            prompt="judge_scoring.v1",
            prompt_json="judge_scoring_json.v1",
            score="scoring",
            shows="answer",
            games=1,
        ),
        Protocol(  # arXiv 2409.12186, section 4.2
            name="checklist",
            prompt="judge_checklist.v1",
            prompt_json="judge_checklist.v1",
            score="scoring",
            shows="answer",
            games=1,
            scale=(0, 10),  # chosen here
            items=ITEMS,
        ),
        Protocol(  # arXiv 2412.05210, section 3
            name="best",
            prompt="judge_best.v1",
            prompt_json="judge_best.v1",
            score="plain",
            shows="answers",
            opponents="all",
        ),
    )
}


def protocol_named(name: str) -> Protocol:
    """Return a protocol. Raises UsageError with the nearest names for one that does not exist."""
    if name not in PROTOCOLS:
        raise unknown("protocol", name, PROTOCOLS, "--protocol")
    return PROTOCOLS[name]
