"""The files and batches of one endpoint: each call again where that helps, and no batch made twice."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

from syncode.engines.batch.view import View, view, views
from syncode.engines.client import ClientTransport
from syncode.engines.notices import Notices
from syncode.engines.replies.decode import Unreadable, decode
from syncode.engines.replies.outcome import Course, Verdict, judge
from syncode.engines.sender import ATTEMPTS
from syncode.engines.wire import Moved, Refused, Response, Unreachable
from syncode.errors import EngineError

if TYPE_CHECKING:
    from openai import AsyncOpenAI

T = TypeVar("T")
_LONGEST_CALL = 900.0  # seconds for one call: a file of 100 MB over a slow line (chosen here)
_PATIENCE = 1800.0  # seconds for which a provider may fail while a batch is waited for, which takes hours (chosen here)
_YOUNG = 120.0  # seconds after which a batch that was made must be known everywhere at the provider (chosen here)
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0  # seconds between attempts, doubled each time (chosen here)


@dataclass(frozen=True)
class _Failure:
    """Why an attempt brought nothing. `certain`: the provider has done nothing.

    `pause`: seconds that it asks to wait; `patience`: for how long it is asked again while a batch is waited for.
    """

    reason: str
    certain: bool = False
    pause: float = 0.0
    patience: float = _PATIENCE


@dataclass(frozen=True)
class _Task:
    """How a call is made. `patient`: a batch is waited for; `young`: what is not there may yet appear."""

    work: "Callable[[AsyncOpenAI], Awaitable[Any]]"
    patient: bool = True
    young: bool = False


class Provider:
    """The Batch API at one address. Errors that no further attempt cures are EngineErrors."""

    def __init__(self, transport: ClientTransport, address: str, notices: Notices) -> None:
        self._transport = transport
        self._address = address
        self._notices = notices
        self._answered = False

    async def upload(self, name: str, content: bytes) -> str:
        """Store a file of requests; return its id."""
        task = _Task(
            lambda client: client.files.with_raw_response.create(file=(name, content), purpose="batch"), patient=False
        )
        return await self._call(task, _identity)

    async def create(self, file: str, intent: str, look: Callable[[], Awaitable[View | None]]) -> View:
        """Make a batch of a file; where the end of a call is uncertain, `look` for it comes before it is made again."""
        task = _Task(
            lambda client: client.batches.with_raw_response.create(
                input_file_id=file,
                endpoint="/v1/chat/completions",
                completion_window="24h",
                metadata={"syncode_intent": intent},
            ),
            patient=False,
        )
        return await self._call(task, _view, look)

    async def retrieve(self, identity: str, *, young: bool = False) -> View:
        """Return the state of a batch; one that is `young` may not be known yet."""
        return await self._call(
            _Task(lambda client: client.batches.with_raw_response.retrieve(identity), young=young), _view
        )

    async def find(self, intent: str, since: float, file: str = "") -> View | None:
        """Return the batch that was made for an intent, or of a file, at `since` (seconds of the epoch) or later."""
        after: dict[str, Any] = {}
        while True:
            task = _Task(lambda client, after=after: client.batches.with_raw_response.list(limit=100, **after))  # type: ignore[misc]
            page, more = await self._call(task, lambda response: views(response.body))
            for each in page:
                if each.intent == intent or (file and each.file == file):
                    return each
                if each.at is not None and each.at < since - 3600:  # newest first; clocks differ
                    return None
            if not (more and page) or after == {"after": page[-1].id}:
                return None
            after = {"after": page[-1].id}

    async def content(self, file: str) -> bytes:
        """Return what is in a file."""

        async def work(client: "AsyncOpenAI") -> Any:
            return (await client.files.content(file)).response

        return await self._call(_Task(work), lambda response: response.body)

    def is_young(self, at: float, now: float) -> bool:
        """Return whether a batch that was made at `at` may not be known everywhere yet; both in seconds of the epoch."""
        return now - at < _YOUNG

    async def _call(
        self, task: _Task, read: Callable[[Response], T], look: Callable[[], Awaitable[T | None]] | None = None
    ) -> T:
        """Return what a call brought. `look` finds what an attempt has made that ended in uncertainty."""
        loop = asyncio.get_running_loop()
        begun, pause = loop.time(), _FIRST_PAUSE
        for attempt in count(1):
            done = await self._attempt(task, read)
            if not isinstance(done, _Failure):
                self._answered = True
                return done
            patient = task.patient and self._answered
            if patient:
                told = f"{self._address}: {done.reason}; asking again, for {done.patience / 60:g} minutes at most"
                self._notices.once(f"patient {self._address}", told)
            await asyncio.sleep(max(pause, done.pause))
            pause = min(_LONGEST_PAUSE, 2 * pause)
            if look is not None and not done.certain and (found := await look()) is not None:
                return found
            if loop.time() - begun > done.patience if patient else attempt >= ATTEMPTS:
                raise EngineError(f"{self._address}: {done.reason}")
        raise AssertionError("unreachable")

    async def _attempt(self, task: _Task, read: Callable[[Response], T]) -> T | _Failure:
        try:
            response = await self._transport.exchange(task.work, _LONGEST_CALL)
        except TimeoutError:
            return _Failure(f"no answer within {_LONGEST_CALL:g} s")
        except Moved as error:
            raise EngineError(f"{self._address}: {error}") from None
        except Unreachable as error:
            return _Failure(str(error), certain=isinstance(error, Refused))
        if 200 <= response.status < 300:
            try:
                return read(response)
            except Unreadable as error:
                return _Failure(str(error))
        verdict = judge(response)
        if verdict.course is not Course.AGAIN and not (task.young and response.status == 404):
            raise EngineError(f"{self._address}: {verdict.reason}")
        return _failure(response.status, verdict)


def _failure(status: int, verdict: Verdict) -> _Failure:
    certain = status < 500 and status not in (408, 409)
    return _Failure(verdict.reason, certain, verdict.pause or 0.0, _YOUNG if status == 404 else _PATIENCE)


def _view(response: Response) -> View:
    return view(decode(response.body))


def _identity(response: Response) -> str:
    return view(decode(response.body)).id
