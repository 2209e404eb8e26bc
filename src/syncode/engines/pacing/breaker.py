"""Stops a run whose requests fail too often: after a while it is not the rows, it is the server or the set-up."""

from collections import Counter, deque

WINDOW = 100  # finished requests that are looked at (chosen here)
SAMPLE = 50  # and no verdict before so many: half of the first ten says nothing (chosen here)
SHARE = 0.5  # of them that may fail for one kind of reason (Data Designer)


class Breaker:
    """Counts finished requests by how they ended."""

    def __init__(self) -> None:
        self._recent: deque[str] = deque(maxlen=WINDOW)
        self._kinds: Counter[str] = Counter()

    def add(self, kind: str = "") -> bool:
        """Count one request that ended, empty `kind` for an answer; True if the run should stop."""
        if len(self._recent) == WINDOW:
            self._kinds[self._recent[0]] -= 1
        self._recent.append(kind)
        self._kinds[kind] += 1
        return bool(kind) and len(self._recent) >= SAMPLE and self._kinds[kind] >= SHARE * len(self._recent)

    def text(self, kind: str, reason: str) -> str:
        """Say why the run stops."""
        return f"{self._kinds[kind]} of the last {len(self._recent)} requests failed, the last one so: {reason}"
