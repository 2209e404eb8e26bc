"""Finds out, once per server and model, how a request must be put, from what the server refuses."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

from syncode.engines.dialect import OPTIONAL, PLAIN, Dialect, named_in
from syncode.engines.replies.outcome import Verdict

_MOST_STEPS = 12  # forms that are tried for one refused request: each of its parts has two at most (chosen here)
# Which parts an error that names none may be about, and how often the same form is tried again before. Internal errors come from
# grammars and chat templates that a server cannot compile, from seeds that its hardware does not know, and from
# temperatures that its sampler divides by.
_REFUSALS = (
    "HTTP 400",
    "HTTP 403",
    "HTTP 404",
    "HTTP 405",
    "HTTP 406",
    "HTTP 409",
    "HTTP 412",
    "HTTP 415",
    "HTTP 422",
    "HTTP 501",
)
_STUMBLED = "HTTP 500"
_SUSPECTS = {
    **dict.fromkeys(_REFUSALS, (OPTIONAL, 1)),
    _STUMBLED: (("response_format", "system", "seed", "temperature", "top_p"), 2),
}
_SAMPLING = ("temperature", "seed", "top_p", "stop")


@dataclass
class _Trial:
    """One request that is asked again in other forms; all others wait for how it ends.

    `base` is the form that is known to be better than the last one that was refused, `now` the one that is tried. `stumbled`: it
    is a guess after an internal error, which may have passed meanwhile: it is believed once a second request needs it.
    """

    base: Dialect
    now: Dialect
    reason: str
    guesses: Iterator[Dialect]
    named: bool
    first: str
    stumbled: bool
    steps: int = 0


class Adapter:
    """What is known of one server. `dialect` is how requests are put; it changes only after an answer has proved the change."""

    def __init__(self, plain: Dialect = PLAIN) -> None:
        self.plain = self.dialect = plain
        self.why = ""
        self._proven: set[str] = set()
        self._suspected: set[str] = set()
        self._hint: Dialect | None = None
        self._trials: dict[int, _Trial] = {}
        self._settled: asyncio.Event | None = None

    async def settled(self, who: object) -> None:
        """Wait until no trial but one's own is under way."""
        while self.holds_back(who):
            assert self._settled is not None
            await self._settled.wait()

    def holds_back(self, who: object) -> bool:
        """Return whether another request is finding out how this one should be put."""
        return bool(self._trials) and id(who) not in self._trials

    def for_request(self, who: object) -> Dialect:
        """Return the form in which this request is put next."""
        trial = self._trials.get(id(who))
        return trial.now if trial else self.dialect

    def answered(self, who: object, used: Dialect, parts: frozenset[str]) -> Dialect | None:
        """Take note of an answer to a request with these parts; return the dialect if it has just changed."""
        self._proven |= {name for name in parts if name not in used.left_out}
        trial = self._trials.get(id(who))
        before = self.dialect
        if trial is not None and trial.now == used:
            if trial.stumbled and trial.now not in (self._hint, before):
                self._hint = trial.now
            else:
                self.dialect, self.why = trial.now, trial.first
        self.give_up(who)
        return self.dialect if self.dialect != before else None

    def refused(self, who: object, used: Dialect, parts: frozenset[str], verdict: Verdict) -> bool:
        """Take note of a refusal; True if the request should be asked once more, at once, in the form of `for_request`."""
        if verdict.refusal is None:
            return False
        trial = self._trials.get(id(who))
        if trial is not None:
            return self._next(who, trial, parts, verdict)
        if self.dialect != used or self._trials:
            return True  # another request has found something out, or is about to
        named = named_in(verdict.refusal, parts)
        form = without(self.dialect, named)
        guesses = iter(()) if named else self._guesses(self.dialect, parts, verdict)
        if form is None and (form := next(guesses, None)) is None:
            return False
        stumbled = not named and verdict.kind == _STUMBLED
        self._trials[id(who)] = _Trial(
            self.dialect, form, verdict.reason, guesses, bool(named), verdict.reason, stumbled
        )
        self._settled = asyncio.Event()
        return True

    def _next(self, who: object, trial: _Trial, parts: frozenset[str], verdict: Verdict) -> bool:
        """Go on with a trial whose form was refused as well."""
        assert verdict.refusal is not None
        trial.steps += 1
        named = named_in(verdict.refusal, parts)
        if verdict.reason != trial.reason:  # the change has cured something: what is refused now is another part
            trial.base, trial.reason = trial.now, verdict.reason
            trial.guesses = iter(()) if named else self._guesses(trial.base, parts, verdict)
            trial.stumbled = not named and verdict.kind == _STUMBLED
        form = without(trial.now, named) or next(trial.guesses, None)
        if form is None or trial.steps >= _MOST_STEPS:
            self.give_up(who)
            return False
        trial.now, trial.named = form, bool(named)
        return True

    def accepted_form(self, who: object) -> Dialect | None:
        """The server fails the row for another reason: a change that it asked for by name is proven all the same."""
        trial = self._trials.get(id(who))
        before = self.dialect
        if trial is not None and trial.named:
            self.dialect, self.why = trial.now, trial.first
        self.give_up(who)
        return self.dialect if self.dialect != before else None

    def give_up(self, who: object) -> None:
        """End the trial of a request, if it has one."""
        if self._trials.pop(id(who), None) is not None and self._settled is not None:
            self._settled.set()

    def _guesses(self, base: Dialect, parts: frozenset[str], verdict: Verdict) -> Iterator[Dialect]:
        """Yield forms without one part, then the plainest, of the parts that no answer has proven; each only once per run.

        The same form comes first, once or, after an internal error, twice: a server that merely stumbled answers it, and nothing
        is laid to a part.
        """
        if verdict.kind == _STUMBLED and self._hint is not None:
            yield self._hint
        may_be, again = _SUSPECTS.get(verdict.kind, ((), 0))
        suspects = [name for name in may_be if name in parts and name not in self._proven | self._suspected]
        self._suspected |= set(suspects)
        if suspects:
            yield from [base] * again
        for name in suspects:
            form = base.without(name)
            while form is not None:
                yield form
                form = form.without(name) if name == "response_format" else None
        several = [name for name in suspects if name in _SAMPLING]
        for group in (several, suspects):
            if len(group) > 1:
                yield base.without_all(group)


def without(dialect: Dialect, named: frozenset[str]) -> Dialect | None:
    """Return the next form without the parts that were named, None if there is none."""
    form: Dialect | None = None
    for name in OPTIONAL:
        if name in named:
            form = (form or dialect).without(name) or form
    return form
