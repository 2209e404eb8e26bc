"""Which program is found in what a model said, and how it joins its task."""

from typing import Any

import pytest

from syncode.stages.execute.jobs import Job, candidate, job_of, language_of
from syncode.text.program import Wanted, find_program, until
from syncode.text.program.prompts import prelude

F = "def f(x):\n    return x\n"


@pytest.mark.parametrize(
    ("text", "language", "code", "how"),
    [
        (f"Sure!\n```python\n{F}```\nDone.", "python", F, "fence:python"),
        (f"```py\n{F}```", "python", F, "fence:python"),
        (f"```Python\n{F}```", "python", F, "fence:python"),
        (f"~~~~python\n{F}~~~~", "python", F, "fence:python"),
        (f"```python title=a.py\n{F}```", "python", F, "fence:python"),
        (f"```python\n{F}```\n```python\nprint(f(1))\n```", "python", F, "fence:python"),
        (
            f"```python\nthis is longer but it does not parse at all\n```\n```python\n{F}```",
            "python",
            F,
            "fence:python",
        ),
        (f"```\n{F}```", "python", F, "fence"),
        (f"```bash\npip install x\n```\n```\n{F}```", "python", F, "fence"),
        ("```javascript\nlet x = 1;\n```", "python", "let x = 1;\n", "fence:other"),
        (f"```python\n{F}", "python", F, "fence:python"),
        (F, "python", F, "text"),
        ("I cannot do that.", "python", "", "none"),
        ("", "python", "", "none"),
        ("1. First:\n   ```python\n   def f(x):\n       return x\n   ```\n", "python", F, "fence:python"),
        ("```cpp\nint x;\n```", "c++", "int x;\n", "fence:c++"),
        ("````python\nx = '''\n```\n'''\n````", "python", "x = '''\n```\n'''\n", "fence:python"),
    ],
)
def test_extraction(text: str, language: str, code: str, how: str) -> None:
    found = find_program(text, Wanted(language))
    assert (found.code, found.how) == (code, how)


TASK: dict[str, Any] = {
    "id": "t",
    "language": "python",
    "prompt": 'import math\n\ndef helper(): return 2\n\ndef f(x):\n    """Double x."""\n',
    "entry_point": "f",
    "stop": ["\ndef", "\nprint"],
    "tests": "def check(candidate):\n    assert candidate(1) == 2\n",
}
HEAD = "import math\n\ndef helper(): return 2\n\n"


@pytest.mark.parametrize(
    ("answer", "code", "how"),
    [
        ({"completion": "    return 2 * x\n"}, TASK["prompt"] + "    return 2 * x\n", "completion"),
        ({"solution": F}, F, "solution"),
        ({"text": "    return 2 * x\nprint(f(1))\n"}, TASK["prompt"] + "    return 2 * x", "completion"),
        ({"text": f"```python\n{F}```"}, HEAD + F, "fence:python"),
        ({"text": "```python\n    return 2 * x\n```"}, TASK["prompt"] + "    return 2 * x\n", "fence:python:body"),
        ({"text": F}, HEAD + F, "text"),
        ({"messages": [{"role": "user", "content": "?"}, {"role": "assistant", "content": F}]}, HEAD + F, "text"),
        ({"text": ""}, "", "none"),
    ],
)
def test_an_answer_joins_its_prompt(answer: dict[str, Any], code: str, how: str) -> None:
    found = candidate({"task_id": "t", **answer}, TASK)
    assert (found.code, found.how) == (code, how)


def test_tests_that_define_check_call_it_once() -> None:
    job = job_of({"task_id": "t", "id": "a", "solution": F}, {"t": TASK})
    assert isinstance(job, Job)
    assert job.tests.endswith("\ncheck(f)\n")
    called = job_of({"task_id": "t", "id": "a", "solution": F}, {"t": {**TASK, "tests": job.tests}})
    assert isinstance(called, Job)
    assert called.tests.count("check(f)") == 1


@pytest.mark.parametrize(
    ("language", "prompt", "completion", "whole"),
    [
        ("java", "import java.util.*;\nclass Solution {\n    public int twice(int x) {\n", "        return 2 * x;\n    }\n}\n",
         "class Solution {\n    public int twice(int x) { return 2 * x; }\n}\n"),
        ("cpp", "#include <vector>\nint twice(int x) {\n", "    return 2 * x;\n}\n", "int twice(int x) { return 2 * x; }\n"),
        ("javascript", "const twice = (x) => {\n", "  return 2 * x;\n}\n", "const twice = (x) => 2 * x;\n"),
        ("ruby", "def twice(x)\n", "  2 * x\nend\n", "def twice(x)\n  x + twice(0)\nend\n"),
        ("perl", "sub twice {\n  my ($x) = @_;\n", "  return 2 * $x;\n}\n", "sub twice {\n  return 2 * $_[0];\n}\n"),
    ],
)  # fmt: skip
def test_a_completion_and_a_whole_function_are_told_apart(
    language: str, prompt: str, completion: str, whole: str
) -> None:
    task = {"id": "t", "language": language, "prompt": prompt, "tests": "x", "entry_point": "twice"}
    assert candidate({"text": completion}, task).code == prompt + completion
    found = candidate({"text": f"```{language}\n{whole}```"}, task)
    assert found.code.endswith(whole)
    assert found.code.count("twice(") <= whole.count("twice(") + 1


def test_what_stands_before_a_function() -> None:
    assert prelude(TASK["prompt"], "python", "") == HEAD
    assert prelude("@cache\ndef f(x):\n", "python", "") == ""
    assert (
        prelude("#include <a>\nusing namespace std;\nint f() {\n", "cpp", "") == "#include <a>\nusing namespace std;\n"
    )


def test_stop_strings() -> None:
    assert until("a\ndef b\nprint", ["\nprint", "\ndef"]) == "a"
    assert until("a", ["\nprint"]) == "a"
    assert until("a", []) == "a"


def test_rows_without_anything_to_test_them_by_are_told_apart() -> None:
    assert job_of({"task_id": "?", "text": "x"}, {}) == "no_task: no task '?' in --tasks"
    assert job_of({"task_id": "t", "text": "x"}, {"t": {"id": "t"}}) == "no_tests: the task has none"
    assert job_of({"id": "s", "messages": []}, {}) == "no_tests: the sample has none"
    assert str(job_of({"id": "x"}, {})).startswith("no_program: ")


SHELL = "```bash\npython -m venv env && . env/bin/activate && pip install pytest && pytest -q\n```\n"
IN_C = "```c\nint f(int x) {\n    return x;\n}\nint main(void) {\n    return f(0);\n}\n```\n"
TEST = "assert f(1) == 1"


@pytest.mark.parametrize(
    ("reply", "tests", "language"),
    [
        (f"```python\n{F}```\nRun:\n{SHELL}", TEST, "python"),
        (f"```python\n{F}```\nIn C for comparison:\n{IN_C}", TEST, "python"),
        (f"{F}\nRun:\n{SHELL}", TEST, "python"),
        ("```js\nfunction f(x) { return x; }\n```\nRun:\n" + SHELL, "assert(f(1) === 1)", "javascript"),
        (
            f"```python\nprint('a longer block than the other one')\n```\n{IN_C}",
            "int main() { assert(f(1) == 1); }",
            "c",
        ),
        ("```bash\nf() { echo $1; }\n```", '[ "$(f 1)" = 1 ]', "bash"),
        (f"```\n{F}```\nRun:\n{SHELL}\nIn C:\n{IN_C}", TEST, "python"),
        (F, TEST, "python"),
    ],
)
def test_a_sample_without_a_language_is_in_that_of_what_its_tests_want(reply: str, tests: str, language: str) -> None:
    assert language_of({}, reply, tests) == language


def test_the_setup_of_a_task_goes_before_the_program() -> None:
    task = {"id": "t", "language": "cpp", "setup": "#include <vector>\n", "tests": "int main() {}"}
    job = job_of({"task_id": "t", "id": "a", "solution": "int f();"}, {"t": task})
    assert isinstance(job, Job)
    assert job.code == "#include <vector>\nint f();"
