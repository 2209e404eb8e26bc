"""The Batch API of the mock server: files in, batches that take a while, files out; state is kept in memory."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import orjson

from syncode.engines.mock.model import answer
from syncode.engines.mock.scenario import Scenario, draw, request_digest
from syncode.engines.wire import Response


@dataclass
class _Batch:
    """One batch, as the API shows it, and when it ends."""

    view: dict[str, Any]
    ends: float
    lines: list[dict[str, Any]] = field(default_factory=list)


class BatchDesk:
    """Takes files and batches over HTTP."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._files: dict[str, bytes] = {}
        self.batches: dict[str, _Batch] = {}
        self._numbers = count(1)

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Response | None:
        """Return the response to a request for files or batches, None if the path means neither."""
        parts = path.strip("/").split("/")[1:]
        match method, parts:
            case "POST", ["files"]:
                return self._upload(headers, body)
            case "GET", ["files", name, "content"] if name in self._files:
                return Response(200, self._files[name])
            case "POST", ["batches"]:
                return self._create(orjson.loads(body))
            case "GET", ["batches"]:
                views = [self._view(batch) for batch in reversed(self.batches.values())]
                return _json({"object": "list", "data": views, "has_more": False, "first_id": None, "last_id": None})
            case "GET", ["batches", name] if name in self.batches:
                return _json(self._view(self.batches[name]))
        return None

    def _upload(self, headers: Mapping[str, str], body: bytes) -> Response:
        boundary = re.search(r"boundary=(\S+)", headers.get("content-type", ""))
        if boundary is None:
            return _json({"error": {"message": "a file upload is multipart/form-data"}}, 400)
        for part in body.split(b"--" + boundary[1].strip('"').encode()):
            head, _, content = part.partition(b"\r\n\r\n")
            if b'name="file"' in head:
                return self._store(content.removesuffix(b"\r\n"))
        return _json({"error": {"message": "no file in the upload"}}, 400)

    def _store(self, content: bytes) -> Response:
        name = f"file-{next(self._numbers)}"
        self._files[name] = content
        view = {"id": name, "object": "file", "bytes": len(content), "created_at": int(time.time())}
        return _json(view | {"filename": "batch.jsonl", "purpose": "batch", "status": "processed"})

    def _create(self, wish: Mapping[str, Any]) -> Response:
        name = f"batch_{next(self._numbers)}"
        lines = [orjson.loads(line) for line in self._files[wish["input_file_id"]].splitlines() if line.strip()]
        view = {
            "id": name,
            "object": "batch",
            "endpoint": wish["endpoint"],
            "input_file_id": wish["input_file_id"],
            "completion_window": wish["completion_window"],
            "metadata": wish.get("metadata"),
            "status": "in_progress",
            "created_at": int(time.time()),
            "output_file_id": None,
            "error_file_id": None,
            "request_counts": {"total": len(lines), "completed": 0, "failed": 0},
        }
        self.batches[name] = _Batch(view, time.monotonic() + self._scenario.batch.seconds, lines)
        return _json(view)

    def _view(self, batch: _Batch) -> dict[str, Any]:
        if batch.view["status"] == "in_progress" and time.monotonic() >= batch.ends:
            self._end(batch)
        return batch.view

    def _end(self, batch: _Batch) -> None:
        """Answer the share of items that the scenario grants; the rest has expired."""
        if 0 < self._scenario.batch.most < len(batch.lines):
            message = f"Enqueued token limit reached for {self._scenario.name}. Please try again with fewer requests."
            batch.view |= {
                "status": "failed",
                "errors": {"object": "list", "data": [{"code": "token_limit_exceeded", "message": message}]},
            }
            return
        share = self._scenario.batch.answered
        done: list[dict[str, Any]] = []
        late: list[dict[str, Any]] = []
        for line in batch.lines:
            body = line["body"]
            digest = request_digest(body)
            granted = draw(digest, f"batch/{batch.view['id']}") < share
            (done if granted else late).append(_item(line, answer(self._scenario, body, digest) if granted else None))
        batch.view["status"] = "expired" if late else "completed"
        batch.view["request_counts"] = {"total": len(batch.lines), "completed": len(done), "failed": len(late)}
        for slot, lines in (("output_file_id", done), ("error_file_id", late)):
            if lines:
                batch.view[slot] = name = f"file-{next(self._numbers)}"
                self._files[name] = b"".join(orjson.dumps(line) + b"\n" for line in lines)


def _item(line: Mapping[str, Any], reply: bytes | None) -> dict[str, Any]:
    name = f"batch_req_{line['custom_id']}"
    if reply is None:
        error = {"code": "batch_expired", "message": "This request could not be executed before the batch expired."}
        return {"id": name, "custom_id": line["custom_id"], "response": None, "error": error}
    response = {"status_code": 200, "request_id": name, "body": orjson.loads(reply)}
    return {"id": name, "custom_id": line["custom_id"], "response": response, "error": None}


def _json(value: Any, status: int = 200) -> Response:
    return Response(status, orjson.dumps(value))
