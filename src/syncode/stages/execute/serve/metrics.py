"""Counts of a server, for people (a line) and for Prometheus (its text format, version 0.0.4)."""

from collections import Counter
from dataclasses import dataclass, field

FORM = "text/plain; version=0.0.4"
SMOOTH = 0.05
"""Weight of the newest row in the mean time of a row (chosen here)."""


@dataclass
class Metrics:
    """What has happened since the start. `states`: rows by state, `error_KIND` for those about which nothing is known."""

    requests: Counter[int] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    disconnects: int = 0
    deaths: int = 0
    recycled: int = 0
    workers: int = 0
    running: int = 0
    seconds: float = 0.0
    row_seconds: float = 0.05

    def ran(self, state: str, seconds: float) -> None:
        """Count a row that a worker has answered."""
        self.states[state] += 1
        self.seconds += seconds
        self.row_seconds += SMOOTH * (seconds - self.row_seconds)

    def line(self, waiting: int) -> str:
        """Return one line for people."""
        rows = ", ".join(f"{count} {state}" for state, count in sorted(self.states.items())) or "no rows"
        refused = sum(count for status, count in self.requests.items() if status != 200)
        deaths = f"; {self.deaths} workers died" if self.deaths else ""
        asked = f"{self.requests.total()} requests ({refused} refused)"
        return f"{asked}; {rows}; {waiting} waiting, {self.running} running{deaths}"

    def text(self, waiting: int) -> str:
        """Return all counts for Prometheus."""
        lines = [
            *_metric(
                "requests_total", "counter", {f'{{status="{key}"}}': value for key, value in self.requests.items()}
            ),
            *_metric("rows_total", "counter", {f'{{state="{key}"}}': value for key, value in self.states.items()}),
            *_metric("row_seconds_total", "counter", {"": round(self.seconds, 3)}),
            *_metric("disconnects_total", "counter", {"": self.disconnects}),
            *_metric("worker_deaths_total", "counter", {"": self.deaths}),
            *_metric("workers_recycled_total", "counter", {"": self.recycled}),
            *_metric("workers", "gauge", {"": self.workers}),
            *_metric("rows_waiting", "gauge", {"": waiting}),
            *_metric("rows_running", "gauge", {"": self.running}),
        ]
        return "\n".join(lines) + "\n"


def _metric(name: str, kind: str, values: dict[str, float]) -> list[str]:
    return [
        f"# TYPE syncode_serve_{name} {kind}",
        *(f"syncode_serve_{name}{key} {value}" for key, value in sorted(values.items())),
    ]
