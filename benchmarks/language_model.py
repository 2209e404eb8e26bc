"""Fits the content classifier of `syncode.text.languages` on folders of source code, and measures it against pygments.

    python benchmarks/language_model.py fit FOLDER... > src/syncode/text/languages/weights.tsv
    python benchmarks/language_model.py test FOLDER...

Each child of a FOLDER counts as one project (what one project calls its things should not decide), a file's language is
what its extension says. Needs scipy, which datasketch brings, and pygments for the comparison. Nothing is random: fragments
are chosen by a hash of their path.
"""

import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice, zip_longest
from pathlib import Path

import numpy as np
from scipy import optimize, sparse  # type: ignore[import-untyped]

from syncode.schemas.records import draw
from syncode.text.languages import content, features, table

PER_LANGUAGE = 2000  # fragments of one language at most; chosen here
PER_FILE = 2
LINES = (
    3,
    30,
)  # shortest and longest fragment, short ones more often; chosen here, answers of models are in that range
FEWEST = 45  # fragments below which a language is not taught; chosen here
WORDS, FEATURES = 3000, 6500  # words with a name of their own, features in the model; chosen here, fits 300 KB
L2 = 1e-4
ROUND = 10  # weights are kept in tenths

UNSURE = {
    "h",
    "inc",
    "p",
    "al",
    "t",
    "m",
    "pl",
    "pp",
    "map",
    "lock",
    "conf",
    "cfg",
    "config",
    "ui",
    "inl",
    "def",
    "vh",
    "v",
    "s",
}
"""Extensions that several languages share: taken only where `BY_PROJECT` says whose they are."""

BY_PROJECT = {
    ("gnustep", "m"): "objective-c", ("octave", "m"): "matlab", ("fpc", "pp"): "pascal", ("yosys", "v"): "verilog",
    ("verilator", "v"): "verilog", ("iverilog", "v"): "verilog", ("tcllib", "t"): None, ("perl", "pl"): "perl",
    ("perl5", "pl"): "perl", ("mysql-sandbox", "pl"): "perl", ("swi-prolog", "pl"): "prolog", ("torch", "h"): "cpp",
    ("logtalk", "pl"): "prolog",
}  # fmt: skip
PROSE = {"txt", "rst", "md", "text", "pod", "1", "man", "tex"}
OTHERS = {"csv", "diff", "rst", "markdown", "nim", "cython"}
"""Not taught: no language of its own, or (nim, cython) it takes more fragments from another than it has."""


@dataclass(frozen=True)
class Fragment:
    """A piece of a file, what it is written in (None: prose) and the project it comes from."""

    text: str
    language: str
    project: str


def main() -> None:
    """Run `fit` or `test` on the folders named."""
    act, folders = sys.argv[1], sys.argv[2:]
    fragments = list(corpus(folders))
    counts = Counter(fragment.language for fragment in fragments)
    if act == "fit":
        fragments = [fragment for fragment in fragments if counts[fragment.language] >= FEWEST]
    sys.stderr.write(f"{len(fragments)} fragments: {dict(counts.most_common())}\n")
    if act == "fit":
        sys.stdout.writelines(line + "\n" for line in fit(fragments))
    else:
        report(fragments)


def corpus(folders: Iterable[str]) -> Iterator[Fragment]:
    """Yield fragments, at most `PER_LANGUAGE` of a language, taking turns among its projects."""
    by_language: dict[str, dict[str, list[Path]]] = defaultdict(lambda: defaultdict(list))
    for folder in folders:
        for path in sorted(path for project in Path(folder).iterdir() for path in project.rglob("*")):
            project = path.relative_to(folder).parts[0]
            language = label(path, project)
            if language and path.is_file() and not path.is_symlink() and 200 < path.stat().st_size < 300_000:
                by_language[language][project].append(path)
    for language, projects in sorted(by_language.items()):
        queues = [sorted(paths, key=lambda path: draw(0, str(path))) for _, paths in sorted(projects.items())]
        turns = (path for turn in zip_longest(*queues) for path in turn if path)
        names = {path: project for project, paths in projects.items() for path in paths}
        found = (Fragment(text, language, names[path]) for path in turns for text in cut(path, language))
        yield from islice(found, PER_LANGUAGE * (3 if language == "text" else 1))


def label(path: Path, project: str) -> str | None:
    """Return the language that a path stands for, `text` for prose, None if it is not used."""
    extension = path.suffix[1:].lower()
    stem = project.partition("_")[0].removeprefix("npm-")
    for (name, ending), language in BY_PROJECT.items():
        if ending == extension and stem.startswith(name):
            return language
    if project == "pygments" and extension in ("txt", "output"):
        return None  # token listings of its tests
    if extension in PROSE or path.name in ("README", "COPYING", "LICENSE", "NEWS", "AUTHORS", "copyright"):
        return "text" if extension != "tex" else "latex"
    names = table.by_filename().get(path.name, ()) or (
        () if extension in UNSURE else table.by_extension().get(extension, ())
    )
    return names[0] if names and names[0] not in OTHERS else None


def cut(path: Path, language: str) -> Iterator[str]:
    """Yield fragments of whole lines of one file."""
    try:
        text = path.read_text()
    except (UnicodeDecodeError, OSError):
        return
    if text.lstrip().startswith("<") and language in ("typescript", "bash", "text"):
        return  # Qt translations, saved pages
    if language == "text":
        text = re.sub(r"^\s*(```|~~~).*?^\s*\1", "", text, flags=re.S | re.M)
        text = "\n".join(line for line in text.splitlines() if not line.startswith(("    ", "\t", "..", ">>>", "$ ")))
    lines = [line for line in text.splitlines() if len(line) < 400]
    low, high = LINES
    for number in range(PER_FILE):
        key = draw(0, str(path), number)
        length = low + (key % (high - low)) * ((key >> 8) % 101) // 100
        start = (key >> 16) % max(1, len(lines) - length)
        piece = "\n".join(lines[start : start + length])
        if len(piece.split()) >= 8:
            yield piece


def fit(fragments: list[Fragment]) -> Iterator[str]:
    """Yield the lines of the model file: classes, biases, then one feature a line with its weights by class number."""
    classes = sorted({fragment.language for fragment in fragments})
    goal = np.array([classes.index(fragment.language) for fragment in fragments])
    words = common([set(features.tokens(fragment.text)) for fragment in fragments], fragments, 3, WORDS)
    counted = [features.grams(fragment.text, words.__contains__) for fragment in fragments]
    names = sorted(common([set(one) for one in counted], fragments, 3, 40_000))
    first, _ = solve(matrix(counted, names), goal, len(classes))
    weight = np.abs(first).max(axis=1) * np.sqrt([min(count, 2000) for count in occurrences(counted, names)])
    names = sorted(names[at] for at in np.argsort(-weight)[:FEATURES])
    words = {name for name in names if " " not in name}  # what has no weight of its own has no name of its own either
    counted = [features.grams(fragment.text, words.__contains__) for fragment in fragments]
    final, bias = solve(matrix(counted, names), goal, len(classes))
    yield "\t".join(classes)
    yield "\t".join(str(round(value * ROUND)) for value in bias)
    for name, row in zip(names, np.rint(final * ROUND).astype(int), strict=True):
        kept = {number: value for number, value in enumerate(row) if abs(value) >= 5}
        if kept or name in words:
            yield "\t".join([name, *(f"{number}:{value}" for number, value in kept.items())])


def common(sets: list[set[str]], fragments: list[Fragment], projects: int, most: int) -> set[str]:
    """Return the terms seen in at least so many projects, those of the highest mutual information with the language."""
    seen: dict[str, set[str]] = defaultdict(set)
    where: dict[str, Counter[str]] = defaultdict(Counter)
    for terms, fragment in zip(sets, fragments, strict=True):
        for term in terms:
            seen[term].add(fragment.project)
            where[term][fragment.language] += 1
    scored = {
        term: sum(counts.values()) * (max(counts.values()) / sum(counts.values())) ** 2
        for term, counts in where.items()
        if len(seen[term]) >= projects and sum(counts.values()) >= 8
    }
    return set(sorted(scored, key=lambda term: (-scored[term], term))[:most])


def occurrences(counted: list[Counter[str]], names: list[str]) -> list[int]:
    """Return in how many fragments each feature occurs."""
    total = Counter(name for one in counted for name in one)
    return [total[name] for name in names]


def matrix(counted: list[Counter[str]], names: list[str]) -> sparse.csr_matrix:
    """Return the fragments as rows of unit length, the way `content.score` weighs them."""
    index = {name: number for number, name in enumerate(names)}
    rows, columns, values = [], [], []
    for number, one in enumerate(counted):
        weighed = content.weigh({name: count for name, count in one.items() if name in index})
        rows += [number] * len(weighed)
        columns += [index[name] for name in weighed]
        values += list(weighed.values())
    return sparse.csr_matrix((values, (rows, columns)), shape=(len(counted), len(names)), dtype=np.float32)


def solve(data: sparse.csr_matrix, goal: np.ndarray, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Return weights (features x classes) and biases of a softmax regression, classes of equal weight."""
    balance = (len(goal) / classes / np.bincount(goal, minlength=classes))[goal].astype(np.float32) ** 0.5
    truth = np.eye(classes, dtype=np.float32)[goal]

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat.reshape(-1, classes).astype(np.float32)
        scores = data @ weights[:-1] + weights[-1]
        scores -= scores.max(axis=1, keepdims=True)
        chances = np.exp(scores)
        chances /= chances.sum(axis=1, keepdims=True)
        miss = (chances - truth) * balance[:, None] / len(goal)
        value = -(balance * np.log(chances[np.arange(len(goal)), goal] + 1e-9)).sum() / len(goal)
        slope = np.vstack([data.T @ miss, miss.sum(axis=0)]) + L2 * 2 * weights / classes
        return float(value + L2 * (weights**2).sum() / classes), slope.ravel().astype(np.float64)

    start = np.zeros((data.shape[1] + 1) * classes)
    found = optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 120}).x.reshape(-1, classes)
    return found[:-1], found[-1]


def report(fragments: list[Fragment]) -> None:
    """Print accuracy, speed, and the accuracy of pygments on the same fragments."""
    from pygments.lexers import guess_lexer  # type: ignore[import-untyped]
    from pygments.util import ClassNotFound  # type: ignore[import-untyped]

    taught = {*content.classes(), "text"}
    fair = [fragment for fragment in fragments if fragment.language in taught]
    for name, guess in (("syncode", own), ("pygments", partial(theirs, guess_lexer, ClassNotFound))):
        sample = fair if name == "syncode" else fair[:: max(1, len(fair) // 1500)]
        start = time.process_time()
        guesses = [guess(fragment.text) for fragment in sample]
        seconds = time.process_time() - start
        hits = Counter(f.language for f, g in zip(sample, guesses, strict=True) if f.language == g)
        total = Counter(f.language for f in sample)
        share = sum(hits.values()) / len(sample)
        mean = sum(hits[one] / total[one] for one in total) / len(total)
        sys.stdout.write(
            f"{name}: {share:.3f} of {len(sample)}, mean over {len(total)} languages {mean:.3f}, {len(sample) / seconds:.0f}/s\n"
        )
        if name == "syncode":
            for one in sorted(total):
                wrong = Counter(g for f, g in zip(sample, guesses, strict=True) if f.language == one != g)
                sys.stdout.write(
                    f"  {one:12} {hits[one] / total[one]:.2f} of {total[one]:4}  {dict(wrong.most_common(3))}\n"
                )


def own(text: str) -> str:
    """Return what our classifier says of a fragment."""
    return content.classify(text)[0] or "text"


def theirs(guess_lexer: object, unknown: type[Exception], text: str) -> str:
    """Return what pygments says of a fragment, under our name."""
    try:
        lexer = guess_lexer(text)  # type: ignore[operator]
    except unknown:
        return "text"
    return next((name for alias in lexer.aliases if (name := table.canonical(alias))), "text")


if __name__ == "__main__":
    main()
