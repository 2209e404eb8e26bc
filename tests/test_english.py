"""Plain English: turns of phrase that readers stumble over stay out of pages, help, messages and comments.

Each entry has a pattern, what to write instead, and a sentence that it must find. Texts that are data (prompts, questions of the
arena, JSON Schemas, which are generated) are left alone, and so are the tests themselves.
"""

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "CONTRIBUTING.md", "justfile", "constraints.txt", "pyproject.toml")
DATA = ("prompts", "arena", "json", "drivers")
THING = r"(?:row|line|column|verdict|rank|page|file|program|name|method|script|entry|folder|process|sandbox|model|game|answer)"

ODD = {
    rf"\b(?:one|an?|two|three) (?:\w+ )?{THING}s? an? (?!few\b|little\b|lot\b|time\b|while\b)\w+": (
        "per, for each",
        "Writes one verdict row a game.",
    ),
    r"\b\d[\d,.]* (?:(?!in\b|for\b|take|drops?\b|where\b)[a-z]+ ){1,3}an? "
    r"(?:CPU |GPU )?(?:second|minute|hour|row|step|sample|token|document|call|task|game)\b": (
        "per",
        "About 1,700 documents a CPU second.",
    ),
    r"\b(?:None|True|False|NaN|null|empty|Error|nothing) where\b": (
        "if",
        "Return the text, or None where no encoding fits.",
    ),
    r"\bwhere (?:there is|there are|none is|nothing is|it is not|that is not|this is not)\b": (
        "if",
        "stdout where none is given",
    ),
    r"\b(?:[Tt]ells?|[Tt]elling) (?:how|what|whether|which|people|why|that|where)\b": (
        "prints, reports, shows, returns",
        "Tell how far verdicts can be trusted.",
    ),
    r"\b(?:is|are|was|were|be|been|being) told\b(?! apart)": (
        "printed, reported, recognised",
        "A wrong line is told on stderr.",
    ),
    r"(?<![Tt]here )\b(?:is|are|was|were|be) no (?!longer\b|more\b|less\b|fewer\b|\w+er\b)[a-z]\w*": (
        "is not a",
        "A row that is no chat is refused.",
    ),
    r"\b[Ww]hoever\b|\b[Nn]obody\b": ("who, no one, passive", "Whoever changes it raises the version."),
    r"\bfor want of\b": ("since there is no", "Known by name only, for want of text to learn from."),
    r"\b(?:is|are) (?:in|through) the air\b|\bcome home\b|\bdearest\b|\bsees? to it\b": (
        "in flight; finish; most expensive; makes sure",
        "Let what is in the air come home; it is the dearest, and a test sees to it.",
    ),
    r"\*ours\*|[;,] ours(?=[.;)]|$)|\(ours(?=[.;)])": ("chosen here", "BLOCK = 256  # rows tokenised together; ours"),
    r"\bwithout a word\b|\bby another road\b|\bas it were\b|\bhitherto\b|\bwherefore\b|\bthereof\b|\bhenceforth\b": (
        "silently; another way",
        "Replaced without a word.",
    ),
}
"""The lists of people who read the pages for the first time; `per` and `if` are the most frequent by far."""


def texts() -> Iterator[tuple[Path, str]]:
    """Yield the files that people read."""
    paths = [ROOT / name for name in PAGES if (ROOT / name).exists()]
    for folder, kinds in (
        ("src", ("*.py", "*.sh", "*.js")),
        ("docs", ("*.md", "*.py")),
        ("scripts", ("*",)),
        ("benchmarks", ("*.py",)),
    ):
        paths += [path for kind in kinds for path in sorted((ROOT / folder).rglob(kind))]
    for path in paths:
        if path.is_file() and not set(DATA) & set(path.parts) and path.suffix != ".pyc":
            text = path.read_text(encoding="utf-8")
            yield path, _words(text) if path.suffix == ".py" else text


def _words(source: str) -> str:
    """Return the comments and strings of a Python file, each in its line."""
    lines = [""] * (source.count("\n") + 2)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in (tokenize.COMMENT, tokenize.STRING):
            for number, line in enumerate(token.string.split("\n"), token.start[0]):
                lines[number - 1] += f" {line}"
    return "\n".join(lines)


@pytest.mark.parametrize("pattern", ODD)
def test_each_pattern_finds_its_example(pattern: str) -> None:
    assert re.search(pattern, ODD[pattern][1])


@pytest.mark.parametrize(
    "plain",
    [
        "One row per game.", "There is no command of this name.", "It is no longer than a line.", "What is not there is printed.",
        "The two are told apart.", "It takes a row a few seconds.", "the price is 3 dollars", "hours", "where the file lies",
    ],
)  # fmt: skip
def test_plain_sentences_pass(plain: str) -> None:
    assert [pattern for pattern in ODD if re.search(pattern, plain)] == []


def test_no_odd_phrase_is_left() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{text.count(chr(10), 0, match.start()) + 1}: {' '.join(match[0].split())!r}: {instead}"
        for path, text in texts()
        for pattern, (instead, _) in ODD.items()
        for match in re.finditer(pattern, text, re.MULTILINE)
    ]
    assert not found, "\n".join(found)
