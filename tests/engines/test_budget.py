"""Amounts, prices and budgets."""

from pathlib import Path

import pytest

from syncode.engines.mock.model import tokens
from syncode.engines.pacing.budget import Amount, Budget, Meter, Price, load_prices, parse_budget, price_of
from syncode.errors import UsageError


@pytest.mark.parametrize(
    ("text", "unit", "most"),
    [
        ("5usd", "usd", 5 * 10**9),
        ("0.25 usd", "usd", 250_000_000),
        ("2Mtok", "tok", 2_000_000),
        ("300ktok", "tok", 300_000),
        ("1000req", "req", 1000),
        ("1.5kreq", "req", 1500),
    ],
)
def test_budgets(text: str, unit: str, most: int) -> None:
    budget = parse_budget(text)
    assert budget is not None
    assert (budget.unit, budget.most) == (unit, most)


@pytest.mark.parametrize("text", ["5", "five usd", "-1usd", "5eur", "usd", "5Musd"])
def test_what_is_no_budget(text: str) -> None:
    with pytest.raises(UsageError, match="--budget"):
        parse_budget(text)


def test_prices_come_from_a_file_and_are_exact(tmp_path: Path) -> None:
    file = tmp_path / "prices.toml"
    file.write_text(
        '["gpt-4o"]\ninput = 2.5\ncached_input = 1.25\noutput = 10\nbatch = 0.5\n[plain]\ninput = 1\noutput = 2\n'
    )
    prices = load_prices(str(file))
    assert prices["gpt-4o"].nano(1000, 100, cached=400) == 600 * 2500 + 400 * 1250 + 100 * 10000
    assert prices["gpt-4o"].nano(1000, 100, cached=400, batch=True) == 1_500_000
    assert prices["plain"].cached_input == 1
    assert Price(1e-4, 0, 1e-4).nano(1, 0) == 1  # a fraction of a nano-dollar is rounded up, never away


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[a]\ninput = 1", "'a'.*needs `input` and `output`"),
        ("a = 1", "'a'.*needs `input` and `output`"),
        ("[a]\ninput = 1\noutput = 1\nouput = 1", "'a'.*has no ouput"),
        ("[a]\ninput = -1\noutput = 1", "'a'.*input: expected a number"),
        ("[a]\ninput = nan\noutput = 1", "'a'.*input: expected a number"),
        ("[a]\ninput = 1\noutput = inf", "'a'.*output: expected a number"),
        ("[a]\ninput = 1\noutput = '1'", "'a'.*output: expected a number"),
        ("x", "Expected"),
    ],
)
def test_a_price_that_cannot_be_read_is_an_error(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "prices.toml"
    file.write_text(text)
    with pytest.raises(UsageError, match=f"--prices .*{told}"):
        load_prices(str(file))


def test_a_budget_in_dollars_needs_the_price_of_the_model() -> None:
    budget = Budget("usd", 1, "1usd")
    with pytest.raises(UsageError, match="price of m"):
        price_of("m", {}, budget)
    assert price_of("m", {}, Budget("tok", 1, "1tok")) is None


@pytest.mark.parametrize("text", ["plain words", 'fn main() { println!("{}", 1); }', "数据结构与算法", "🙂" * 50])
def test_the_reservation_is_an_upper_bound(text: str) -> None:
    body = {"messages": [{"role": "user", "content": text}], "max_tokens": 10}
    meter = Meter(Price(1.0, 2.0, 1.0))
    reserved = meter.reserve(body)
    used = meter.spent({"prompt_tokens": max(tokens(text), len(text)), "completion_tokens": 10}, reserved)
    assert used.tokens <= reserved.tokens
    assert used.nano <= reserved.nano


def test_without_usage_the_reservation_is_charged() -> None:
    reserved = Amount(1, 99, 7)
    assert Meter(None).spent({}, reserved) == reserved


@pytest.mark.parametrize(
    ("text", "most"), [("7tok", 7), ("7ktok", 7_000), ("7Mtok", 7_000_000), ("7Gtok", 7_000_000_000)]
)
def test_letters_multiply_by_thousands(text: str, most: int) -> None:
    budget = parse_budget(text)
    assert budget is not None and budget.most == most
