"""Whose fault a refusal is: that of one row, as long as the server answers others, or the run's."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from syncode.engines import ModelOptions, Reply, Request
from syncode.errors import EngineError

Ask = Callable[..., list[Reply]]
Make = Callable[..., Request]
ROWS = 12


@pytest.fixture
def seen() -> list[int]:
    """The rows that were asked, in their order."""
    return []


@pytest.fixture
def refusing(
    ask_all: Ask, question: Make, scripted: Any, chat: Any, tmp_path: Path, seen: list[int]
) -> Callable[..., list[Reply]]:
    """Ask ROWS questions of a server that refuses some of them."""

    def run(status: int, text: str, *rows: int, concurrency: int = 1) -> list[Reply]:
        def reply(body: dict[str, Any], number: int) -> tuple[int, dict[str, str], Any]:
            row = int(body["messages"][-1]["content"].removeprefix("q"))
            seen.append(row)
            said = text.replace("NUMBER", f"{row:08x}")
            return (status, {}, {"error": {"message": said}}) if row in rows else (200, {}, chat())

        with scripted(reply) as (address, _):
            options = ModelOptions(model=(f"{address}/v1#m",), journal=str(tmp_path / "j.db"), concurrency=concurrency)
            return ask_all(options, *[question(f"q{row}", record=f"r{row}") for row in range(ROWS)])

    return run


OF_ONE_ROW = [
    (403, "Request blocked."),
    (404, "prompt too long: no endpoint with enough context found"),
    (400, "the model does not exist for this input"),
    (
        402,
        "This request requires more credits, or fewer max_tokens. You requested 1024 tokens, but can only afford 300",
    ),
    (422, "max_tokens must be at most 512"),
]


@pytest.mark.parametrize(("status", "text"), OF_ONE_ROW)
@pytest.mark.parametrize(("row", "concurrency"), [(3, 1), (0, ROWS)], ids=["later", "first"])
def test_a_row_that_is_refused_while_others_are_answered_fails_alone(
    status: int, text: str, row: int, concurrency: int, refusing: Any
) -> None:
    replies = refusing(status, text, row, concurrency=concurrency)
    assert [place for place, reply in enumerate(replies) if reply.error] == [row]


@pytest.mark.parametrize(("status", "text"), OF_ONE_ROW)
def test_the_next_run_fails_it_alone_too_though_nothing_else_is_asked(
    status: int, text: str, refusing: Any, seen: list[int]
) -> None:
    for asked in (range(ROWS), [3]):
        replies = refusing(status, text, 3)
        assert [place for place, reply in enumerate(replies) if reply.error] == [3]
        assert sorted(seen) == list(asked)
        seen.clear()


@pytest.mark.parametrize(("status", "text"), [*OF_ONE_ROW, (401, "?"), (402, "?")])
@pytest.mark.parametrize("concurrency", [1, 3])
def test_a_server_that_never_answered_means_everybody_and_no_more_is_sent(
    status: int, text: str, concurrency: int, refusing: Any, seen: list[Any]
) -> None:
    with pytest.raises(EngineError, match=f"HTTP {status}"):
        refusing(status, text, *range(ROWS), concurrency=concurrency)
    assert len(seen) <= concurrency


@pytest.mark.parametrize("text", ["Forbidden", "Forbidden (request NUMBER: 'the words of a row, NUMBER')"])
def test_five_rows_in_a_row_that_are_refused_in_the_same_words_stop_the_run(text: str, refusing: Any) -> None:
    with pytest.raises(EngineError, match="HTTP 403: Forbidden"):
        refusing(403, text, *range(2, 12))
    replies = refusing(403, text, 2, 3, 4, 5, 7, 8, 9, 10)  # an answer in between begins the count anew
    assert sum(reply.error is not None for reply in replies) == 8


@pytest.mark.parametrize(
    ("status", "text"), [(401, "?"), (402, "?"), (400, "Your credit balance is too low"), (403, "invalid api key")]
)
def test_what_is_said_of_the_account_stops_the_run_at_once(status: int, text: str, refusing: Any) -> None:
    with pytest.raises(EngineError, match=f"HTTP {status}"):
        refusing(status, text, 3)
