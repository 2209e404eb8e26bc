"""The document method of SynCode-Instruct (arXiv 2412.05210, section 3).

A model writes a *new* question inspired by each document, answers it several times, and picks the best answer; if the document
was labelled algorithmic, it also writes tests, which `syncode execute` runs later. Everything that was generated stays in
`evidence`.
"""

import asyncio
from typing import Any, NotRequired, TypedDict, cast

from syncode.engines import Ask, Reply, step
from syncode.schemas.check import checker
from syncode.schemas.records import Document, LineageStep, Name, Row, Sample, content_id, draw, dropped
from syncode.schemas.wire import dumps
from syncode.stages.synth import choose, question
from syncode.stages.synth.answer import answer_request, tests_of, tests_request
from syncode.stages.synth.method import Method
from syncode.stages.synth.settings import Settings
from syncode.text.preferences import LABELS, WRONG

OWN = ("text", "id", "messages", *LABELS, *WRONG)
"""Fields that a sample does not take over from its document: it has others of these names, or they would speak of its answer."""


class Told(TypedDict):
    """What is needed of a document; it may come from anywhere."""

    id: Name
    text: str
    language: NotRequired[str | None]
    labels: NotRequired[dict[str, Any]]
    lineage: NotRequired[list[LineageStep]]


async def from_document(row: Row, ask: Ask, *, settings: Settings, seed: int) -> list[Row]:
    """Return one sample, or the document marked `drop` with the raw reply kept beside it."""
    document = cast(Document, row)
    human_language = "zh" if draw(seed, document["id"], 0, "chinese") / 2**64 < settings.chinese else "en"
    request = question.to_request(
        document, settings.document_chars, settings.sampling(settings.question_tokens), human_language
    )
    reply = await ask(request)
    if reply.error:
        return [dropped(document, "synth.engine", reply.error)]
    text, wrong = question.read(reply.spoken.text, document, human_language)
    if wrong:
        return [{**dropped(document, f"synth.{wrong[0]}", wrong[1]), "reply": reply.text}]
    asked = [
        answer_request(document, text, settings.sampling(settings.max_tokens), number)
        for number in range(settings.candidates)
    ]
    replies = [each.spoken for each in await asyncio.gather(*map(ask, asked))]
    errors = [each.error for each in replies if each.error]
    if errors:
        return [dropped(document, "synth.engine", f"{len(errors)} of {len(replies)} answers: {errors[0]}")]
    candidates = [_candidate(each) for each in replies]
    places = choose.usable(replies, settings.allow_cut)
    if not places:
        ends = ", ".join(str(each.finish_reason) for each in replies)
        row = dropped(document, "synth.not_whole", f"no answer is whole and has a text (they ended with {ends})")
        return [{**row, "question": text, "candidates": candidates}]
    chosen = await choose.best(document, text, replies, places, ask, seed)
    if chosen.error:
        return [dropped(document, "synth.engine", chosen.error)]
    steps = [step(request, reply), step(asked[chosen.index], replies[chosen.index]), *chosen.steps]
    evidence = {"candidates": candidates, "choice": chosen.as_evidence()}
    if settings.tests and document.get("labels", {}).get("algorithmic") is True:
        testing = tests_request(document, text, replies[chosen.index].text, settings.tests)
        tested = await ask(testing)
        if tested.error:
            return [dropped(document, "synth.engine", tested.error)]
        evidence |= {"tests": tests_of(tested.text, document.get("language", "")), "tests_reply": tested.text}
        steps.append(step(testing, tested))
    return [_sample(document, text, replies[chosen.index], evidence, steps, human_language)]


def _candidate(reply: Reply) -> Row:
    return {"text": reply.text, **reply.parts, "finish_reason": reply.finish_reason, "request": reply.key}


def _sample(document: Document, text: str, answer: Reply, evidence: Row, steps: list[Any], human_language: str) -> Row:
    messages = [{"role": "user", "content": text}, {"role": "assistant", "content": answer.text, **answer.parts}]
    kept = {key: value for key, value in document.items() if key not in OWN and _fits(key, value)}
    if "source" not in kept and document.get("source") is not None:
        kept["source"] = dumps(document["source"]).decode()  # people keep anything there: its JSON is a name
    return {
        "id": content_id(document["id"], messages),
        "messages": messages,
        **kept,
        "language": document.get("language") or "unknown",
        "labels": {**document.get("labels", {}), "human_language": human_language},
        "finish_reason": answer.finish_reason,
        "evidence": evidence,
        "document": document["id"],
        "lineage": [*document.get("lineage", []), *steps],
    }


def _fits(key: str, value: object) -> bool:
    """Return whether a field of a document may stand in a Sample: it means nothing there, or is of the type that it has there."""
    return checker(Sample, partial=True)({key: value}) is None


METHOD = Method(("document",), Told, from_document)
