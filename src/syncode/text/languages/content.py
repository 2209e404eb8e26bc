"""Names the language of a fragment from its text alone: a linear model over words, punctuation and indentation.

The model is `weights.tsv` beside this file, fitted by `benchmarks/language_model.py`: readable, 300 KB, no native code. Its
class `text` means prose, that is not code.
"""

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from syncode.text.languages.features import LONGEST, grams

EVIDENCE = 4  # distinct features that a fragment must have before anything is said about it; chosen here
_TENTHS = 10


_MARKS = {
    "c": (
        "cpp",
        re.compile(
            r"\b(?:std::|using namespace\b|template\s*<|class\s+\w+\s*(?:final\s*)?[:{]|namespace\s+\w*\s*\{"
            r"|(?:public|private|protected):|(?:vector|map|set|pair|unique_ptr|shared_ptr|unordered_map)<|(?:cout|cerr)\s*<<"
            r"|(?:static|const|dynamic)_cast<|nullptr\b)"
            r"|#\s*include\s*<(?!\w+\.h>)[a-z_]+>|\w::~?\w|\w(?:&|\*) ?\w+\) const\b"
        ),
    ),
    "javascript": (
        "typescript",
        re.compile(
            r"[\w)\]?]: ?(?:string|number|boolean|void|any|unknown|never|Promise<|Array<|Record<)"
            r"|^[^\S\n]*(?:export )?(?:interface|type) \w+[\s<={]|\bimport type\b|\bas (?:const|any|string|number|unknown)\b"
            r"|\b(?:private|public|readonly) \w+[?!]?:|\b(?:enum|namespace) \w+ \{",
            re.M,
        ),
    ),
}
"""What one language has and the language it grew out of cannot have: where it stands, it outweighs all that they share."""


@dataclass(frozen=True)
class _Model:
    classes: tuple[str, ...]
    bias: tuple[float, ...]
    weights: Mapping[str, tuple[tuple[int, float], ...]]


def classify(text: str, among: Collection[str] = ()) -> tuple[str | None, float]:
    """Return the language, or None for prose and for too little text, and a probability in [0, 1].

    `among` restricts the choice, as where a file name leaves two languages open; prose is then no choice.
    """
    model = _model()
    scores = score(text)
    if scores is None:
        return None, 0.0
    open_to = [number for number, name in enumerate(model.classes) if not among or name in among]
    if not open_to:
        return None, 0.0
    top = max(scores[number] for number in open_to)
    chances = {number: math.exp(scores[number] - top) for number in open_to}
    best = max(open_to, key=lambda number: chances[number])
    name, chance = model.classes[best], chances[best]
    if name in _MARKS:
        grown, marks = _MARKS[name]
        number = model.classes.index(grown)
        if number in chances and marks.search(text[:LONGEST]):
            name, chance = grown, chance + chances[number]
    return (None if name == "text" else name), chance / sum(chances.values())


def score(text: str) -> list[float] | None:
    """Return the score of each class in the order of `classes()`, or None if there is too little to go by."""
    model = _model()
    counted = grams(text, model.weights.__contains__)
    weighed = weigh({name: count for name, count in counted.items() if name in model.weights})
    if len(weighed) < EVIDENCE:
        return None
    scores = list(model.bias)
    for name, value in weighed.items():
        for number, weight in model.weights[name]:
            scores[number] += value * weight
    return scores


def weigh(counted: Mapping[str, int]) -> dict[str, float]:
    """Return 1 + log(count) of each feature, scaled to unit length: a long fragment shouts no louder than a short one."""
    raised = {name: 1.0 + math.log(count) for name, count in counted.items()}
    length = math.sqrt(sum(value * value for value in raised.values())) or 1.0
    return {name: value / length for name, value in raised.items()}


def classes() -> tuple[str, ...]:
    """Return the languages that the model tells apart, without `text`."""
    return tuple(name for name in _model().classes if name != "text")


@cache
def _model() -> _Model:
    lines = resources.files(__package__).joinpath("weights.tsv").read_text("utf-8").splitlines()
    bias = tuple(int(value) / _TENTHS for value in lines[1].split("\t"))
    weights = {}
    for line in lines[2:]:
        name, *cells = line.split("\t")
        pairs = (cell.split(":") for cell in cells)
        weights[name] = tuple((int(number), int(value) / _TENTHS) for number, value in pairs)
    return _Model(tuple(lines[0].split("\t")), bias, weights)
