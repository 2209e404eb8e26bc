"""The judging protocols as data: games, labels, sampling and the way games become a score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from syncode.errors import UsageError
from syncode.verdicts.labels import FIVE, THREE

Score = Literal["codearena", "arena-hard", "plain", "pairwise", "scoring"]


@dataclass(frozen=True)
class Protocol:
    """How a pair of answers is judged.

    `prompt` and `prompt_json` are names in `prompts/` for a reply in words and for a structured one. `temperature` and
    `max_tokens` are those of the published run, used with `--reader text`. `baseline` names the published baseline.
    """

    name: str
    prompt: str
    labels: tuple[str, ...]
    games: int
    temperature: float
    max_tokens: int
    score: Score
    baseline: str = ""

    @property
    def prompt_json(self) -> str:
        """The same prompt with the reply as JSON: `judge_five_json.v1` for `judge_five.v1`."""
        stem, _, version = self.prompt.rpartition(".")
        return f"{stem}_json.{version}"


# codearena: arXiv 2412.05210 section 4.2 and its released judge code; arena-hard: lmarena/arena-hard-auto, question and judge
# settings of v0.1 and v2.0; pairwise: the MT-bench form of FastChat's llm_judge.
PROTOCOLS: Mapping[str, Protocol] = {
    protocol.name: protocol
    for protocol in (
        Protocol("codearena", "judge_five.v1", FIVE, 2, 0.2, 16384, "codearena", "gpt-4-turbo-2024-04-09"),
        Protocol("arena-hard-v0.1", "judge_five.v1", FIVE, 2, 0.0, 4096, "arena-hard", "gpt-4-0314"),
        Protocol("arena-hard-v2", "judge_five.v1", FIVE, 2, 0.0, 16000, "arena-hard", "o3-mini-2025-01-31"),
        Protocol("arena-hard-v2-creative", "judge_five_creative.v1", FIVE, 2, 0.0, 16000, "arena-hard"),
        Protocol("pairwise", "judge_three.v1", THREE, 2, 0.0, 2048, "pairwise"),
    )
}
FIXED_BASELINE = ("codearena", "arena-hard-v0.1", "arena-hard-v2", "arena-hard-v2-creative")
"""Protocols in which every model meets one baseline on every task."""


def protocol_named(name: str) -> Protocol:
    """Return a pairwise protocol, or raise UsageError with the names there are."""
    if name not in PROTOCOLS:
        raise UsageError(f"--protocol {name}: there are {', '.join(PROTOCOLS)}, scoring, checklist and best")
    return PROTOCOLS[name]
