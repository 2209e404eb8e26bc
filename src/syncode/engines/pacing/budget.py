"""Money: what a request may cost at most, what it did cost, and the budget that holds a run back.

Prices come from a file that the user writes; none is bundled. USD per million tokens, one table a model:

```toml
["gpt-4o-mini"]
input = 0.15
cached_input = 0.075   # default: as input
output = 0.60
batch = 0.5            # what the Batch API costs of that; default 1
```
"""

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import orjson

from syncode.errors import UsageError

Unit = Literal["usd", "tok", "req"]
NANO = 10**9  # money is counted in whole billionths of a dollar: sums of floats drift
_SCALE = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9}
_BUDGET = re.compile(r"(\d+(?:\.\d+)?)\s*(?:(usd)|([kMG]?)(tok|req))")
_TURN_TOKENS = 16  # what a chat template adds to one turn, at most (chosen here)


@dataclass(frozen=True)
class Amount:
    """Requests sent, tokens (prompt and completion) and billionths of a dollar."""

    requests: int = 0
    tokens: int = 0
    nano: int = 0

    def of(self, unit: Unit) -> int:
        """Return the part that a budget in this unit counts."""
        return {"usd": self.nano, "tok": self.tokens, "req": self.requests}[unit]


@dataclass(frozen=True)
class Budget:
    """The most that a journal may spend in all its runs; `most` in the smallest unit (nano-dollars, tokens, requests)."""

    unit: Unit
    most: int
    text: str

    def amount(self, spent: int) -> str:
        """Return an amount in the budget's unit for people."""
        return (
            f"{spent / NANO:.4f} USD"
            if self.unit == "usd"
            else f"{spent} {'tokens' if self.unit == 'tok' else 'requests'}"
        )


def parse_budget(text: str | None) -> Budget | None:
    """Read `5usd`, `2Mtok`, `300ktok` or `1000req`; UsageError for anything else."""
    if text is None:
        return None
    found = _BUDGET.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"--budget {text}: expected an amount such as 5usd, 2Mtok or 1000req")
    number = float(found[1])
    if found[2]:
        return Budget("usd", round(number * NANO), text)
    unit: Unit = "tok" if found[4] == "tok" else "req"
    return Budget(unit, round(number * _SCALE[found[3]]), text)


@dataclass(frozen=True)
class Price:
    """USD per million tokens."""

    input: float
    output: float
    cached_input: float
    batch: float = 1.0

    def nano(self, prompt: int, completion: int, cached: int = 0, *, batch: bool = False) -> int:
        """Return the price of these tokens in nano-dollars, rounded up; `cached` of the prompt tokens came from a cache."""
        dollars_per_million = self.input * (prompt - cached) + self.cached_input * cached + self.output * completion
        return -int(-dollars_per_million * (NANO / 10**6) * (self.batch if batch else 1.0) // 1)


def load_prices(path: str | None) -> dict[str, Price]:
    """Read a price table; UsageError where it cannot be read."""
    if path is None:
        return {}
    try:
        table = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        return {model: _price(model, entry) for model, entry in table.items()}
    except OSError as error:
        raise UsageError(f"--prices {path}: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(f"--prices {path}: {error}") from error


def _price(model: str, entry: object) -> Price:
    if not isinstance(entry, Mapping) or not {"input", "output"} <= entry.keys():
        raise ValueError(f"[{model!r}] needs `input` and `output`, in USD per million tokens")
    if unknown := sorted(entry.keys() - {"input", "cached_input", "output", "batch"}):
        raise ValueError(f"[{model!r}] has no {', '.join(unknown)}")
    for name, value in entry.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
            raise ValueError(f"[{model!r}] {name}: expected a number that is not negative")
    values = {name: float(value) for name, value in entry.items()}
    return Price(
        values["input"], values["output"], values.get("cached_input", values["input"]), values.get("batch", 1.0)
    )


def price_of(model: str, prices: Mapping[str, Price], budget: Budget | None) -> Price | None:
    """Return the price of a model; UsageError where a budget in USD needs one that is not there."""
    price = prices.get(model)
    if price is None and budget is not None and budget.unit == "usd":
        raise UsageError(f"--budget {budget.text}: --prices FILE must name the price of {model}")
    return price


@dataclass(frozen=True)
class Meter:
    """Turns request bodies and usage into amounts."""

    price: Price | None
    batch: bool = False

    def reserve(self, body: Mapping[str, Any], longest: int = 0) -> Amount:
        """Return the most that one attempt may cost; `longest` is the token limit if the body has none.

        A byte-level tokenizer makes at most one token of each byte, so the length of the prompt in bytes, plus what a chat
        template adds, is an upper bound that holds for any of them: no overshoot, at the price of a pessimistic reservation.
        """
        turns = body["messages"]
        prompt = len(orjson.dumps(turns)) + _TURN_TOKENS * (len(turns) + 1)
        if shape := body.get("response_format"):
            prompt += len(orjson.dumps(shape))
        given = body.get("max_tokens") or body.get("max_completion_tokens")
        longest = given if isinstance(given, int) else longest
        return Amount(1, prompt + longest, self._nano(prompt, longest))

    def spent(self, usage: Mapping[str, int], reserved: Amount) -> Amount:
        """Return what an answer cost; a server that reports no usage is charged what was reserved."""
        if "prompt_tokens" not in usage:
            return reserved
        prompt, completion = usage["prompt_tokens"], usage.get("completion_tokens", 0)
        return Amount(1, prompt + completion, self._nano(prompt, completion, usage.get("cached_tokens", 0)))

    def _nano(self, prompt: int, completion: int, cached: int = 0) -> int:
        return self.price.nano(prompt, completion, cached, batch=self.batch) if self.price else 0
