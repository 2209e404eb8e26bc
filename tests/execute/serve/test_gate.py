"""Who may ask, and what a request may say."""

import json
from typing import Any

import pytest

from syncode.stages.execute.serve.gate import Bounds, Refused, check_caller, check_form, is_loopback, read_request

BOUNDS = Bounds(timeout=10.0, deadline=60.0, repeat=1)
TOKEN = "0123456789abcdef"


@pytest.mark.parametrize(
    ("host", "is_ours"),
    [
        ("localhost", True),
        ("LOCALHOST:8080", True),
        ("127.0.0.1", True),
        ("127.8.9.1:80", True),
        ("[::1]:8080", True),
        ("::1", True),
        ("[::1]", True),
        ("", False),
        ("0.0.0.0", False),
        ("evil.example:8080", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("10.0.0.1", False),
        ("::", False),
    ],
)
def test_loopback(host: str, is_ours: bool) -> None:
    assert is_loopback(host) is is_ours


@pytest.mark.parametrize(
    ("headers", "token", "status"),
    [
        ({"Host": "localhost:1"}, "", None),
        ({"Host": "evil.example"}, "", 403),
        ({}, "", 403),
        ({"Host": "localhost", "Origin": "http://localhost"}, "", 403),
        ({"Host": "localhost", "Origin": "null"}, "", 403),
        ({"Host": "localhost", "Sec-Fetch-Site": "cross-site"}, "", 403),
        ({"Host": "sandbox.example"}, TOKEN, 401),
        ({"Host": "sandbox.example", "Authorization": "Bearer wrong"}, TOKEN, 401),
        ({"Host": "sandbox.example", "Authorization": TOKEN}, TOKEN, 401),
        ({"Host": "sandbox.example", "Authorization": "Bearer \udcff"}, TOKEN, 401),
        ({"Host": "sandbox.example", "Authorization": f"Bearer {TOKEN}"}, TOKEN, None),
        ({"Host": "sandbox.example", "Authorization": f"Bearer {TOKEN}", "Origin": "http://x"}, TOKEN, 403),
    ],
)
def test_callers(headers: dict[str, str], token: str, status: int | None) -> None:
    try:
        check_caller(headers, token)
    except Refused as refused:
        assert refused.status == status
        assert TOKEN not in str(refused)
    else:
        assert status is None


def test_health_needs_no_token() -> None:
    check_caller({"Host": "sandbox.example"}, TOKEN, guarded=False)


@pytest.mark.parametrize(
    ("kind", "headers", "ok"),
    [
        ("application/json", {}, True),
        ("application/json", {"Content-Encoding": "identity"}, True),
        ("application/json", {"Content-Encoding": "gzip"}, False),
        ("text/plain", {}, False),
        ("application/x-www-form-urlencoded", {}, False),
    ],
)
def test_forms(kind: str, headers: dict[str, str], ok: bool) -> None:
    try:
        check_form(kind, headers)
    except Refused as refused:
        assert refused.status == 415 and not ok
    else:
        assert ok


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        ([], "rows"),
        ({}, "rows"),
        ({"rows": {}}, "rows"),
        ({"rows": [], "option": {}}, "did you mean 'options'"),
        ({"rows": [], "options": []}, "object"),
        ({"rows": [], "options": {"timout": 1}}, "did you mean 'timeout'"),
        ({"rows": [], "options": {"timeout": 11}}, "from 0.1 to 10"),
        ({"rows": [], "options": {"timeout": 0}}, "from 0.1 to 10"),
        ({"rows": [], "options": {"timeout": True}}, "number"),
        ({"rows": [], "options": {"timeout": "5"}}, "number"),
        ({"rows": [], "options": {"deadline": 61}}, "from 0.1 to 60"),
        ({"rows": [], "options": {"repeat": 1.5}}, "whole number"),
        ({"rows": [], "options": {"repeat": 17}}, "from 1 to 16"),
        ({"rows": [], "options": {"output": 10**9}}, "65536"),
        ({"rows": [], "options": {"score": "best"}}, "all, fraction"),
        ({"rows": [], "options": {"evidence": "none"}}, "separate, shared"),
        ({"rows": [], "options": {"cache": "/etc/passwd"}}, "no options.cache"),
    ],
)
def test_requests_that_make_no_sense(request_: Any, why: str) -> None:
    with pytest.raises(Refused, match=why) as raised:
        read_request(json.dumps(request_).encode(), BOUNDS)
    assert raised.value.status == 400


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"{'rows': []}", b"[" * 100_000])
def test_bodies_that_are_not_json(body: bytes) -> None:
    with pytest.raises(Refused, match="not JSON") as raised:
        read_request(body, BOUNDS)
    assert raised.value.status == 400


def test_a_request_is_read_with_its_numbers_exact() -> None:
    options = b'{"timeout": 2, "score": "fraction", "repeat": null}'
    body = b'{"rows": [{"id": 123456789012345678901234567890}, 7], "options": %b}' % options
    asked = read_request(body, BOUNDS)
    assert asked.rows == [b'{"id":123456789012345678901234567890}', b"7"]
    order = json.loads(b"{" + asked.options + b"}")
    assert order == {"timeout": 2.0, "repeat": 1, "output": 2000, "score": "fraction", "evidence": None}
    assert (asked.deadline, asked.known) == (60.0, {})


def test_what_is_wrong_in_one_row_is_an_error_of_that_row() -> None:
    body = b'{"rows": [{"id": 1, "x": NaN}, {"id": "b", "text": "\\ud83d"}, {"id": "\\ud83d"}, {"id": 4}]}'
    asked = read_request(body, BOUNDS)
    errors = {number: json.loads(made) for number, made in asked.known.items()}
    assert asked.rows == [b'{"id":1}', b'{"id":"b"}', b"null", b'{"id":4}']
    assert {number: made["of"] for number, made in errors.items() if number < 2} == {0: 1, 1: "b"}
    assert sorted(errors) == [0, 1, 2]
    assert all(made["score"] is None and made["error"]["kind"] == "row" for made in errors.values())
    assert "'x' is NaN" in errors[0]["error"]["message"]
