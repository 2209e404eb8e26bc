"""One document's chain of calls: question, then candidates, then choice and tests."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, NotRequired, TypedDict

from syncode.engines import Ask, Reply, Sampling, step
from syncode.schemas.records import Document, LineageStep, Name, Row, content_id, draw, dropped
from syncode.stages.synth import choose, question
from syncode.stages.synth.answer import answer_request, tests_of, tests_request


class Told(TypedDict):
    """What is needed of a document; it may come from anywhere."""

    id: Name
    text: str
    source: NotRequired[dict[str, Any]]
    language: NotRequired[str | None]
    labels: NotRequired[dict[str, Any]]
    lineage: NotRequired[list[LineageStep]]


@dataclass(frozen=True)
class Settings:
    """How many answers, how free, how long. Defaults are ours unless a source is named."""

    candidates: int = field(
        default=4,  # Best-of-N with N = 4: arXiv 2412.05210, section 3
        metadata={"help": "Answers to each question, of which the best is kept.", "min": 1},
    )
    temperature: float = field(
        default=0.8, metadata={"help": "Sampling temperature of questions and answers.", "min": 0.0}
    )
    max_tokens: int = field(default=1024, metadata={"help": "Longest answer, in tokens.", "min": 1})
    question_tokens: int = field(default=512, metadata={"help": "Longest question, in tokens.", "min": 1})
    tests: int = field(
        default=10,  # assertions per question: OpenCodeInstruct
        metadata={"help": "Assertions to write where a document is labelled algorithmic; 0 for none.", "min": 0},
    )
    document_chars: int = field(
        default=4096,  # about the 1,024 tokens of the Qwen2.5-Coder report, section 4.1
        metadata={"help": "Longest part of a document that is shown, in characters.", "min": 1},
    )
    chinese: float = field(
        default=0.0,
        metadata={"help": "Share of questions asked in Chinese instead of English.", "min": 0.0, "max": 1.0},
    )

    def sampling(self, max_tokens: int) -> Sampling:
        """Return the decoding parameters of a free reply."""
        return Sampling(temperature=self.temperature, max_tokens=max_tokens)


async def synth(document: Document, ask: Ask, *, settings: Settings, seed: int) -> list[Row]:
    """Return one sample, or the document marked `drop` with the raw reply kept beside it."""
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
    if not choose.whole(replies):
        return [{**dropped(document, *_not_whole(replies)), "candidates": [_candidate(each) for each in replies]}]
    chosen = await choose.best(document, text, replies, ask, seed)
    if chosen.error:
        return [dropped(document, "synth.engine", chosen.error)]
    steps = [step(request, reply), step(asked[chosen.index], replies[chosen.index]), *chosen.steps]
    evidence = {"candidates": [_candidate(each) for each in replies], "choice": chosen.as_evidence()}
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


def _not_whole(replies: list[Reply]) -> tuple[str, str]:
    """Return the rule and the reason of a document none of whose answers can be taken."""
    said = [each for each in replies if each.text.strip()]
    if not said:
        return "synth.no_answer", f"all of the {len(replies)} answers are empty"
    reasons = ", ".join(sorted({str(each.finish_reason) for each in said}))
    return "synth.truncated", f"none of the {len(replies)} answers came to its end ({reasons})"


def _sample(document: Document, text: str, answer: Reply, evidence: Row, steps: list[Any], human_language: str) -> Row:
    messages = [{"role": "user", "content": text}, {"role": "assistant", "content": answer.text, **answer.parts}]
    kept = {key: value for key, value in document.items() if key not in ("text", "id")}
    return {
        "id": content_id(document["id"], messages),
        "messages": messages,
        **kept,
        "language": document.get("language", "unknown"),
        "labels": {**document.get("labels", {}), "human_language": human_language},
        "finish_reason": answer.finish_reason,
        "evidence": evidence,
        "document": document["id"],
        "lineage": [*document.get("lineage", []), *steps],
    }
