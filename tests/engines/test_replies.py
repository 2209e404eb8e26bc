"""From bytes to replies: every form of content, encoding and stream."""

from typing import Any

import orjson
import pytest

from syncode.engines.replies.completion import read
from syncode.engines.replies.decode import Unreadable, decode, replaced


def body(message: dict[str, Any], **changes: Any) -> bytes:
    return orjson.dumps({"model": "m", "choices": [{"message": message, "finish_reason": "stop"}], **changes})


@pytest.mark.parametrize(
    ("message", "text", "reasoning"),
    [
        ({"content": "a"}, "a", ""),
        ({"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}, "ab", ""),
        ({"content": [{"type": "output_text", "text": "a"}]}, "a", ""),
        ({"content": ["a", "b"]}, "ab", ""),
        ({"content": {"type": "text", "text": "a"}}, "a", ""),
        ({"content": None, "reasoning_content": "hm"}, "", "hm"),
        ({"content": "a", "reasoning": "hm"}, "a", "hm"),
        ({"content": "a", "reasoning": {"content": "hm"}}, "a", "hm"),
        ({"content": "a", "reasoning_details": [{"type": "reasoning.text", "text": "h"}, {"summary": "m"}]}, "a", "hm"),
        ({"content": "a", "thinking_blocks": [{"type": "thinking", "thinking": "hm"}]}, "a", "hm"),
        ({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, {"text": "a"}]}, "a", "hm"),
        ({"content": [{"text": "hm", "thought": True}, {"text": "a"}]}, "a", "hm"),
        ({"content": "", "refusal": "no"}, "no", ""),
    ],
)  # fmt: skip
def test_a_turn_has_text_and_reasoning(message: dict[str, Any], text: str, reasoning: str) -> None:
    reply = read(body(message))
    assert (reply.text, reply.reasoning) == (text, reasoning)


def test_tool_calls_are_kept_as_they_came() -> None:
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    assert read(body({"content": None, "tool_calls": [call]})).parts == {"tool_calls": [call]}
    old = read(body({"content": None, "function_call": {"name": "f", "arguments": "{}"}}))
    assert old.tool_calls == ({"type": "function", "function": {"name": "f", "arguments": "{}"}},)


def test_other_forms_of_a_completion_are_read() -> None:
    assert read(b'{"choices": [{"text": "old", "finish_reason": "stop"}]}').text == "old"
    assert read(b'{"choices": [{"delta": {"content": "one chunk"}}]}').text == "one chunk"
    messages_api = {"role": "assistant", "content": [{"type": "text", "text": "a"}], "stop_reason": "end_turn"}
    reply = read(orjson.dumps(messages_api | {"usage": {"input_tokens": 3, "output_tokens": 4}}))
    assert (reply.text, reply.finish_reason) == ("a", "end_turn")
    assert reply.usage == {"prompt_tokens": 3, "completion_tokens": 4}


@pytest.mark.parametrize(
    "raw",
    [
        b"\xef\xbb\xbf" + body({"content": "a"}),
        b"\n\n  " + body({"content": "a"}),
        body({"content": "a"}).decode().encode("utf-16"),
        body({"content": "a"}, score=1).replace(b'"score":1', b'"score":NaN'),
        body({"content": "a"}, note="x").replace(b'"x"', b'"x\n\t"'),
        b": keepalive\n\n: keepalive\n\n" + body({"content": "a"}),
        b": keepalive\r\n\r\n" + body({"content": "a"}) + b"\r\n: done\r\n\r\n",
        b"event: ping\ndata: {}\n\n" + orjson.dumps(orjson.loads(body({"content": "a"})), option=orjson.OPT_INDENT_2),
    ],
)
def test_bytes_in_any_dress_are_read(raw: bytes) -> None:
    assert read(raw).text == "a"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (rb'{"choices":[{"message":{"content":"x \ud83d"}}]}', "x \ufffd"),
        (rb'{"choices":[{"message":{"content":"x \udc00 \ud83d\ude00 \ud83d"}}]}', "x \ufffd \U0001f600 \ufffd"),
        (b'{"choices":[{"message":{"content":"x \xff"}}]}', "x \ufffd"),
    ],
)
def test_what_is_not_unicode_is_replaced_and_counted(raw: bytes, text: str) -> None:
    reply = read(raw)
    assert reply.text == text
    assert replaced(reply.text) == text.count("\ufffd")


def event(value: object) -> bytes:
    return b"data: " + orjson.dumps(value) + b"\n\n"


def long_event(value: object) -> bytes:
    return b"data: " + orjson.dumps(value, option=orjson.OPT_INDENT_2).replace(b"\n", b"\ndata: ") + b"\n\n"


def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> dict[str, Any]:
    return {"model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more}


PIECES = [
    chunk({"role": "assistant", "reasoning_content": "h"}),
    chunk({"reasoning_content": "m"}),
    chunk({"content": "a"}),
    chunk({"content": "b\u2028\x0c"}),
    chunk({"tool_calls": [{"index": 0, "id": "1", "function": {"name": "f", "arguments": "{"}}]}),
    chunk({"tool_calls": [{"index": 0, "function": {"arguments": "}"}}]}),
    chunk({}, "stop"),
]
USAGE = {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4}}


@pytest.mark.parametrize(
    "raw",
    [
        b"".join(map(event, [*PIECES, USAGE])) + b"data: [DONE]\n\n",
        b": keep-alive\n\n" + b": processing\n\n".join(map(event, [*PIECES, USAGE])),
        b"".join(map(event, [*PIECES, USAGE])).replace(b"\n", b"\r\n") + b"data:[DONE]",
        b"".join(map(event, [*PIECES, USAGE])).replace(b"\n\n", b"\n") + b"data: [DONE]",
        b"".join(b"event: message\nid: 1\n" + event(piece) for piece in [*PIECES, USAGE]),
        b"\n".join(orjson.dumps(piece) for piece in [*PIECES, USAGE]),
        b"".join(map(long_event, [*PIECES, USAGE])),
    ],
)  # fmt: skip
def test_an_event_stream_is_put_together(raw: bytes) -> None:
    reply = read(raw)
    assert (reply.text, reply.reasoning, reply.finish_reason) == ("ab\u2028\x0c", "hm", "stop")
    assert reply.tool_calls == ({"id": "1", "function": {"name": "f", "arguments": "{}"}},)
    assert reply.usage == {"prompt_tokens": 3, "completion_tokens": 4}


def test_a_stream_may_bring_the_whole_message_in_one_event() -> None:
    assert read(event(orjson.loads(body({"content": "a"})))).text == "a"
    both = [chunk({"content": "a"}), {"choices": [{"index": 0, "message": {"content": "ab"}, "finish_reason": "stop"}]}]
    assert read(b"".join(map(event, both))).text == "ab"


@pytest.mark.parametrize("cut", [b"", b'data: {"choices":[{"index":0,"del'])
def test_a_stream_that_was_cut_off_is_not_whole(cut: bytes) -> None:
    with pytest.raises(Unreadable, match="cut off"):
        read(b"".join(map(event, PIECES[:4])) + cut)


OVERLOADED = {"code": 503, "message": "Overloaded"}


@pytest.mark.parametrize(
    "last",
    [
        event({"error": OVERLOADED}),
        event({"type": "error", **OVERLOADED}),
        event(chunk({"content": ""}, error=OVERLOADED)),
        event(chunk({"content": ""}, "error", error=OVERLOADED)),
        b"event: error\n" + event(OVERLOADED),
        b"event:error\n" + event({"error": OVERLOADED}),
        b"error: " + orjson.dumps(OVERLOADED) + b"\n\n",
    ],
)
@pytest.mark.parametrize(("before", "end"), [(b"", b""), (b"", b"data: [DONE]\n\n"), (b"data: [DONE]\n\n", b"")])
def test_an_error_in_a_stream_stands_beside_what_came_of_the_answer(last: bytes, before: bytes, end: bytes) -> None:
    whole = decode(event(PIECES[2]) + before + last + end)
    assert whole["error"].items() >= OVERLOADED.items()
    assert whole["choices"][0]["message"]["content"] == "a"


def test_an_error_event_may_hold_words_alone() -> None:
    assert decode(b"event: error\ndata: upstream died\n\n")["error"] == "upstream died"


def test_the_first_choice_is_the_one_with_index_0() -> None:
    choices = [{"index": place, "message": {"content": str(place)}} for place in (1, 0)]
    assert read(orjson.dumps({"choices": choices})).text == "0"
