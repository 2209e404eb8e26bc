"""Candidate answers and the tests that go with an algorithmic question."""

import re

from syncode.engines import Op, Request, Sampling
from syncode.prompts import render
from syncode.schemas.records import Document

ANSWER = Op("synth.answer", version=1, prompt="synth_answer.v1")
TESTS = Op("synth.tests", version=1, prompt="synth_tests.v1")

ASSERTION_TOKENS = 64  # an assertion with its share of the set-up; ours

_FENCE = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def answer_request(document: Document, question: str, sampling: Sampling, number: int) -> Request:
    """Build the prompt of candidate `number`; only the sample number tells candidates apart."""
    language = document.get("language", "programming")
    return Request(
        str(document["id"]), ANSWER, render(ANSWER.prompt, language=language, question=question), sampling, number
    )


def tests_request(document: Document, question: str, answer: str, count: int) -> Request:
    """Build the prompt that asks for `count` assertions."""
    language = document.get("language", "the language of the answer")
    messages = render(TESTS.prompt, question=question, answer=answer, count=str(count), language=language)
    return Request(str(document["id"]), TESTS, messages, Sampling(temperature=0.0, max_tokens=ASSERTION_TOKENS * count))


def tests_of(reply: str) -> str:
    """Return the first fenced block of the reply, or all of it where there is none."""
    block = _FENCE.search(reply)
    return (block.group(1) if block else reply).strip()
