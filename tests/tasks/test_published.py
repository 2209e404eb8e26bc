import gzip
import json
import math
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest

from syncode.errors import DataError
from syncode.schemas.check import checker
from syncode.schemas.records import Row, Task
from syncode.stages.tasks.evalplus import SHAPES, inputs_source, literal
from syncode.stages.tasks.multilingual import language_of
from syncode.stages.tasks.published import published, to_task
from syncode.stages.tasks.python_sets import entry_point
from syncode.stages.tasks.readers import READERS, find_reader

BENCHMARKS = Path(__file__).parents[2] / "../shared/data/bench"


def read(name: str, row: Row | str, strict: bool = True) -> Row:
    """Read one published row as `syncode tasks NAME` does, and check that the sink could write it."""
    reader = find_reader(name)
    assert reader is not None
    text = row if isinstance(row, str) else json.dumps(row)
    (task,) = to_task({"at": "file.jsonl:7", "text": text}, reader.read, strict=strict)
    assert "drop" in task or checker(Task)(task) is None
    orjson.dumps(task)
    return task


def refused(name: str, row: Row | str) -> str:
    with pytest.raises(DataError) as error:
        read(name, row)
    return str(error.value)


HUMANEVAL = {
    "task_id": "HumanEval/900",
    "prompt": 'def twice(n: int) -> int:\n    """ Double n. """\n',
    "entry_point": "twice",
    "canonical_solution": "    return 2 * n\n",
    "test": "def check(candidate):\n    assert candidate(4) == 8\n",
}
EVALPLUS = {
    **{key: HUMANEVAL[key] for key in ("task_id", "prompt", "entry_point", "canonical_solution")},
    "contract": "    assert isinstance(n, int)\n",
    "base_input": [[4], [0]],
    "plus_input": [[10**30], [-1]],
    "atol": 0,
}
MBPP = {
    "task_id": 901,
    "text": "Write a function to triple a number.",
    "code": "import math\r\ndef helper(n):\r\n  return n\r\ndef triple(n):\r\n  return 3 * helper(n)",
    "test_list": ["assert triple(2) == 6", "assert triple(0) == 0", "assert triple(-1) == -3"],
    "test_setup_code": "",
    "challenge_test_list": [],
}


def test_humaneval_tests_call_the_check() -> None:
    task = read("humaneval", HUMANEVAL)
    assert (task["id"], task["benchmark"], task["language"]) == ("HumanEval/900", "humaneval", "python")
    assert task["prompt"] in task["messages"][0]["content"] and task["entry_point"] == "twice"
    program = task["references"]["canonical"] + "\n" + task["tests"]
    exec(program, {})
    with pytest.raises(AssertionError):
        exec(program.replace("2 * n", "3 * n"), {})


def test_humaneval_plus_inputs_of_any_size_survive() -> None:
    text = json.dumps(EVALPLUS).replace("[-1]", "[-1], [NaN], [-Infinity]")
    task = read("humaneval", text)
    assert task["benchmark"] == "humaneval+" and "tests" not in task and task["atol"] == 0
    assert task["contract"] == EVALPLUS["contract"]
    names = {"nan": float("nan"), "inf": float("inf")}
    assert eval(task["base_input"], names) == [[4], [0]]
    large, small, nothing, infinite = eval(task["plus_input"], names)
    assert large == [10**30] and small == [-1] and infinite == [float("-inf")] and math.isnan(nothing[0])


def test_mbpp_names_the_function_that_the_assertions_call() -> None:
    task = read("mbpp", MBPP)
    assert (task["id"], task["entry_point"], task["benchmark"]) == ("MBPP/901", "triple", "mbpp")
    assert task["published_id"] == "901" and "task_id" not in task
    assert "\r" not in task["references"]["canonical"] and "assert triple(0) == 0" in task["messages"][0]["content"]
    assert task["prompt"].startswith('"""\nWrite a function to triple') and task["challenge_test_list"] == []
    exec(task["references"]["canonical"] + "\n" + task["tests"], {})


def test_sanitized_mbpp_and_mbpp_plus_of_the_hub() -> None:
    sanitized = {**{key: MBPP[key] for key in ("task_id", "code", "test_list")}, "prompt": "Triple it."}
    task = read("mbpp", {**sanitized, "source_file": "x.ipynb", "test_imports": ["import math"]})
    assert task["tests"].startswith("import math\nassert triple(2)") and task["source_file"] == "x.ipynb"
    plus = read("mbpp+", {**sanitized, "test_imports": [], "test": "assert triple(7) == 21\n"})
    assert plus["benchmark"] == "mbpp+" and plus["tests"] == "assert triple(7) == 21\n"


def test_mbpp_plus_of_evalplus_gets_its_tuples_back() -> None:
    row = {
        **EVALPLUS,
        "task_id": "Mbpp/106",
        "prompt": '"""\nAppend a list to a tuple.\nassert twice([1], (2,)) == (2, 1)\n"""\n',
        "assertion": (assertion := "assert twice([1], (2,)) == (2, 1)"),
        "base_input": [[[1], [2]]],
        "plus_input": [],
    }
    task = read("mbpp", row)
    assert task["base_input"] == "[[[1], (2,)]]" and task["plus_input"] == "[]"
    assert task["tests"] == assertion + "\n"
    assert task["messages"][0]["content"].startswith("Append a list to a tuple.\nassert twice")


@pytest.mark.parametrize(
    ("number", "inputs", "source"),
    [
        (None, [[[1, 2], "a"]], "[[[1, 2], 'a']]"),
        (9999, [[[1, 2], "a"]], "[[[1, 2], 'a']]"),
        (2, [[[1], [2, 3]]], "[[(1,), (2, 3)]]"),
        (63, [[[[1, 2], [3, 4]]]], "[[[(1, 2), (3, 4)]]]"),
        (75, [[[[1, 2]], 3]], "[[[(1, 2)], 3]]"),
        (115, [[[[3, 1, 2], {}, []]]], "[[[{1, 2, 3}, {}, {}]]]"),
        (124, [["1.5", "2+3j"]], "[[1.5, (2+3j)]]"),
        (252, [["1j"]], "[[1j]]"),
        (259, [[[[1, 2]], [[3, 4]]]], "[[((1, 2),), ((3, 4),)]]"),
        (278, [[[1, [2, 3]]]], "[[(1, (2, 3))]]"),
        (307, [[["a", []], 1, 2]], "[[('a', []), 1, 2]]"),
        (580, [[[1, [2, [3]]]]], "[[(1, (2, (3,)))]]"),
        (722, [[{"x": [1, 2]}, 5.0, 6]], "[[{'x': (1, 2)}, 5.0, 6]]"),
    ],
)
def test_inputs_become_python_source(number: int | None, inputs: Any, source: str) -> None:
    assert inputs_source(inputs, number) == source


def test_the_table_of_shapes_is_that_of_evalplus() -> None:
    found: dict[str, list[int]] = {}
    for number, shapes in SHAPES.items():
        found.setdefault(" ".join(shape.__name__.strip("_") for shape in shapes), []).append(number)
    assert {name: (len(numbers), sum(numbers)) for name, numbers in found.items()} == {
        "tuple": (22, 9686),
        "tuples": (15, 4750),
        "tuples same": (4, 1685),
        "same tuple": (2, 856),
        "sets": (1, 115),
        "float complex": (1, 124),
        "complex": (1, 252),
        "tuple same": (8, 4316),
        "tuple_of_tuples": (3, 1105),
        "rows": (1, 278),
        "values same": (1, 722),
        "deep": (3, 1986),
    }


def test_a_set_is_written_the_same_way_each_time() -> None:
    assert literal({"b", "a", "c"}) == "{'a', 'b', 'c'}"


def test_multipl_e() -> None:
    row = {
        "name": "HumanEval_900_twice",
        "language": "cpp",
        "prompt": "#include<cassert>\n// Double n.\nlong twice(long n) {\n",
        "doctests": "transform",
        "original": "/somebody/s/folder/HumanEval_900_twice.py",
        "prompt_terminology": "reworded",
        "tests": "}\nint main() {\n    assert(twice(4) == 8);\n}\n",
        "stop_tokens": ["\n}"],
    }
    task = read("multipl-e", row)
    assert (task["id"], task["language"]) == ("MultiPL-E/cpp/HumanEval_900_twice", "cpp")
    assert task["tests_close"] is True and task["stop"] == ["\n}"] and "original" not in task
    whole = read("multipl-e", {**row, "language": "rb", "tests": "def test_twice\n  assert_equal(8, twice(4))\nend\n"})
    assert whole["language"] == "ruby" and "tests_close" not in whole


MCEVAL: dict[str, str] = {
    "task_id": "Kotlin/9",
    "prompt": "/** Double n. */\nfun twice(n: Int): Int",
    "canonical_solution": "{\n    return 2 * n\n}",
    "test": "fun main() {\n    check(twice(4) == 8)\n}\n",
    "entry_point": "twice",
    "signature": "fun twice(n: Int): Int",
    "docstring": "Double n.",
    "instruction": "Write a Kotlin function `fun twice(n: Int): Int` that doubles n.",
    "level": "middle",
}


def test_mceval() -> None:
    task = read("mceval", MCEVAL)
    assert (task["id"], task["language"], task["difficulty"]) == ("McEval/Kotlin/9", "kotlin", "medium")
    assert task["kind"] == "generation" and task["references"]["canonical"].startswith("/** Double n. */\nfun twice")
    assert task["messages"][0]["content"].startswith(MCEVAL["instruction"] + "\n")
    awk = read(
        "mceval", {"task_id": "AWK/1", "instruction": "Print it.", "canonical_solution": "awk 1 f", "level": "easy"}
    )
    assert awk["references"] == {"canonical": "awk 1 f"} and "tests" not in awk
    masked = read("mceval", {**MCEVAL, "mask_code": "{\n[MASK]\n}"})
    assert masked["kind"] == "completion" and masked["tests"] == MCEVAL["test"]


def test_an_mceval_explanation_is_prose_and_has_no_tests() -> None:
    asked = "fun f() = 1\n\nProvide a concise natural language description (docstring) of the Kotlin code in English."
    task = read("mceval", {**MCEVAL, "instruction": asked})
    assert task["kind"] == "explanation" and "tests" not in task and "references" not in task
    assert task["messages"] == [{"role": "user", "content": asked}]


def test_mxeval_without_and_with_a_solution() -> None:
    row = {
        "task_id": "MBPHP/9",
        "language": "php",
        "prompt": "<?php\nfunction twice($n) {\n",
        "test": "\nif (twice(4) != 8) { throw new Exception(); }\n",
        "entry_point": "twice",
        "description": "Double n.",
        "canonical_solution": None,
    }
    task = read("mbxp", row)
    assert (task["id"], task["language"], task["benchmark"]) == (
        "MBPHP/9",
        "php",
        "mxeval",
    ) and "references" not in task
    solved = read("mxeval", {**row, "canonical_solution": "  return 2 * $n;\n}\n"})
    assert solved["references"]["canonical"].startswith("<?php\nfunction twice($n) {\n  return")


def humaneval_x(name: str, **fields: str) -> Row:
    row = {"task_id": f"{name}/9", "prompt": "", "declaration": "", "canonical_solution": "BODY", "test": "TEST"}
    return read("humaneval-x", {**row, **fields})


def test_humaneval_x_says_what_stands_before_the_program() -> None:
    cpp = humaneval_x(
        "CPP", prompt="#include<a>\nint f(){", declaration="#include<a>\n#include<b>\nint f(){", text="Do it."
    )
    assert cpp["setup"] == "#include<b>\n" and cpp["references"]["canonical"] == "#include<a>\nint f(){BODY"
    assert cpp["docstring"] == "Do it." and "text" not in cpp
    assert humaneval_x("Go", test_setup="package main\n")["setup"] == "package main\n"
    rust = humaneval_x("Rust", prompt="/* Do it. */\n", declaration="fn f() {\n")
    assert rust["setup"] == "fn main() {}\n" and rust["prompt"] == "/* Do it. */\nfn f() {\n"
    assert "throw" not in humaneval_x("JavaScript")["setup"] and "setup" not in humaneval_x("Python")


CODEARENA = {
    "id": "c0ffee",
    "messages": [{"role": "user", "content": "How do I sort it's list?"}],
    "gpt-4-turbo-2024-04-09_response": "Use `sort`.",
    "difficulty": "easy",
    "programming_language": ["c++", "python"],
}


def test_codearena_with_messages_as_a_list_as_json_and_as_python() -> None:
    turns = CODEARENA["messages"]
    for written in (turns, json.dumps(turns), repr(turns)):
        task = read("codearena", {**CODEARENA, "messages": written})
        assert task["messages"] == turns
        assert task["references"] == {"gpt-4-turbo-2024-04-09": "Use `sort`."}
        assert task["language"] == "cpp" and task["programming_language"] == ["c++", "python"]
        assert task["difficulty"] == "easy" and "category" not in task


def test_codearena_task_types_name_a_subclass_or_nothing() -> None:
    typed = {**CODEARENA, "meta": {"parsed": {"task_type": ["code debugging", "python"]}}}
    task = read("codearena", typed)
    assert (task["category"], task["subcategory"]) == ("dev", "dev/code-debugging") and task["meta"] == typed["meta"]
    assert "category" not in read("codearena", {**CODEARENA, "meta": {"parsed": {"task_type": ["sorting"]}}})
    assert "category" not in read("codearena", {**CODEARENA, "meta": {"parsed": None}})


def test_arena_hard_in_its_three_forms() -> None:
    new = read("arena-hard", {"uid": "u1", "category": "hard_prompt", "subcategory": "coding", "prompt": "Q?"})
    assert (new["id"], new["benchmark"], new["subcategory"]) == ("u1", "arena-hard-v2.0", "coding")
    assert new["messages"] == [{"role": "user", "content": "Q?"}] and new["category"] == "hard_prompt"
    old = read("arena-hard", {"uid": "u2", "category": "arena-hard-v0.1", "cluster": "C", "prompt": "Q?"})
    assert (old["benchmark"], old["cluster"]) == ("arena-hard-v0.1", "C") and "category" not in old
    first = {"question_id": "u3", "category": "arena-hard-v0.1", "cluster": "C", "turns": [{"content": "Q?"}]}
    assert read("arena-hard", first)["messages"] == new["messages"]


def test_what_is_wrong_is_said_with_the_place() -> None:
    assert refused("humaneval", {"task_id": "x"}).startswith("file.jsonl:7: no 'prompt' (a HumanEval needs canonical_")
    assert refused("humaneval", {**EVALPLUS, "atol": "none"}) == "file.jsonl:7: 'atol' should be a number, is text"
    assert refused("mbpp", {**MBPP, "text": ""}).startswith("file.jsonl:7: no 'text'")
    assert refused("mbpp", {**MBPP, "code": "x = 1"}) == "file.jsonl:7: the solution in 'code' defines no function"
    assert refused("codearena", {**CODEARENA, "messages": "[{role"}).endswith("neither a JSON nor a Python list")
    assert refused("codearena", {**CODEARENA, "messages": "[]"}).endswith("not empty")
    assert refused("codearena", {**CODEARENA, "messages": "[1]"}).endswith("a list of {role, content}")
    assert refused("codearena", {**CODEARENA, "gpt_response": 3}) == "file.jsonl:7: 'gpt_response' should be text"
    assert refused("arena-hard", {"category": "x", "prompt": "Q"}) == "file.jsonl:7: no 'uid' and no 'question_id'"
    assert refused("arena-hard", {"category": "x", "uid": "1"}).endswith("no 'turns' with 'content'")
    assert refused("mceval", {"task_id": " /1", "instruction": "x"}) == "file.jsonl:7: the language is empty"
    assert (
        refused("mbpp", EVALPLUS | {"task_id": "Mbpp/x"})
        == "file.jsonl:7: 'task_id' should be Mbpp/NUMBER, is 'Mbpp/x'"
    )
    assert refused("mbpp", EVALPLUS | {"task_id": "Mbpp/2"}).startswith(
        "file.jsonl:7: the inputs are not what EvalPlus"
    )
    assert refused("mxeval", "[1]") == "file.jsonl:7: not a JSON object"
    assert refused("mxeval", '{"a": ').startswith("file.jsonl:7: not JSON (")
    assert refused("mxeval", "[" * 100_000).startswith("file.jsonl:7: not JSON (")


def test_with_rejects_a_bad_row_is_set_aside_with_its_place() -> None:
    dropped = read("humaneval", '{"task_id": 1}', strict=False)
    assert dropped == {
        "at": "file.jsonl:7",
        "line": '{"task_id": 1}',
        "drop": "tasks.format: 'task_id' should be text, is a number",
    }


SPELLINGS = {
    **{"C#": "csharp", "cs": "csharp", "F#": "fsharp", "CPP": "cpp", "rs": "rust", "d": "d", "hs": "haskell"},
    **{"go_test.go": "go", "pl": "perl", "rkt": "racket", "ml": "ocaml", "sh": "bash", "Shell": "bash", "AWK": "awk"},
    **{"Emacs Lisp": "emacs-lisp", "Common Lisp": "lisp", "Visual Basic": "visual-basic", "VimScript": "vim"},
    **{"js": "javascript", "JavaScript": "javascript", "CoffeeScript": "coffeescript"},
}


@pytest.mark.parametrize(("published_name", "ours"), SPELLINGS.items())
def test_languages_get_our_names(published_name: str, ours: str) -> None:
    assert language_of(published_name) == ours


def test_the_entry_point_is_the_function_that_the_first_assertion_calls() -> None:
    assert entry_point("def f(x):\n    print x\n", ["assert f(1) is None"]) == "f"
    assert entry_point("def f(x): pass\ndef g(x): pass\n", ["assert set(g(1)) == set()"]) == "g"
    assert entry_point("def f(x): pass\ndef g(x): pass\n", []) == "g"


def test_rows_come_with_their_line_whatever_the_file(tmp_path: Path) -> None:
    lines = tmp_path / "rows.jsonl"
    lines.write_text('{"a": 1}\n\n{"a": 2}\n')
    zipped = tmp_path / "rows.jsonl.gz"
    zipped.write_bytes(gzip.compress(lines.read_bytes()))
    for path in (lines, zipped):
        assert list(published([str(path)])) == [
            {"at": f"{path}:1", "text": '{"a": 1}'},
            {"at": f"{path}:3", "text": '{"a": 2}'},
        ]
    array = tmp_path / "rows.json"
    array.write_text('\n[\n  {"a": 12345678901234567890123},\n  {"b":\n 2}\n]\n')
    assert list(published([str(array), str(lines)]))[:3] == [
        {"at": f"{array}:3: element 1", "text": '{"a": 12345678901234567890123}'},
        {"at": f"{array}:4: element 2", "text": '{"b": 2}'},
        {"at": f"{lines}:1", "text": '{"a": 1}'},
    ]


def test_a_damaged_array_and_bytes_that_are_no_text_are_refused_where_they_stand(tmp_path: Path) -> None:
    array = tmp_path / "rows.json"
    array.write_text('[\n{"a": 1},\n{"b": \n')
    with pytest.raises(DataError, match=r"rows\.json:3: the file is cut short: it ends inside element 2"):
        list(published([str(array)]))
    latin = tmp_path / "latin.jsonl"
    latin.write_bytes(b'{"id": "caf\xe9"}\n')
    (raw,) = published([str(latin)])
    reader = find_reader("codearena")
    assert reader is not None
    with pytest.raises(DataError, match=r"latin\.jsonl:1: not JSON \(Invalid"):
        to_task(raw, reader.read, strict=True)


def test_a_row_that_python_reads_and_json_cannot_hold_is_refused_where_it_stands() -> None:
    reader = find_reader("codearena")
    assert reader is not None
    raw = {"at": "a.jsonl:7", "text": r'{"id": 1, "messages": [{"role": "user", "content": "half \ud800"}]}'}
    with pytest.raises(DataError, match=r"^a\.jsonl:7: it holds what JSON cannot"):
        to_task(raw, reader.read, strict=True)
    assert to_task(raw, reader.read, strict=False)[0]["drop"].startswith("tasks.format: ")


def test_every_reader_is_found_by_its_name_and_nothing_else_is() -> None:
    assert all(find_reader(reader.name.upper()) is reader for reader in READERS)
    assert find_reader("nosuchbench") is None


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "pattern", "count"),
    [
        ("humaneval", "humaneval/HumanEval.jsonl.gz", 164),
        ("humaneval", "humaneval/example_problem.jsonl", 1),
        ("mbpp", "mbpp/mbpp.jsonl", 974),
        ("mxeval", "mxeval/multilingual_humaneval/*.jsonl", 1126),
        ("humaneval-x", "humaneval-x/humaneval-x/*/data/*.jsonl.gz", 984),
    ],
)
def test_published_files_are_read_whole(name: str, pattern: str, count: int) -> None:
    files = sorted(map(str, BENCHMARKS.glob(pattern)))
    reader = find_reader(name)
    assert reader is not None
    stage = partial(to_task, read=reader.read, strict=True)
    tasks = [task for raw in published(files) for task in stage(raw)]
    assert len(tasks) == count == len({task["id"] for task in tasks})
    assert all(checker(Task)(task) is None and task["tests"].strip() for task in tasks)
    if name == "humaneval":
        first = tasks[0]
        exec(first["references"]["canonical"] + "\n" + first["tests"], {})
