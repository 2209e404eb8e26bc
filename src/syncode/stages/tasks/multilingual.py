"""Benchmarks in many languages: MultiPL-E, McEval, MBXP with its family, HumanEval-X."""

from syncode.errors import DataError
from syncode.prompts import render
from syncode.schemas.records import Row
from syncode.stages.tasks.formats import HumanEvalX, McEval, MultiplE, MxEval, expect, without
from syncode.text.fences import fenced
from syncode.text.languages import canonical
from syncode.text.languages.table import by_extension

_LEVELS = {"middle": "medium"}  # McEval's word
_EXPLAIN = "natural language description (docstring)"  # the wording of McEval's explanation rows

# console.assert only prints in Node, so a wrong answer would end with exit code 0 (CodeGeeX looks at stderr instead).
_NODE_SETUP = 'console.assert = require("node:assert");\n'


def multipl_e(row: Row) -> Row:
    """Return the Task of a MultiPL-E row; its tests go on right behind prompt + completion."""
    expect(row, MultiplE)
    language = language_of(row["language"])
    return {
        **without(row, "stop_tokens", "original"),
        "id": f"MultiPL-E/{row['language']}/{row['name']}",
        "benchmark": "multipl-e",
        **_complete(row["prompt"], language),
        "stop": row["stop_tokens"],
        **_closing(row["tests"]),
    }


def mceval(row: Row) -> Row:
    """Return the Task of a McEval row. Explanations have no tests here: they are scored by rebuilding the code."""
    expect(row, McEval)
    language = language_of(row["task_id"].partition("/")[0])
    explains = _EXPLAIN in row["instruction"]
    solution = row.get("canonical_solution")
    level = row.get("level")
    return {
        **without(row, "task_id", "instruction", "canonical_solution", "test", "level"),
        "id": f"McEval/{row['task_id']}",
        "published_id": row["task_id"],
        "benchmark": "mceval",
        "kind": "explanation" if explains else "completion" if "mask_code" in row else "generation",
        "messages": [{"role": "user", "content": row["instruction"]}]
        if explains
        else render("task_write.v1", text=row["instruction"], language=language),
        "wording": "published" if explains else "task_write.v1",
        "language": language,
        **({"difficulty": _LEVELS.get(level, level)} if level else {}),
        **({"tests": row["test"], **_closing(row["test"])} if "test" in row and not explains else {}),
        **({"references": {"canonical": _mceval_program(row)}} if solution and not explains else {}),
        "license": "CC-BY-SA-4.0",
    }


def _mceval_program(row: Row) -> str:
    """A row with an entry point goes on from its prompt; the others (AWK, say) are whole."""
    solution: str = row["canonical_solution"]
    return f"{row['prompt']}\n{solution}" if "entry_point" in row and "prompt" in row else solution


def mxeval(row: Row) -> Row:
    """Return the Task of a row of MBXP, Multilingual HumanEval or MathQA-X."""
    expect(row, MxEval)
    solution = row.get("canonical_solution")
    return {
        **without(row, "task_id", "test", "canonical_solution"),
        "id": row["task_id"],
        "benchmark": "mxeval",
        **_complete(row["prompt"], language_of(row["language"])),
        "tests": row["test"],
        **({"references": {"canonical": row["prompt"] + solution}} if solution else {}),
        "license": "Apache-2.0",
    }


def humaneval_x(row: Row) -> Row:
    """Return the Task of a HumanEval-X row. `setup` goes before the program: Go's package clause, C++'s includes."""
    expect(row, HumanEvalX)
    language = language_of(row["task_id"].partition("/")[0])
    # In Rust the prompt is the comment alone, and the declaration follows; elsewhere the prompt ends with it.
    prompt = row["prompt"] + row["declaration"] if language == "rust" else row["prompt"]
    setup = {
        "cpp": "".join(f"{line}\n" for line in _includes(row["declaration"]) if line not in _includes(prompt)),
        "go": row.get("test_setup", ""),
        "javascript": _NODE_SETUP,
        "rust": "fn main() {}\n",
    }.get(language)
    return {
        **without(row, "task_id", "test", "canonical_solution", "test_setup", "text"),
        **({"docstring": row["text"]} if "text" in row else {}),
        "id": f"HumanEval-X/{row['task_id']}",
        "published_id": row["task_id"],
        "benchmark": "humaneval-x",
        **_complete(prompt, language),
        **({"setup": setup} if setup else {}),
        "tests": row["test"],
        "references": {"canonical": prompt + row["canonical_solution"]},
        "license": "Apache-2.0",
    }


def _includes(code: str) -> list[str]:
    return [line.strip() for line in code.splitlines() if line.lstrip().startswith("#include")]


def _complete(prompt: str, language: str) -> Row:
    return {
        "messages": render("task_complete.v1", language=language, code=fenced(prompt, language)),
        "wording": "task_complete.v1",
        "prompt": prompt,
        "language": language,
    }


def _closing(tests: str) -> Row:
    """Mark tests that begin or end with brackets of the program: the program is left open for them."""
    return {"tests_close": True} if tests.count("}") > tests.count("{") else {}


def language_of(published: str) -> str:
    """Return our name of a language that a benchmark writes as a name or a file extension.

    A language that is not known here keeps its own name in lower case. Raises DataError for an empty one.
    """
    name = published.strip().lower()
    if not name:
        raise DataError("the language is empty")
    known = canonical(name) or canonical(name.replace(" ", "-"))
    # `go_test.go` is what MultiPL-E calls Go.
    extensions = by_extension().get(name.rpartition(".")[2], ())
    return known or (extensions[0] if len(extensions) == 1 else name.replace(" ", "-"))
