"""The client: responses come back raw, and what went wrong is told apart."""

import asyncio
import gzip
import json
import zlib
from collections.abc import Callable
from typing import Any

import brotli
import pytest
import zstandard

from syncode.engines.client import ClientTransport, is_loopback
from syncode.engines.mock.scenario import Fault, Latency, Scenario
from syncode.engines.servers.endpoint import Endpoint
from syncode.engines.wire import Refused, Response, Unreachable
from syncode.errors import EngineError

BODY = {"model": "mock", "messages": [{"role": "user", "content": "hello"}], "max_tokens": 5}

SECRET = "sk-secret-of-this-test"
TOKEN = "eyJhbGciOiJub25lIn0.e30.c2lnbmF0dXJl"

Send = Callable[..., list[Response | BaseException]]


@pytest.fixture
def send() -> Send:
    """Send the same body several times at once to a `--model` value; return responses and exceptions."""

    def go(model: str, times: int = 1, seconds: float = 5.0, key: str | None = None) -> list[Response | BaseException]:
        async def run() -> list[Response | BaseException]:
            endpoint = Endpoint(model.partition("#")[0], "mock", "mock", key)
            transport = ClientTransport(endpoint)
            sent = [transport.send(BODY, seconds) for _ in range(times)]
            responses = await asyncio.gather(*sent, return_exceptions=True)
            await transport.close()
            return list(responses)

        return asyncio.run(run())

    return go


def test_raw_responses(send: Send, serving: Any) -> None:
    with serving() as (model, server):
        responses = send(model, times=100)
    assert {getattr(response, "status", response) for response in responses} == {200}
    assert len({getattr(response, "body", None) for response in responses}) == 1
    assert server.model.number == 100


def test_an_error_status_is_a_response_with_its_headers(send: Send, serving: Any) -> None:
    fault = Fault("status", status=429, retry_after=7, headers={"X-RateLimit-Remaining-Requests": "0"})
    with serving(Scenario(faults=(fault,))) as (model, _):
        (response,) = send(model)
    assert isinstance(response, Response)
    assert (response.status, response.headers["retry-after"]) == (429, "7")
    assert response.headers["x-ratelimit-remaining-requests"] == "0"
    assert b"mock fault 429" in response.body


def test_a_connection_cut_in_the_middle_may_have_been_billed(send: Send, serving: Any) -> None:
    with serving(Scenario(faults=(Fault("reset"),))) as (model, _):
        (error,) = send(model)
    assert isinstance(error, Unreachable)
    assert not isinstance(error, Refused)
    assert str(error)


@pytest.mark.parametrize(
    "raw",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nabc",
        b"HTTP/1.1 200 OK\r\nx-long: " + b"a" * 20_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\n\x1f\x8b\x08\x00",
        b"HTTP/1.1 200 OK\r\ncontent-encoding: br\r\ncontent-length: 4\r\n\r\n\x1b\x83\x01\xe4",
        b"",
    ],
    ids=["another protocol", "no chunk", "endless header", "short", "half a gzip", "half a brotli", "nothing"],
)
def test_what_is_no_http_is_no_response(raw: bytes) -> None:
    async def run() -> None:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"}")
            writer.write(raw)
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        transport = ClientTransport(Endpoint(f"http://127.0.0.1:{port}/v1", "m", "m"))
        with pytest.raises(Unreachable):
            await transport.send(BODY, 5.0)
        await transport.close()
        server.close()

    asyncio.run(run())


@pytest.mark.parametrize(
    ("headers", "raw"),
    [
        ({"content-encoding": "gzip"}, b"{}"),
        ({"content-encoding": "utf-8"}, b"{}"),
        ({}, gzip.compress(b"{}")),
        ({"content-encoding": "gzip"}, gzip.compress(b"{}")),
        ({"content-encoding": "deflate"}, zlib.compress(b"{}")),
        ({"content-encoding": "zstd"}, zstandard.compress(b"{}")),
        ({"content-encoding": "br"}, brotli.compress(b"{}")),
        ({"content-encoding": "br"}, b"{}"),
        ({"content-encoding": "deflate"}, b"{}"),
        ({"content-encoding": "deflate"}, zlib.compress(b"{}", wbits=-15)),
        ({}, zlib.compress(b"{}")),
    ],
)
def test_a_body_is_unpacked_by_what_it_is(send: Send, scripted: Any, headers: dict[str, str], raw: bytes) -> None:
    with scripted(lambda body, number: (200, headers, raw)) as (address, _):
        (response,) = send(f"{address}/v1#m")
    assert isinstance(response, Response)
    assert response.body == b"{}"


@pytest.mark.parametrize(
    ("kind", "raw", "text"),
    [
        ("application/json; charset=iso-8859-1", "Größe".encode("latin-1"), "Größe"),
        ("application/json; Charset='ISO-8859-1'", "„Größe“".encode("cp1252"), "„Größe“"),
        ('application/json;charset="shift_jis"', "日本".encode("shift_jis"), "日本"),
        ("application/json; charset=iso-8859-1", "Größe".encode(), "Größe"),
        ("application/json; charset=utf-8", b"Gr\xf6\xdfe", b"Gr\xf6\xdfe"),
        ("application/json; charset=nonsense", b"Gr\xf6\xdfe", b"Gr\xf6\xdfe"),
        ("application/json", b"Gr\xf6\xdfe", b"Gr\xf6\xdfe"),
    ],
)
def test_a_body_in_the_charset_that_its_type_names_is_put_into_utf_8(
    send: Send, scripted: Any, kind: str, raw: bytes, text: str | bytes
) -> None:
    with scripted(lambda body, number: (200, {"content-type": kind}, raw)) as (address, _):
        (response,) = send(f"{address}/v1#m")
    assert isinstance(response, Response)
    assert response.body == (text.encode() if isinstance(text, str) else text)


@pytest.mark.parametrize(
    ("endpoint", "sent", "kept_back"),
    [
        ({"query": {"api-version": "1"}}, {"api-key": SECRET}, {"authorization"}),
        ({"query": {"api-version": "1"}, "token": True}, {"authorization": f"Bearer {TOKEN}"}, {"api-key"}),
        ({"headers": {"api-key": "mine-123"}, "keyless": True}, {"api-key": "mine-123"}, {"authorization"}),
        ({"headers": {"Authorization": "Basic abcdefgh"}}, {"authorization": "Basic abcdefgh"}, set()),
        ({"headers": {"X-Team": "a"}}, {"authorization": f"Bearer {SECRET}", "x-team": "a"}, set()),
    ],
)
def test_each_server_gets_its_key_where_it_wants_it(
    endpoint: dict[str, Any], sent: dict[str, str], kept_back: set[str], scripted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCODE_API_KEY", TOKEN if endpoint.pop("token", False) else SECRET)
    key = None if endpoint.pop("keyless", False) else "SYNCODE_API_KEY"

    async def run(address: str) -> Response:
        transport = ClientTransport(Endpoint(f"{address}/v1", "m", "m", key, **endpoint))
        response = await transport.send(BODY, 5.0)
        await transport.close()
        return response

    with scripted(lambda body, number: (200, {}, {"echo": list(sent.values())})) as (address, seen):
        response = asyncio.run(run(address))
    headers = {name.lower(): value for name, value in seen[0]["headers"].items()}
    assert sent.items() <= headers.items()
    assert not kept_back & headers.keys()
    assert seen[0]["path"].endswith("?api-version=1" if endpoint.get("query") else "/chat/completions")
    assert all(secret.encode() not in response.body for secret in (SECRET, TOKEN, "mine-123", "abcdefgh"))


@pytest.mark.parametrize("model", ["http://127.0.0.1:9/v1#m", "http://no-such-host.invalid/v1#m"])
def test_no_connection_is_refused(send: Send, model: str) -> None:
    (error,) = send(model)
    assert isinstance(error, Refused)


@pytest.mark.parametrize("kind", ["hang", "drip"])
def test_one_deadline_covers_the_whole_response(send: Send, serving: Any, kind: Any) -> None:
    with serving(Scenario(faults=(Fault(kind),))) as (model, _):
        assert [type(error) for error in send(model, seconds=0.3)] == [TimeoutError]


def test_more_connections_than_any_pool_holds_by_default(send: Send, serving: Any) -> None:
    with serving(Scenario(latency=Latency("constant", 0.5))) as (model, _):
        responses = send(model, times=150, seconds=20)
    assert {getattr(response, "status", response) for response in responses} == {200}


def test_a_key_goes_into_the_header_and_comes_back_from_nowhere(
    send: Send, serving: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANTED", "sk-planted")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-for-you")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-not-for-you")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: Bearer not-for-you")
    with serving(Scenario(faults=(Fault("status", status=400, message="no sk-planted"),))) as (model, server):
        (response,) = send(model, key="PLANTED")
        assert server.authorized == {"Bearer sk-planted"}
    assert isinstance(response, Response)
    assert b"no [key]" in response.body
    monkeypatch.delenv("PLANTED")
    with pytest.raises(EngineError, match="set PLANTED in the environment"):
        send("http://h/v1#m", key="PLANTED")


def test_a_key_that_is_spread_over_the_chunks_of_a_stream_is_taken_out(
    send: Send, scripted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANTED", SECRET)
    chunks = [{"choices": [{"delta": {"content": part}}]} for part in ("you are ", SECRET[:9], SECRET[9:])]
    raw = b"".join(b"data: %s\n\n" % json.dumps(chunk).encode() for chunk in chunks) + b"data: [DONE]\n\n"
    with scripted(lambda body, number: (200, {}, raw)) as (address, _):
        (response,) = send(f"{address}/v1#m", key="PLANTED")
        (other,) = send(f"{address}/v1#m")
    assert isinstance(response, Response)
    assert json.loads(response.body)["choices"][0]["message"]["content"] == "you are [key]"
    assert isinstance(other, Response)
    assert other.body == raw


def test_what_the_environment_holds_for_one_company_goes_to_no_other(
    send: Send, scripted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_WEBHOOK_SECRET"):
        monkeypatch.setenv(name, "not-for-you")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: Bearer not-for-you\nX-Other: not-for-you")
    with scripted(lambda body, number: (200, {}, {})) as (address, seen):
        send(f"{address}/v1#m")
    assert "not-for-you" not in str(seen)


def test_a_key_is_taken_without_the_line_break_of_its_file(
    send: Send, serving: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCODE_API_KEY", "sk-planted\r\n")
    with serving() as (model, server):
        send(model, key="SYNCODE_API_KEY")
    assert server.authorized == {"Bearer sk-planted"}


@pytest.mark.parametrize("key", ["sk-pl\u00e4nted", "sk-\nplanted"])
def test_a_key_that_no_header_can_carry_is_an_error(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("SYNCODE_API_KEY", key)
    with pytest.raises(EngineError, match=r"^SYNCODE_API_KEY holds characters") as caught:
        ClientTransport(Endpoint("http://127.0.0.1:9/v1", "m", "m", "SYNCODE_API_KEY"))
    assert key not in str(caught.value)


def test_loopback() -> None:
    assert is_loopback("http://127.0.0.1:80/v1")
    assert is_loopback("http://localhost/v1")
    assert not is_loopback("https://api.openai.com/v1")
