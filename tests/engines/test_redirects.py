"""A redirect takes neither a key nor a prompt to a server that the user did not name."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from syncode.engines import ModelOptions, Reply, Request
from syncode.engines.client import ClientTransport
from syncode.engines.mock.model import Plan
from syncode.engines.mock.server import HttpRequest
from syncode.engines.servers.endpoint import Endpoint
from syncode.engines.wire import Moved, Response
from syncode.errors import EngineError

Ask = Callable[..., list[Reply]]
Make = Callable[..., Request]
BODY = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}
SECRET = "sk-secret-of-this-test"


def send(address: str, **endpoint: Any) -> Response:
    async def run() -> Response:
        transport = ClientTransport(Endpoint(f"{address}/v1", "m", "m", "SYNCODE_API_KEY", **endpoint))
        try:
            return await transport.send(BODY, 5.0)
        finally:
            await transport.close()

    return asyncio.run(run())


@pytest.mark.parametrize(
    "endpoint",
    [{}, {"headers": {"Authorization": "Bearer mine-12345", "X-Api-Key": "k"}}, {"query": {"api-version": "1"}}],
    ids=["key", "headers", "azure"],
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_prompt_is_not_sent_on_to_another_server(
    endpoint: dict[str, Any], status: int, scripted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCODE_API_KEY", SECRET)
    with scripted(lambda body, number: (200, {}, {})) as (elsewhere, caught):
        to = {"location": elsewhere.replace("//", "//name:word@") + f"/v1/chat/completions?sig=secret#{SECRET}"}
        with scripted(lambda body, number: (status, to, b"")) as (address, seen), pytest.raises(Moved) as error:
            send(address, **endpoint)
    told = f"HTTP {status}: the server sends requests on to {elsewhere}/v1/chat/completions, where they are not sent"
    assert str(error.value).startswith(told)
    assert not any(part in str(error.value) for part in ("sig", "word", SECRET))
    assert (len(seen), caught) == (1, [])


@pytest.mark.parametrize("status", [307, 308])
def test_a_post_that_stays_a_post_follows_inside_its_server(
    status: int, scripted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCODE_API_KEY", SECRET)

    def script(body: Any, number: int) -> tuple[int, dict[str, str], Any]:
        return (status, {"location": "/v2/chat/completions"}, b"") if number == 1 else (200, {}, {"choices": []})

    with scripted(script) as (address, seen):
        assert send(address).status == 200
    assert [each["path"] for each in seen] == ["/v1/chat/completions", "/v2/chat/completions"]
    assert [each["headers"]["authorization"] for each in seen] == [f"Bearer {SECRET}"] * 2
    assert seen[1]["messages"] == BODY["messages"]


@pytest.mark.parametrize(
    ("status", "to", "told"),
    [
        (301, "/v1/chat/completions/", "on to http://127.0.0.1:PORT/v1/chat/completions/, where"),
        (302, "/login?next=x", "on to http://127.0.0.1:PORT/login, where"),
        (307, "ftp://x/", "on to ftp://x/, where"),
        (307, "http://user:word@[bad", "to no address that can be read"),
        (307, "http://h:port/", "to no address that can be read"),
        (307, "", "to no address that can be read"),
        (307, "/v1/chat/completions", "Exceeded maximum allowed redirects"),
    ],
)
def test_a_redirect_that_is_not_followed_stops_the_run_and_says_where_it_leads(
    ask_all: Ask, question: Make, scripted: Any, status: int, to: str, told: str
) -> None:
    with scripted(lambda body, number: (status, {"location": to} if to else {}, b"")) as (address, seen):
        options = ModelOptions(model=(f"{address}/v1#m",), no_journal=True)
        with pytest.raises(EngineError) as error:
            ask_all(options, question("x"))
    assert told.replace("PORT", address.rpartition(":")[2]) in str(error.value)
    assert "word" not in str(error.value)
    assert len(seen) <= 6  # one request, and the redirects of it that are followed


@pytest.mark.parametrize("query", [(), ("api-version=1",)], ids=["key", "azure"])
def test_the_file_of_a_batch_may_lie_elsewhere_and_nothing_of_the_user_goes_there(
    ask_all: Ask, question: Make, serving: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, query: tuple[str, ...]
) -> None:
    monkeypatch.setenv("SYNCODE_API_KEY", SECRET)
    at_the_bucket: list[HttpRequest] = []
    with serving() as (bucket, store), serving() as (model, server):

        def keep(request: HttpRequest) -> Plan:
            at_the_bucket.append(request)
            return Plan(Response(200, server.batches._files[request.path.rpartition("/")[2]]))

        def lead(request: HttpRequest) -> Plan:
            parts = request.path.partition("?")[0].split("/")
            if parts[-1] != "content":
                return plan(request)
            return Plan(Response(302, b"", {"location": f"{bucket.partition('/v1')[0]}/store/{parts[-2]}"}))

        plan: Callable[[HttpRequest], Plan] = server.plan
        monkeypatch.setattr(store, "plan", keep)
        monkeypatch.setattr(server, "plan", lead)
        options = ModelOptions(
            model=(model,), journal=str(tmp_path / "j.db"), batch=True, query=query, header=("X-Team=mine",)
        )
        assert ask_all(options, question("x"))[0].text == "x"
    assert at_the_bucket[0].headers.keys() <= {"host", "accept", "accept-encoding", "user-agent"}


def test_a_batch_is_not_submitted_to_another_server(
    ask_all: Ask, question: Make, serving: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving() as (elsewhere, other), serving() as (model, server):
        to = {"location": f"{elsewhere.partition('#')[0]}/files"}
        monkeypatch.setattr(server, "plan", lambda request: Plan(Response(307, b"", to)))
        with pytest.raises(EngineError, match="HTTP 307: the server sends requests on to"):
            ask_all(ModelOptions(model=(model,), journal=str(tmp_path / "j.db"), batch=True), question("x"))
        assert not other.batches._files
