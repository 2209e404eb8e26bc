"""A secret that a server repeats is taken out, however it is written; an answer keeps its words."""

import html
import json
from urllib.parse import quote

import pytest

from syncode.engines.escapes import secrets_in
from syncode.engines.http.masking import Mask

SECRET = "aB3/x+9z=<&\"'secret"
FORMS = [
    SECRET,
    json.dumps(SECRET)[1:-1],
    json.dumps(json.dumps(SECRET))[3:-3],
    json.dumps(SECRET)[1:-1].replace("/", r"\/"),
    SECRET.replace("+", r"\u002B").replace("/", r"\u002f").replace("<", r"\u003C").replace('"', r"\u0022"),
    quote(SECRET, safe=""),
    quote(SECRET),
    quote(quote(SECRET, safe="")),
    html.escape(SECRET),
    html.escape(html.escape(SECRET)),
    SECRET.replace("+", "&#43;").replace("/", "&#x2F;"),
]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_secret_is_taken_out(form: str) -> None:
    mask = Mask([SECRET])
    assert mask.hide(f"a {form} b") == "a [key] b"
    for encoding in ("utf-8", "utf-16", "utf-16-be", "utf-32"):
        text = '{"a": 1} ' + form
        assert mask.hide(text.encode(encoding)).decode(encoding) == '{"a": 1} [key]'


def test_what_holds_no_secret_stays_as_it_came() -> None:
    for body in (b"\xff\xfe\0", '{"a": 1}'.encode("utf-16"), b"\0\0", rb"\u002B", b""):
        assert Mask([SECRET]).hide(body) == body


def test_a_short_secret_is_taken_out_of_errors_and_left_in_answers() -> None:
    mask = Mask(["short", "k3y", "no", "x", "42"])
    assert mask.hide("bad key short", error=True) == "bad key [key]"
    assert mask.hide(b'{"key":"k3y"}', error=True) == b'{"key":"[key]"}'
    assert mask.hide("no such x, 42 shorter k3ys", error=True) == "no such x, 42 shorter k3ys"
    assert mask.hide("a short answer with k3y") == "a short answer with k3y"


@pytest.mark.parametrize(
    ("name", "value", "secrets"),
    [
        ("Authorization", "Basic dXNlcjpwYXNz==", ["Basic dXNlcjpwYXNz==", "dXNlcjpwYXNz=="]),
        ("Cookie", "session=abc123; id=7", ["session=abc123; id=7", "abc123"]),
        ("api-key", "abcdefgh", ["abcdefgh"]),
        ("X-Team", "abcdefgh", []),
    ],
)
def test_a_secret_counts_whole_and_in_its_parts(name: str, value: str, secrets: list[str]) -> None:
    assert set(secrets) <= set(secrets_in({name: value}))
    assert bool(secrets) == bool(secrets_in({name: value}))
