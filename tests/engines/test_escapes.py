"""What a user adds to every request, and what an address may hold."""

import pytest

from syncode.engines.escapes import read_body, read_headers, read_query, secrets_in
from syncode.engines.options import Spec, parse
from syncode.errors import UsageError


def test_keys_of_the_body_are_json() -> None:
    assert read_body(['effort="high"', "top_k=3", 'extra={"a": [1]}', "temperature=null"]) == {
        "effort": "high",
        "top_k": 3,
        "extra": {"a": [1]},
        "temperature": None,
    }


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("effort=high", "a text is written 'effort=\"high\"'"),
        ("effort", "expected KEY=JSON"),
        ("=1", "expected KEY=JSON"),
        ("model=1", "named by --model"),
        ("messages=[]", "the rows'"),
        ("n=2", "--samples"),
    ],
)
def test_a_key_that_cannot_be_sent_is_a_usage_error(option: str, told: str) -> None:
    with pytest.raises(UsageError) as error:
        read_body([option])
    assert told in str(error.value)


def test_nothing_is_given_twice() -> None:
    with pytest.raises(UsageError, match="given twice"):
        read_body(["a=1", "a=2"])
    with pytest.raises(UsageError, match="given twice"):
        read_query(["a=1", "a=1"])


def test_headers_are_what_http_can_carry_and_their_values_are_never_shown() -> None:
    assert read_headers(["authorization=Basic x=y", "X-Team=a"]) == {"Authorization": "Basic x=y", "X-Team": "a"}
    for option in ("bad name=secret-value", "x=secret-value\r\n", "content-length=secret-value", "noequals"):
        with pytest.raises(UsageError) as error:
            read_headers([option])
        assert "secret-value" not in str(error.value)


def test_secrets_are_told_by_the_name_of_what_holds_them() -> None:
    given = {"api-key": "abcdefgh", "Authorization": "Bearer 12345678", "X-Team": "abcdefgh9"}
    assert secrets_in(given) == ["abcdefgh", "Bearer 12345678", "12345678"]


def test_an_address_may_have_a_query_and_a_path_but_no_key() -> None:
    assert parse("https://h/openai/deployments/d?api-version=1#d") == Spec(
        "http", name="d", where="https://h/openai/deployments/d", query=(("api-version", "1"),)
    )
    assert parse("http://h:1/v1/chat/completions#m").where == "http://h:1/v1"
    for address in (
        "http://u:p@h/v1#m",
        "http://h/v1?key=abc#m",
        "http://h/v1?api_key=abc#m",
        "http://h?access_token=x#m",
    ):
        with pytest.raises(UsageError, match="an address holds no key"):
            parse(address)
