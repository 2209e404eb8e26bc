"""A real server process under real requests, good, bad, half sent and cut off; signals and killed workers included."""

import http.client
import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import environment

from syncode.sandbox import Isolation
from syncode.stages.execute.serve.settings import TOKEN

Row = dict[str, Any]
SECRET = "a-token-for-tests-only"
WAIT = 60.0  # seconds until a test calls the server hung (chosen here)


class Served:
    """A running server: its process, port, and what it has printed for people."""

    def __init__(self, folder: Path, *options: str, token: str = "") -> None:
        self.log = folder / "log"
        command = ["syncode", "execute", "serve", *options]
        extra = {TOKEN: token} if token else {}
        self._stderr = self.log.open("wb")
        self.process = subprocess.Popen(
            command, cwd=folder, env=environment(extra), stdout=subprocess.PIPE, stderr=self._stderr
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().decode().strip()
        assert self.address, self.log.read_text()
        self.port = int(self.address.rpartition(":")[2])

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, Any, Any]:
        """Return status, JSON (or text) and headers of a response."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, {"Content-Type": "application/json", **named})
            response = connection.getresponse()
            said = response.read()
            is_json = response.headers.get("Content-Type", "").startswith("application/json")
            return response.status, json.loads(said) if is_json else said.decode(), response.headers
        finally:
            connection.close()

    def execute(self, rows: list[Any], headers: dict[str, str] | None = None, **options: Any) -> tuple[int, Any, Any]:
        """Post rows."""
        body = json.dumps({"rows": rows, "options": options}).encode()
        return self.ask("POST", "/v1/execute", body, **(headers or {}))

    def ready(self) -> Any:
        """Return what /readyz says."""
        return self.ask("GET", "/readyz")[1]

    def raw(self, data: bytes) -> socket.socket:
        """Send bytes on a connection of their own."""
        made = socket.create_connection(("127.0.0.1", self.port), timeout=WAIT)
        made.sendall(data)
        return made

    def workers(self) -> list[int]:
        """Return the processes that run rows: the children of the nursery."""
        return [worker for nursery in _children(self.process.pid) for worker in _children(nursery)]

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """End it; return its exit code and what it has printed for people."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(WAIT)
        self._stderr.close()
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code, self.log.read_text()


def _children(process: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


Start = Callable[..., Served]


@pytest.fixture
def start(tmp_path: Path, isolation: Isolation) -> Iterator[Start]:
    """Start servers that the end of the test ends."""
    started: list[Served] = []

    def run(*options: str, **more: str) -> Served:
        (tmp_path / str(len(started))).mkdir()
        started.append(Served(tmp_path / str(len(started)), *options, **more))
        return started[-1]

    yield run
    for served in started:
        served.stop(signal.SIGKILL)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, isolation: Isolation) -> Iterator[Served]:
    """One server for the tests that leave it as it was."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "tasks.jsonl").write_text(
        json.dumps({"id": "one", "messages": [{"role": "user", "content": "Write f."}], "tests": "assert f() == 1"})
    )
    opened = Served(folder, "--tasks", "tasks.jsonl", "--max-body", "1M", "--queue", "100", "--deadline", "30")
    yield opened
    opened.stop()


def right(number: int = 1) -> Row:
    """Return a row that passes."""
    return {"id": number, "code": f"def f(): return {number}", "tests": f"assert f() == {number}"}


def wrong(number: int = 1) -> Row:
    """Return a row that fails."""
    return {**right(number), "code": f"def f(): return {number + 1}"}


LOOP = {"id": "loop", "code": "while True: pass", "tests": "assert True"}


def test_results_come_in_order_and_errors_have_no_number(served: Served) -> None:
    rows = [
        right(1),
        wrong(2),
        {"task_id": "one", "text": "```python\ndef f():\n    return 1\n```", "id": 3},
        "row",
        right(5),
    ]
    status, body, headers = served.execute(rows)
    assert status == 200
    assert [each["score"] for each in body["results"]] == [1.0, 0.0, 1.0, None, 1.0]
    assert [each["passed"] for each in body["results"]] == [True, False, True, None, True]
    assert [each["of"] for each in body["results"]][:3] == [1, 2, 3]
    assert body["undecided"] == 1
    assert headers["Server"] == "syncode" and headers["Cache-Control"] == "no-store"
    assert served.execute([])[1] == {"results": [], "undecided": 0}


def test_the_same_executions_as_on_the_command_line(served: Served, shell: Callable[..., Any]) -> None:
    rows = [right(1), wrong(2)]
    ran = shell("syncode execute --no-cache", stdin="".join(json.dumps(row) + "\n" for row in rows).encode())
    expected = [json.loads(line) for line in ran.out.splitlines()]
    for made, want in zip(served.execute(rows)[1]["results"], expected, strict=True):
        assert {**made, "seconds": 0, "score": 0} == {**want, "seconds": 0, "score": 0}


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        ("GET", "/healthz", None, {}, 200),
        ("GET", "/readyz", None, {}, 200),
        ("GET", "/metrics", None, {}, 200),
        ("GET", "/", None, {}, 404),
        ("POST", "/run_code", b"{}", {}, 404),
        ("GET", "/v1/execute", None, {}, 405),
        ("OPTIONS", "/v1/execute", None, {"Access_Control_Request_Method": "POST"}, 405),
        ("OPTIONS", "/v1/execute", None, {"Origin": "http://evil.example"}, 403),
        ("GET", "/readyz", None, {"Host": "evil.example"}, 403),
        ("POST", "/v1/execute", b'{"rows": []}', {"Content_Type": "text/plain"}, 415),
        ("POST", "/v1/execute", b'{"rows": []}', {"Content_Encoding": "gzip"}, 415),
        ("POST", "/v1/execute", b"{", {}, 400),
        ("POST", "/v1/execute", b'{"rows": [], "options": {"timeout": 99}}', {}, 400),
        ("POST", "/v1/execute", b'{"rows": []}' + b" " * (1 << 20), {}, 413),
    ],
)
def test_requests_that_are_refused(
    served: Served, method: str, path: str, body: bytes | None, headers: dict[str, str], status: int
) -> None:
    seen, said, _ = served.ask(method, path, body, **headers)
    assert seen == status, said
    if status >= 400:
        assert set(said["error"]) == {"kind", "message"}


def test_what_is_not_http_and_what_is_half_sent_holds_nothing_up(served: Served) -> None:
    head = b"POST /v1/execute HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    held = [
        served.raw(head + b'Content-Length: 1000\r\n\r\n{"rows": ['),
        served.raw(b"POST /v1/exec"),
        served.raw(b""),
        served.raw(head + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"),
        served.raw(head + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
        served.raw(b"\x00\x01\x02\r\n\r\n"),
        served.raw(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 100_000 + b"\r\n\r\n"),
    ]
    assert served.execute([right()])[1]["results"][0]["score"] == 1.0
    for broken in held[3:]:
        assert broken.recv(100).startswith(b"HTTP/1.")
    for each in held:
        each.close()
    large = served.raw(head + b"Content-Length: 99999999999\r\n\r\n")
    assert b" 413 " in large.recv(100)
    large.close()


def test_a_body_in_pieces_and_one_behind_expect(served: Served) -> None:
    head = b"POST /v1/execute HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
    pieces = served.raw(head + b'Transfer-Encoding: chunked\r\n\r\n8\r\n{"rows":\r\n4\r\n []}\r\n0\r\n\r\n')
    assert _all(pieces).startswith(b"HTTP/1.1 200 ")
    waits = served.raw(head + b"Expect: 100-continue\r\nContent-Length: 12\r\n\r\n")
    assert waits.recv(100).startswith(b"HTTP/1.1 100 ")
    waits.sendall(b'{"rows": []}')
    assert _all(waits).startswith(b"HTTP/1.1 200 ")


def _all(connection: socket.socket) -> bytes:
    with connection:
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
        return b"".join(parts)


def test_a_deadline_leaves_rows_open(served: Served) -> None:
    rows = [right(number) for number in range(1, 4)] + [{**LOOP, "id": 4}, right(5)]
    status, body, _ = served.execute(rows, deadline=3)
    assert status == 200
    by_id = {each["of"]: each for each in body["results"]}
    assert list(by_id) == [1, 2, 3, 4, 5]
    assert (by_id[4]["score"], by_id[4]["passed"], by_id[4]["error"]["kind"]) == (None, None, "deadline")
    assert all(by_id[number]["score"] in (1.0, None) for number in (1, 2, 3, 5))
    assert body["undecided"] == sum(each["score"] is None for each in body["results"])


def test_a_full_queue_turns_requests_away_whole(start: Start) -> None:
    served = start("--queue", "3", "--grace", "0.1")
    assert served.execute([right(number) for number in range(4)])[0] == 413
    ended: list[int] = []
    threads = [
        threading.Thread(target=lambda rows=[LOOP] * size: ended.append(served.execute(rows)[0])) for size in (1, 3)
    ]
    threads[0].start()
    _until(lambda: served.ready()["running"] == 1)
    threads[1].start()
    _until(lambda: served.ready()["waiting"] == 3)
    status, body, headers = served.execute([right()])
    assert (status, body["error"]["kind"]) == (429, "busy")
    assert 1 <= int(headers["Retry-After"]) <= 60
    served.stop()
    for thread in threads:
        thread.join(WAIT)
    assert ended == [503, 503]


def test_a_client_that_goes_takes_its_rows_out_of_the_queue(start: Start) -> None:
    served = start()
    body = json.dumps({"rows": [LOOP] * 50}).encode()
    gone = served.raw(
        b"POST /v1/execute HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    )
    _until(lambda: served.ready()["waiting"] == 49)
    gone.close()
    _until(lambda: served.ready()["waiting"] == 0)


def test_rows_of_killed_workers_are_errors_and_the_server_goes_on(start: Start) -> None:
    served = start("--workers", "2", "--no-cache")
    rows = [right(number) if number % 2 else wrong(number) for number in range(120)]
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(served.execute(rows)))
    thread.start()
    killed = 0
    while thread.is_alive() and killed < 3:
        if served.ready()["running"] and (workers := served.workers()):
            os.kill(workers[0], signal.SIGKILL)
            killed += 1
        time.sleep(0.05)
    thread.join(WAIT)
    status, body, _ = answers[0]
    assert status == 200 and killed
    assert [each["of"] for each in body["results"]] == list(range(120))
    open_rows = [each for each in body["results"] if each["score"] is None]
    assert len(open_rows) == body["undecided"] <= killed
    assert all(each["passed"] is None and each["error"]["kind"] == "worker" for each in open_rows)
    for row, made in zip(rows, body["results"], strict=True):
        assert made in open_rows or made["score"] == (1.0 if row["id"] % 2 else 0.0)
    idle = served.workers()
    for worker in idle:  # what comes next must not be handed to a dead one
        os.kill(worker, signal.SIGKILL)
    _until(lambda: not any(Path(f"/proc/{worker}").exists() for worker in idle))
    assert [each["score"] for each in served.execute([right(), wrong()])[1]["results"]] == [1.0, 0.0]


def test_without_the_process_that_starts_workers_it_ends_with_an_error(start: Start) -> None:
    served = start()
    nursery = _children(served.process.pid)[0]
    worker = _children(nursery)[0]
    os.kill(nursery, signal.SIGKILL)
    os.kill(worker, signal.SIGKILL)
    assert served.process.wait(WAIT) == 4
    assert "the process that starts workers is gone" in served.stop()[1]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_what_is_in_flight_ends_before_the_server(start: Start, number: int, code: int) -> None:
    served = start("--grace", "60", "--no-cache")
    answers: list[Any] = []
    rows = [{**right(), "code": "import time; time.sleep(0.5)\ndef f(): return 1"}] * 4
    thread = threading.Thread(target=lambda: answers.append(served.execute(rows)))
    thread.start()
    _until(lambda: served.ready()["running"] == 1)
    family = [*_children(served.process.pid), *served.workers()]
    ended, said = served.stop(number)
    thread.join(WAIT)
    status, body, headers = answers[0]
    assert (status, [each["score"] for each in body["results"]]) == (200, [1.0] * 4)
    assert headers["Connection"] == "close"
    assert ended == code
    assert "4 pass" in said and "Traceback" not in said
    _until(lambda: not any(Path(f"/proc/{each}").exists() for each in family))


def test_what_does_not_end_within_the_grace_is_answered_503(start: Start) -> None:
    served = start("--grace", "0.1")
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(served.execute([right(), LOOP])))
    thread.start()
    _until(lambda: served.ready()["running"] == 1)
    assert served.stop()[0] == 143
    thread.join(WAIT)
    status, body, headers = answers[0]
    assert (status, body["error"]["kind"], headers["Retry-After"]) == (503, "stopping", "5")


def test_a_token_is_asked_for_and_never_printed(start: Start) -> None:
    served = start("--host", "0.0.0.0", token=SECRET)
    assert served.execute([right()])[0] == 401
    assert served.ask("GET", "/metrics")[0] == 401
    assert served.ask("GET", "/healthz")[0] == served.ask("GET", "/readyz")[0] == 200
    bearer = {"Authorization": f"Bearer {SECRET}", "Host": "sandbox.example"}
    status, body, _ = served.execute([right()], bearer)
    assert (status, body["results"][0]["score"]) == (200, 1.0)
    show = {**right(), "code": "import os; print(dict(os.environ))\ndef f(): return 1"}
    assert SECRET not in json.dumps(served.execute([show], bearer)[1])
    assert SECRET not in served.stop()[1]


@pytest.mark.parametrize(
    ("command", "code", "why"),
    [
        ("syncode execute serve --host 0.0.0.0", 2, "--host 0.0.0.0 can be reached by others: set SYNCODE_SERVE_TOKEN"),
        ("syncode execute serve --unsafe-no-sandbox", 2, "--unsafe-no-sandbox runs what any local user sends"),
        ("SYNCODE_SERVE_TOKEN=short syncode execute serve", 2, "at least 16 characters"),
        ("syncode execute serve --max-body many", 2, "--max-body: not a size"),
        ("syncode execute serve >&-", 2, "stdout is closed"),
    ],
)
def test_what_makes_no_sense_is_refused_before_it_listens(
    shell: Callable[..., Any], isolation: Isolation, command: str, code: int, why: str
) -> None:
    ran = shell(command)
    assert ran.code == code
    assert why in ran.err.decode()


def test_a_port_that_is_taken(served: Served, shell: Callable[..., Any]) -> None:
    ran = shell(f"syncode execute serve --port {served.port}")
    assert ran.code == 4
    assert f"cannot listen on 127.0.0.1 port {served.port}: Address already in use" in ran.err.decode()


def _until(so: Callable[[], object]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + WAIT
    while not so():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)
