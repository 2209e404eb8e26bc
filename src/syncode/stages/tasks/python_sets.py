"""HumanEval and MBPP, with their EvalPlus versions: functions in Python that tests check."""

import re

from syncode.errors import DataError
from syncode.prompts import render
from syncode.schemas.records import Row
from syncode.stages.tasks.evalplus import inputs_source
from syncode.stages.tasks.formats import EvalPlus, HumanEval, Mbpp, expect, without
from syncode.text.fences import fenced

# Where a model that only continues text has to be cut: top-level code behind the function. HumanEval's list is that of
# arXiv 2107.03374, section 2.1; MBPP's is ours, after the same idea.
HUMANEVAL_STOP = ["\nclass", "\ndef", "\n#", "\nif", "\nprint"]
MBPP_STOP = ["\nassert", '\n"""', "\nif __name__", "\nprint"]


def humaneval(row: Row) -> Row:
    """Return the Task of a HumanEval row, or of a HumanEval+ row where it has inputs (`base_input`)."""
    plus = "base_input" in row
    expect(row, EvalPlus if plus else HumanEval)
    return {
        **without(row, "task_id", "test", "canonical_solution"),
        "id": row["task_id"],
        "benchmark": "humaneval+" if plus else "humaneval",
        "messages": render("task_complete.v1", language="python", code=fenced(row["prompt"], "python")),
        "wording": "task_complete.v1",
        "language": "python",
        "stop": HUMANEVAL_STOP,
        **({"tests": f"{row['test']}\n\ncheck({row['entry_point']})\n"} if "test" in row else {}),
        **(_inputs(row) if plus else {}),
        "references": {"canonical": row["prompt"] + row["canonical_solution"]},
        "license": "Apache-2.0" if plus else "MIT",
    }


def mbpp(row: Row) -> Row:
    """Return the Task of an MBPP row (full, sanitized, or MBPP+ of the Hub), or of MBPP+ in EvalPlus's own form."""
    if "base_input" in row:
        return _mbpp_plus(row)
    expect(row, Mbpp)
    text = row.get("text") or row.get("prompt")
    if not text:
        raise DataError("no 'text' (mbpp.jsonl) and no 'prompt' (sanitized-mbpp.json)")
    code = _unix(row["code"])
    setup = [*row.get("test_imports", []), *_unix(row.get("test_setup_code", "")).splitlines()]
    asserts = [_unix(each) for each in row["test_list"]]
    return {
        **without(row, "task_id", "text", "code", "test", "test_list", "test_imports", "test_setup_code"),
        "id": f"MBPP/{row['task_id']}",
        "published_id": str(row["task_id"]),
        "benchmark": "mbpp+" if "test" in row else "mbpp",
        "messages": render(
            "task_assertions.v1",
            text=text.strip(),
            assertions=fenced("\n".join(asserts), "python"),
            language="python",
        ),
        "wording": "task_assertions.v1",
        "prompt": '"""\n' + "\n".join([text.strip(), *asserts]) + '\n"""\n',
        "language": "python",
        "stop": MBPP_STOP,
        "entry_point": entry_point(code, asserts),
        "tests": row.get("test") or "".join(f"{line}\n" for line in [*setup, *asserts]),
        "references": {"canonical": code},
        "license": "CC-BY-4.0",
    }


def _mbpp_plus(row: Row) -> Row:
    expect(row, EvalPlus)
    text = row["prompt"].strip().strip('"').strip()
    return {
        **without(row, "task_id", "test", "canonical_solution"),
        "id": row["task_id"],
        "benchmark": "mbpp+",
        "messages": render("task_write.v1", text=text, language="python"),
        "wording": "task_write.v1",
        "language": "python",
        "stop": MBPP_STOP,
        **({"tests": row["assertion"] + "\n"} if row.get("assertion") else {}),
        **_inputs(row, _number(row["task_id"])),
        "references": {"canonical": row["prompt"] + row["canonical_solution"]},
        "license": "Apache-2.0",
    }


def _number(task_id: str) -> int:
    number = task_id.rpartition("/")[2]
    if not number.isdecimal():
        raise DataError(f"'task_id' should be Mbpp/NUMBER, is {task_id!r}")
    return int(number)


def _inputs(row: Row, mbpp_number: int | None = None) -> Row:
    try:
        return {name: inputs_source(row[name], mbpp_number) for name in ("base_input", "plus_input")}
    except (TypeError, ValueError, AttributeError) as error:
        raise DataError(f"the inputs are not what EvalPlus writes for this task ({error})") from error


def _unix(code: str) -> str:
    return code.replace("\r\n", "\n").replace("\r", "\n")


def entry_point(code: str, asserts: list[str]) -> str:
    """Return the function that the first assertion calls among those that the solution defines, else the last defined.

    Raises DataError if the solution defines none.
    """
    defined: list[str] = re.findall(r"^def\s+(\w+)", code, re.MULTILINE)
    if not defined:
        raise DataError("the solution in 'code' defines no function")
    called = re.findall(r"\w+", asserts[0]) if asserts else []
    return next((name for name in called if name in defined), defined[-1])
