"""Each call of a pair has a limit of its own, in every language: what they say goes past a clock."""

import os
import select
import threading
from collections.abc import Iterator
from dataclasses import replace
from math import inf

import pytest

from syncode.sandbox import Isolation, Limits, Sandbox, ready
from syncode.sandbox.languages import Ready
from syncode.sandbox.relay import Relay
from syncode.sandbox.watch import Pipes

LIMIT = Limits(seconds=1.0)
ALONE = replace(LIMIT, seconds=4.0, cpu_seconds=1.0, one_by_one=True)
"""As the stage repeats what ran out of time."""
# Ten calls of a quarter of a second: more than the limit for all of them, far less for each.
PROGRAMS = {
    "lua": (
        "function f(x) local s = 0 for i = 1, 50000000 do s = s + i end return x * x end",
        "function f(x) while x == 2 do end return x * x end",
        "for x = 1, 10 do assert(f(x) == x * x) end\n",
    ),
    "c": (
        "int f(int x) { volatile int s = 0; for (long i = 0; i < 170000000; i++) s ^= i; return x * x; }",
        "int f(int x) { volatile int y = x; while (y == 2); return x * x; }",
        "#include <assert.h>\nint main() { for (int x = 1; x <= 10; x++) assert(f(x) == x * x); }\n",
    ),
}


@pytest.mark.parametrize("language", PROGRAMS)
def test_a_call_has_the_limit_not_the_file(isolation: Isolation, language: str) -> None:
    if not isinstance(ready(language), Ready):
        pytest.skip(f"{language} is not installed")
    slow, endless, tests = PROGRAMS[language]
    with Sandbox(replace(isolation, limits=LIMIT)) as sandbox:
        again = sandbox.run(language, slow, tests, ALONE)
        assert (again.state, again.evidence, again.tests.get("failed")) == ("pass", "separate", 0), again
        assert 0 < again.longest < again.seconds + again.cpu
        late = sandbox.run(language, endless, tests, ALONE)
        assert (late.state, late.reason) == ("timeout", "CPU time"), late


class Joined:
    """A relay in a thread, and what each half has: (where it reads, where it writes)."""

    def __init__(self, used: list[float]) -> None:
        tests, answer = Pipes([]), Pipes([])
        self.relay = Relay(tests.part(answer), 0.2, inf, lambda: used.pop(0) if len(used) > 1 else used[0])
        self.tests, self.answer = tests.theirs, answer.theirs
        self.late: str | None = None
        self._over = False
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        poll = select.poll()
        self.relay.begin(poll)
        while not self._over:
            for descriptor, _ in poll.poll(20):
                self.relay.event(descriptor)
            self.late = self.late or self.relay.late()
        self.relay.close()

    def close(self) -> None:
        self._over = True
        self._thread.join()
        for end in (*self.tests, *self.answer):
            if end >= 0:
                os.close(end)


@pytest.fixture
def joined() -> Iterator[Joined]:
    made = Joined([0.0])
    yield made
    made.close()


def exactly(descriptor: int, count: int) -> bytes:
    parts = b""
    while len(parts) < count:
        parts += os.read(descriptor, count - len(parts))
    return parts


def test_what_one_half_says_reaches_the_other_whole(joined: Joined) -> None:
    big = bytes(range(256)) * 20_000  # 5 MB, far more than pipes and `HELD`
    for (_, write), (read, _) in ((joined.tests, joined.answer), (joined.answer, joined.tests)):

        def say(end: int = write) -> None:
            for at in range(0, len(big), 4096):
                os.write(end, big[at : at + 4096])

        writer = threading.Thread(target=say)
        writer.start()
        assert exactly(read, len(big)) == big
        writer.join()


def test_the_end_of_one_half_is_seen_by_the_other(joined: Joined) -> None:
    os.write(joined.tests[1], b"last words")
    os.close(joined.tests[1])
    joined.tests[1] = -1
    assert exactly(joined.answer[0], 10) == b"last words"
    assert os.read(joined.answer[0], 1) == b""
    os.close(joined.tests[0])
    joined.tests[0] = -1
    with pytest.raises(BrokenPipeError):
        for _ in range(1000):
            os.write(joined.answer[1], bytes(1 << 16))


def test_only_a_call_that_is_owed_an_answer_is_late() -> None:
    made = Joined([0.0, 0.0, 9.0])
    try:
        os.write(made.answer[1], b"loaded")
        assert exactly(made.tests[0], 6) == b"loaded"
        threading.Event().wait(0.4)
        assert made.late is None
        os.write(made.tests[1], b"f(1)")
        assert exactly(made.answer[0], 4) == b"f(1)"
        for _ in range(500):
            if made.late:
                break
            threading.Event().wait(0.02)
        assert made.late == "cpu"
    finally:
        made.close()
