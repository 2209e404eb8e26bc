"""Candidate answers and the tests that go with an algorithmic question."""

import re

from syncode.engines import Op, Request, Sampling
from syncode.prompts import render
from syncode.schemas.records import Document
from syncode.text import python
from syncode.text.languages import canonical
from syncode.text.program import candidates
from syncode.text.program.turns import spoken

ANSWER = Op("synth.answer", version=1, prompt="synth_answer.v1")
TESTS = Op("synth.tests", version=1, prompt="synth_tests.v1")

ASSERTION_TOKENS = 64  # an assertion with its share of the set-up; chosen here

_TESTS = re.compile(r"\b(?:assert\w*|expect|test\w*|it|describe)\b", re.IGNORECASE)


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


def tests_of(reply: str, language: str) -> str:
    """Return the first fenced block of the reply that tests something, or all of the reply if it has none.

    Python that was cut off is taken up to its last whole statement.
    """
    said = spoken(reply)
    found = [each.code for each in candidates.fenced(said, canonical(language) or language)]
    tests = next((code for code in found if _TESTS.search(code)), found[0] if found else said).strip()
    if canonical(language) != "python" or python.parses(tests):
        return tests
    return "\n".join(run.strip() for run in python.runs(tests)) or tests
