"""Language identification: each step of the cascade, the table behind it, and honest figures for the last step."""

import gzip
import importlib
from collections import Counter
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncode.text.fences import blocks
from syncode.text.languages import LANGUAGES, canonical, identify, table
from syncode.text.languages.content import classes, classify

BENCH = Path(__file__).parents[3] / "../shared/data/bench"


@pytest.mark.parametrize(
    ("text", "path", "fence", "expected"),
    [
        ("", "src/a.py", None, ("python", 1.0, "extension")),
        ("", "a/Dockerfile", None, ("dockerfile", 1.0, "filename")),
        ("", "Dockerfile.dev", None, ("dockerfile", 1.0, "filename")),
        ("", "x.TS.gz", "python", ("typescript", 1.0, "extension")),
        ("", "Makefile.in", None, ("makefile", 1.0, "filename")),
        ("#!/usr/bin/env -S FOO=1 python3.11 -u\n", "tool", "bash", ("python", 1.0, "shebang")),
        ("#!/bin/sh\n", None, None, ("bash", 1.0, "shebang")),
        ("<?php echo 1;", None, None, ("php", 1.0, "shebang")),
        ("/* -*- mode: C++; tab-width: 4 -*- */", None, None, ("cpp", 1.0, "shebang")),
        ("x", None, "C++", ("cpp", 1.0, "fence")),
        ("x", None, "js {1,3-5} title=x", ("javascript", 1.0, "fence")),
        ("x", None, "{.haskell}", ("haskell", 1.0, "fence")),
        ("x", None, "text", (None, 1.0, "fence")),
        ("x", None, "zenscript", ("zenscript", 1.0, "fence")),
        ("x", None, "example", (None, 0.0, "content")),
        ("x", None, "solidity title=A.sol", ("solidity", 1.0, "fence")),
        ("x", None, "12:20:src/a.py", ("python", 1.0, "fence")),
        ("x", None, "{r, echo=FALSE}", ("r", 1.0, "fence")),
        ("x", None, "rust,ignore", ("rust", 1.0, "fence")),
        ("x", None, "c++17", ("cpp", 1.0, "fence")),
        ("", None, None, (None, 0.0, "content")),
        ("x", "a.h", None, ("c", 0.5, "extension")),
    ],
)
def test_the_cascade(text: str, path: str | None, fence: str | None, expected: tuple[str | None, float, str]) -> None:
    assert identify(text, path, fence) == expected


OBJECTIVE_C = """
#import <Foundation/Foundation.h>
@interface Account : NSObject { NSString *name; }
- (id) initWithName: (NSString *)aName;
@property (nonatomic, retain) NSArray *entries;
@end
"""
CPP = """
#pragma once
#include <vector>
namespace shop {
template <typename T> class Basket : public Container<T> {
 public:
  explicit Basket(std::vector<T> items) : items_(std::move(items)) {}
  virtual ~Basket() = default;
 private:
  std::vector<T> items_;
};
}  // namespace shop
"""


@pytest.mark.parametrize(
    ("text", "name", "language"),
    [(OBJECTIVE_C, "a.h", "objective-c"), (CPP, "a.h", "cpp"), (OBJECTIVE_C, "a.m", "objective-c")],
)
def test_a_name_that_languages_share_is_settled_by_the_content(text: str, name: str, language: str) -> None:
    guess = identify(text, name)
    assert (guess.language, guess.how) == (language, "content")
    assert guess.confidence > 0.5


PROSE = """The council met on Tuesday evening to discuss the new library. Several speakers asked why the opening
had been delayed again, and the mayor promised that the doors would open before the end of the year. Nobody believed her."""


def test_prose_is_no_code() -> None:
    assert identify(PROSE).language is None
    assert identify(PROSE + "\n\n" + PROSE, path="notes.txt").language is None


FRAGMENTS = {block.tag: block.code for block in blocks((Path(__file__).parent / "fragments.md").read_text())}


@pytest.mark.parametrize("language", FRAGMENTS)
def test_plain_fragments_are_named(language: str) -> None:
    assert classify(FRAGMENTS[language])[0] == language


@pytest.mark.parametrize(("confidence", "language"), [(0.31, "java"), (0.3, "java"), (0.29, None)])
def test_a_guess_from_the_text_alone_counts_from_three_tenths(
    confidence: float, language: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = importlib.import_module(identify.__module__)
    monkeypatch.setattr(module, "classify", lambda text, among=(): ("java", confidence))
    assert identify("class A {}") == (language, confidence, "content")


def test_the_choice_can_be_restricted() -> None:
    assert classify(FRAGMENTS["java"], among=("python", "rust"))[0] in ("python", "rust")
    assert classify(FRAGMENTS["java"], among=("autolisp",)) == (None, 0.0)


def fragments() -> dict[str, list[str]]:
    """Return published programs by language: solutions with their head, and tests."""
    found: dict[str, list[str]] = {}
    names = {"cpp": "cpp", "go": "go", "java": "java", "js": "javascript", "python": "python", "rust": "rust"}
    for folder, language in names.items():
        path = BENCH / f"humaneval-x/humaneval-x/{folder}/data/humaneval_{folder}.jsonl.gz"
        rows = [orjson.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
        found[language] = [(row.get("declaration") or "") + row["canonical_solution"] + row["test"] for row in rows]
    return found


@pytest.mark.shared
def test_published_programs_are_named_without_their_file_name() -> None:
    right, total = Counter[str](), Counter[str]()
    for language, texts in fragments().items():
        total[language] = len(texts)
        right[language] = sum(classify(text)[0] == language for text in texts)
    shares = {language: right[language] / total[language] for language in total}
    assert min(shares.values()) > 0.55, shares
    assert right.total() / total.total() > 0.85, shares


def test_the_model_is_small_and_knows_only_languages_of_the_table() -> None:
    assert set(classes()) <= {language.name for language in LANGUAGES}
    weights = Path(table.__file__).with_name("weights.tsv")
    assert weights.stat().st_size < 300_000


def test_the_table_is_consistent() -> None:
    names = [language.name for language in LANGUAGES]
    assert names == sorted(set(names))
    for language in LANGUAGES:
        assert language.name == language.name.lower()
        assert canonical(language.name) == language.name
        assert canonical(f" {language.name.upper()} ") == language.name
    for first, alias in ((one.name, alias) for one in LANGUAGES for alias in one.aliases.split()):
        assert canonical(alias) == first, f"{alias} is claimed twice"


@given(st.text(max_size=300), st.none() | st.text(max_size=20), st.none() | st.text(max_size=20))
def test_anything_gets_an_answer(text: str, path: str | None, fence: str | None) -> None:
    guess = identify(text, path, fence)
    assert 0 <= guess.confidence <= 1
    known = {language.name for language in LANGUAGES}
    assert guess.language is None or guess.language in known or guess.how == "fence"
