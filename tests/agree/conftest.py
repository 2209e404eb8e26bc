"""Published verdicts and labels as users would have them: converted to rows once, run through the command line."""

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from syncode import cli

JUDGING = Path(__file__).parents[2] / "../shared/data/judging"
Table = list[dict[str, str]]
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Published:
    """The folder of published data, and its tables."""

    folder: Path

    def table(self, name: str) -> Table:
        """Return the lines of a CSV file."""
        raw = (self.folder / name).read_bytes()
        text = (gzip.decompress(raw) if name.endswith(".gz") else raw).decode("utf-8")
        return list(csv.DictReader(io.StringIO(text)))

    def expected(self, check: str) -> Any:
        """Return the numbers of one acceptance check."""
        return json.loads((self.folder / "expected.json").read_text(encoding="utf-8"))[check]


@pytest.fixture(scope="session")
def published() -> Published:
    """The published data; tests that ask for it are marked `shared`."""
    return Published(JUDGING)


@dataclass(frozen=True)
class Syncode:
    """Runs command lines in this process, in a folder of the test's own."""

    folder: Path

    def write(self, name: str, rows: Iterable[dict[str, Any]]) -> str:
        """Write rows as JSON lines and return the path."""
        path = self.folder / name
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return str(path)

    def sheet(self, name: str, head: list[str], lines: Iterable[Iterable[str]]) -> str:
        """Write a CSV file and return the path."""
        path = self.folder / name
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([head, *lines])
        return str(path)

    def run(self, *arguments: str, code: int = 0) -> Rows:
        """Run one command line and return the rows that it writes; the exit code must be `code`."""
        out = self.folder / "out.jsonl"
        verb = arguments[0].split()
        form = [] if verb[-1] in ("pairs", "control") else ["--format", "jsonl"]
        found = cli.run([*verb, *arguments[1:], *form, "--quiet", "-o", str(out)])
        assert found == code, f"syncode {' '.join(arguments)}"
        return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def syncode(tmp_path: Path) -> Syncode:
    """Run a command line: `syncode.run("agree ratings", "labels.csv")` returns rows."""
    return Syncode(tmp_path)


Chosen = Callable[..., Table]


@pytest.fixture(scope="session")
def llmbar(published: Published) -> Chosen:
    """Choose lines of the LLMBar verdicts by column values: `llmbar(method="Vanilla", subset="Natural")`."""
    table = published.table("llmbar_verdicts.csv.gz")

    def chosen(**wanted: str) -> Table:
        return [line for line in table if all(line[key] == value for key, value in wanted.items())]

    return chosen


@pytest.fixture(scope="session")
def votes(published: Published) -> Callable[[str], Rows]:
    """Return the llmfao votes of `crowd`, `gpt4` or `gpt3` as verdict rows: the left answer is model_a, shown first."""
    label = {"left": "A>B", "right": "B>A", "tie": "A=B"}

    def rows(name: str) -> Rows:
        return [
            {
                "task_id": line["id"],
                "prompt": line["prompt"],
                "model_a": line["left"],
                "model_b": line["right"],
                "judge": name if name != "crowd" else f"people:{line['worker']}",
                "label": label[line["winner"]],
                **({"worker": line["worker"]} if "worker" in line else {}),
            }
            for line in published.table(f"llmfao_{name}.csv")
        ]

    return rows
