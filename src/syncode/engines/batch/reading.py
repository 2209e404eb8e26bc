"""What a batch brought for each of its requests, and the form in which the next batch puts them."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from syncode.engines.adapting import without
from syncode.engines.batch.book import Harvested
from syncode.engines.batch.lines import Line
from syncode.engines.dialect import OPTIONAL, PLAIN, Dialect, named_in
from syncode.engines.names import accepted
from syncode.engines.pacing.budget import Amount
from syncode.engines.pacing.pool import Lane
from syncode.engines.replies.completion import read
from syncode.engines.replies.decode import Unreadable
from syncode.engines.replies.outcome import Course, Verdict, judge
from syncode.engines.sender import ATTEMPTS, EMPTY_ANSWERS, TOO_FEW_TOKENS, Answered, Question, Terms
from syncode.engines.wire import Response


@dataclass
class Asked:
    """A request that is waited for. `tries`: batches that brought no answer; `empties`: those of them that were paid for."""

    question: Question
    future: "asyncio.Future[Answered]"
    tries: int = 0
    empties: int = 0


class Reader:
    """Reads the lines of one endpoint. `form` is how requests are put from now on, `plain` how they were at first."""

    def __init__(self, lane: Lane, terms: Terms) -> None:
        self._terms = terms
        self._name = lane.name
        self._address = lane.address
        self._accept = lane.accept or terms.accept
        self.plain = self.form = replace(terms.plain, left_out=terms.plain.left_out | {"stream"})

    def read(
        self, asked: Asked | None, key: bytes, line: Line | None, form: Dialect
    ) -> tuple[Harvested, Verdict | None]:
        """Return what became of a request that was put in this form, and the verdict if it would stop a run."""
        if line is None or line.status is None:
            return _again(asked, Harvested(key, Amount())), None
        verdict = judge(Response(line.status, line.body))
        parts = self._terms.parts(asked.question) if asked else frozenset()
        if verdict.course is Course.ANSWER and verdict.reply is not None:
            name = verdict.reply.model
            sent = tuple(form.changes(parts, PLAIN)) if form != self.plain else ()
            stranger = None if accepted(self._name, name, self._accept) else name
            spent = self._paid(verdict.reply.usage)
            return Harvested(key, spent, line.body, verdict.reply, answered=stranger, sent=sent), None
        named = named_in(verdict.refusal, parts) if verdict.refusal else frozenset()
        if without(form, named) is not None:
            if self.form == form:  # the first of many lines that say the same
                self.adapt(named, verdict.reason)
            return _again(asked, Harvested(key, Amount(1)), verdict), None
        if verdict.course is Course.AGAIN:
            usage = _usage(line.body) if verdict.billed else {}
            spent = self._paid(usage) if verdict.billed else Amount(1)
            if spent is not None:  # answers are counted when they are taken out of the journal
                self._terms.use.spend(usage, self._terms.usd(spent))
            return _again(asked, Harvested(key, spent), verdict), None
        if verdict.course is Course.RUN_STOPS:
            return Harvested(key, Amount(1)), verdict
        return Harvested(key, Amount(1), error=verdict.reason), None

    def _paid(self, usage: Mapping[str, int]) -> Amount | None:
        """Return what an answer cost, None for what was reserved: the provider does not say."""
        return self._terms.meter.spent(usage, Amount()) if "prompt_tokens" in usage else None

    def adapt(self, named: frozenset[str], reason: str) -> None:
        """Put the requests of later batches in another form."""
        form = without(self.form, named)
        assert form is not None
        self.form = form
        changes = ", ".join(form.changes(OPTIONAL, self.plain))
        self._terms.notices.once(
            f"batch {changes}",
            f"{self._address} refuses a part of the requests ({reason}); from the next batch on: {changes}",
        )


def _again(asked: Asked | None, item: Harvested, verdict: Verdict | None = None) -> Harvested:
    """Return what brought no answer as something that is asked again, or as failed for good after several batches."""
    if asked is None:
        return item
    empty = verdict is not None and verdict.empty
    asked.tries += 1
    asked.empties += empty
    if asked.tries < ATTEMPTS and asked.empties < EMPTY_ANSWERS:
        return item
    error = f"not answered by {asked.tries} batches" if verdict is None else f"{verdict.reason} ({asked.tries} batches)"
    return replace(item, error=error + TOO_FEW_TOKENS * empty)


def _usage(body: bytes) -> Mapping[str, int]:
    """Return what a response without an answer says of its cost."""
    try:
        return read(body).usage
    except Unreadable:
        return {}
