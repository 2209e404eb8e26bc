"""Counts what came of a run of the judge, for the lines that end it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable

from syncode.schemas.records import Row
from syncode.verdicts.labels import GIVEN

_AGAIN = "everything else is written, and the same command run again asks for them"


class Tally:
    """Counts the states of the verdicts that pass through it, and remembers the last error."""

    def __init__(self) -> None:
        self.states: Counter[str] = Counter()
        self.canaries: dict[str, Counter[bool | None]] = {}
        self.error = ""
        self.thinking = 0

    def watch(self, stage: Callable[[Row], Awaitable[list[Row]]]) -> Callable[[Row], Awaitable[list[Row]]]:
        """Return the stage with its rows counted."""

        async def counted(row: Row) -> list[Row]:
            rows = await stage(row)
            for verdict in rows:
                self._count(verdict)
            return rows

        return counted

    def _count(self, verdict: Row) -> None:
        if "drop" in verdict:
            return
        self.error = verdict.get("error", self.error)
        self.thinking += verdict.get("cut_in") == "thoughts"
        if "canary" in verdict:
            if verdict["game"] == 0:
                self.canaries.setdefault(verdict["canary"], Counter())[verdict["held"]] += 1
        else:
            self.states[verdict["state"]] += 1

    @property
    def problem(self) -> str:
        """What kept games from having a verdict because the engine failed, empty if nothing did."""
        asked = {"ok", "unparsed", "conflicting", "truncated", "refused", "no_logprobs"}
        count = self.states["api_error"]
        if count and not any(self.states[state] for state in asked):
            return f"the judge never answered: {self.error}"
        if self.states["no_logprobs"] and not self.states["ok"]:
            return "the server gives no log-probabilities: judge without --logprobs, or with another model"
        said = f"{count} game{'s' * (count > 1)} failed at the engine (the last one: {self.error}); "
        return said + _AGAIN if count else ""

    def lines(self) -> list[str]:
        """Return the counts for people: how many have a verdict, and what each kind of canary showed."""
        total = self.states.total()
        given = sum(self.states[state] for state in GIVEN)
        parts = ", ".join(f"{state} {count}" for state, count in sorted(self.states.items()))
        lines = [f"{given} of {total} verdicts ({parts})"]
        if self.thinking:
            lines.append(
                f"{self.thinking} of them were cut while the judge was still thinking: --max-tokens gives it more room, "
                "--reasoning-effort low makes it think less"
            )
        for kind, counts in self.canaries.items():
            missing = f", {counts[None]} without a verdict" if counts[None] else ""
            lines.append(f"canary {kind}: held out {counts[True]} of {counts[True] + counts[False]}{missing}")
        return lines
