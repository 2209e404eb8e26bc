"""The stage: one Execution a row, or the row with evidence; repeats, second looks, results that are remembered."""

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from syncode.errors import UsageError
from syncode.sandbox import Cache, Isolation, Limits, Sandbox, choose
from syncode.sandbox.alone import Turnstile
from syncode.sandbox.limits import LEAST, MEBIBYTE
from syncode.stages.execute.bench import limits_of
from syncode.stages.execute.settings import ExecuteOptions
from syncode.stages.execute.stage import Bench, execute


@pytest.fixture(scope="module")
def quick(isolation: Isolation) -> Iterator[Sandbox]:
    with Sandbox(replace(isolation, limits=Limits(seconds=1))) as opened:
        yield opened


def one(row: dict[str, Any], bench: Bench) -> dict[str, Any]:
    (made,) = execute(row, bench)
    return made


BARE = {"id": "b", "code": "def f(): return 1", "tests": "assert f() == 1", "language": "python"}


def test_a_bare_row(quick: Sandbox) -> None:
    made = one(BARE, Bench(quick))
    assert {key: made[key] for key in ("of", "state", "passed", "language", "extraction")} == {
        "of": "b", "state": "pass", "passed": True, "language": "python", "extraction": "row",
    }  # fmt: skip
    assert made["toolchain"].startswith("python 3.")
    assert made["toolchain"].endswith(quick.isolation.name)
    assert made["id"] == one(BARE, Bench(quick))["id"]


def test_a_sample_inline_keeps_what_it_had(quick: Sandbox) -> None:
    messages = [{"role": "user", "content": "?"}, {"role": "assistant", "content": "```python\ndef f(): return 2\n```"}]
    row = {
        "id": "s",
        "messages": messages,
        "language": "python",
        "evidence": {"tests": "assert f() == 1", "choice": 1},
        "x": 1,
    }
    made = one(row, Bench(quick, inline=True))
    assert {key: value for key, value in made.items() if key != "evidence"} == {
        key: row[key] for key in row if key != "evidence"
    }
    assert made["evidence"]["choice"] == 1
    assert made["evidence"]["execution"]["state"] == "fail"
    assert "execution" not in row["evidence"]  # type: ignore[operator]


def test_rows_without_tests_pass_through_inline_and_are_dropped_otherwise(quick: Sandbox) -> None:
    row = {"id": "s", "messages": [{"role": "assistant", "content": "hi"}]}
    assert one(row, Bench(quick, inline=True)) == row
    assert one(row, Bench(quick))["drop"] == "execute.no_tests: the sample has none"


def test_a_row_is_named_though_it_has_no_id_and_its_language_by_the_name_in_the_table(quick: Sandbox) -> None:
    rows = [
        {"messages": [{"role": "assistant", "content": f"x = {n}"}], "evidence": {"tests": "assert x"}} for n in (1, 2)
    ]
    made = [one({**row, "language": "Python3"}, Bench(quick)) for row in rows]
    assert len({each["of"] for each in made} - {""}) == 2
    assert {each["language"] for each in made} == {"python"}


def test_evidence_that_is_no_object_is_left_as_it_is(quick: Sandbox) -> None:
    row = {**BARE, "evidence": "hearsay"}
    assert one(row, Bench(quick, inline=True)) == row
    assert one(row, Bench(quick))["drop"] == "execute.no_program: 'evidence' should be an object"


def test_an_answer_without_a_program(quick: Sandbox) -> None:
    tasks = {"t": {"id": "t", "language": "python", "tests": "assert True"}}
    made = one({"id": "a", "task_id": "t", "model": "m", "text": "I would rather not."}, Bench(quick, tasks))
    assert (made["state"], made["passed"], made["model"], made["task_id"]) == ("no_code", False, "m", "t")


def test_what_cannot_be_judged_is_counted_and_neither_true_nor_false(quick: Sandbox) -> None:
    bench = Bench(quick)
    assert one({**BARE, "language": "cobol"}, bench)["passed"] is None
    assert bench.undecided.count == 1


def test_repeats_that_disagree_are_flaky(quick: Sandbox) -> None:
    seeded = {**BARE, "code": "def f(): return list({'a', 'b', 'c', 'd', 'e'})[0] in 'ab'", "tests": "assert f()"}
    made = one(seeded, Bench(quick, repeat=8))
    assert made["state"] == "flaky"
    assert made["passed"] is False
    assert sum(made["states"].values()) == 8
    assert set(made["states"]) == {"pass", "fail"}
    assert one(BARE, Bench(quick, repeat=3))["state"] == "pass"


def test_a_timeout_is_looked_at_again_and_still_counts(quick: Sandbox) -> None:
    slow = one({**BARE, "code": "import time\ndef f():\n    time.sleep(2)\n    return 1"}, Bench(quick))
    assert (slow["state"], slow["passed"]) == ("timeout", False)  # it waits, whatever the load
    assert slow["rerun"]["state"] == "pass"
    assert slow["rerun"]["limit"] == 4
    assert 2 <= slow["rerun"]["seconds"] < 4
    endless = one({**BARE, "code": "def f():\n    while True: pass"}, Bench(quick))
    assert (endless["state"], endless["rerun"]["state"]) == ("timeout", "timeout")
    assert "rerun" not in one({**BARE, "code": "def f():\n    while True: pass"}, Bench(quick, rerun=False))


def test_each_test_has_the_limit_for_itself(quick: Sandbox) -> None:
    code = (
        "import time\ndef f(x, seconds):\n    end = time.process_time() + seconds\n"
        "    while time.process_time() < end: pass\n    return x"
    )
    tests = "assert f(1, 0.7) == 1\nassert f(2, 0.7) == 2\nassert f(3, 0.7) == 3\n"
    made = one({**BARE, "code": code, "tests": tests}, Bench(quick))
    assert (made["state"], made["tests"]["passed"], made["rerun"]["state"]) == ("pass", 3, "pass")
    made = one({**BARE, "code": code, "tests": tests}, Bench(quick, rerun=False))
    assert made["state"] == "timeout"  # without a second look, the limit is one for the file
    wrong = f"assert f(0, 0) == 1\n{tests.replace('2, 0.7', '2, 9')}"
    made = one({**BARE, "code": code, "tests": wrong}, Bench(quick))
    assert (made["state"], [each["state"] for each in made["results"]]) == ("fail", ["fail", "pass", "timeout", "pass"])


def test_each_evalplus_input_has_the_limit_for_itself(quick: Sandbox) -> None:
    task = {
        "id": "T/1", "language": "python", "entry_point": "f", "atol": 0, "base_input": "[[1], [2], [3]]", "plus_input": "[[4]]",
        "references": {"canonical": "def f(x): return x"},
    }  # fmt: skip
    code = "def f(x):\n    while x == 2: pass\n    return x"
    made = one({"id": "a", "task_id": "T/1", "solution": code}, Bench(quick, {"T/1": task}))
    assert (made["state"], made["parts"]) == ("timeout", {"base": "timeout"})
    assert {each["name"]: each["state"] for each in made["results"]} == {
        "case 0": "pass", "case 1": "timeout", "case 2": "pass",
    }  # fmt: skip


def test_tests_that_wait_have_the_limit_for_themselves(quick: Sandbox) -> None:
    code = "import time\ndef f(x):\n    time.sleep(x)\n    return x"
    tests = "for x in (0.25, 0.26, 0.27, 0.28):\n    assert f(x) == x\n"
    assert one({**BARE, "code": code, "tests": tests}, Bench(quick))["state"] == "pass"


def test_a_remembered_result_is_not_run_again(isolation: Isolation, tmp_path: Path) -> None:
    path = str(tmp_path / "executions.db")
    row = {**BARE, "code": "import time\ntime.sleep(0.1)\ndef f(): return 1"}
    with Sandbox(isolation, Cache(path)) as sandbox:
        first = one(row, Bench(sandbox))
    with Sandbox(isolation, Cache(path)) as sandbox:
        assert one(row, Bench(sandbox)) == first  # to the microsecond that it took, which no second run would repeat


def test_alone_waits_for_the_others_and_keeps_new_ones_out() -> None:
    turnstile, (read, write) = Turnstile(), os.pipe()

    def child(act: str, seconds: float) -> int:
        pid = os.fork()
        if pid == 0:
            with turnstile.alone() if act == "alone" else turnstile.beside():
                os.write(write, f"{act[0]}".encode())
                time.sleep(seconds)
                os.write(write, f"{act[0]}".upper().encode())
            os._exit(0)
        while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "S":  # it sleeps or waits
            time.sleep(0.01)
        return pid

    children = [child("beside", 2.0), child("beside", 2.0), child("alone", 0.3), child("beside", 0.1)]
    for pid in children:
        os.waitpid(pid, 0)
    assert os.read(read, 100).decode() == "bbBBaAbB"


@pytest.mark.parametrize(("memory", "size"), [("1G", 1 << 30), ("300M", 300 << 20)])
def test_options(memory: str, size: int) -> None:
    assert limits_of(ExecuteOptions(memory=memory, timeout=3)) == Limits(seconds=3, memory=size)


@pytest.mark.parametrize("memory", ["0", "1", "128", "100K", "5M", "15.9MiB", "2000000000G"])
def test_memory_in_which_no_program_starts_is_refused(memory: str) -> None:
    with pytest.raises(UsageError, match=r"--memory: .*(16M is the least|more than any machine has)"):
        limits_of(ExecuteOptions(memory=memory))


def test_a_small_limit_does_not_buy_a_weaker_isolation() -> None:
    best = choose(Limits())
    assert choose(Limits(memory=LEAST)).name == best.name
    if best.groups:  # else the limit is watched, and a program may start before anyone looks
        with pytest.raises(UsageError, match="--memory: no program starts in so little of it here: 64M is enough"):
            choose(Limits(memory=4 * MEBIBYTE))


def test_a_language_whose_samples_are_not_told_apart_is_not_judged(quick: Sandbox) -> None:
    made = one(BARE, Bench(quick, doubts={"python": "it passes everything"}))
    assert (made["state"], made["passed"]) == ("infra", None)
    assert made["reason"].startswith("doctor: it passes everything")
    assert one(BARE, Bench(quick, doubts={"python": "it passes everything"}, accept_doctor=True))["state"] == "pass"


def test_a_sample_that_does_not_say_its_language_is_read_by_its_fence(quick: Sandbox) -> None:
    messages = [{"role": "assistant", "content": "```bash\nf() { echo 1; }\n```"}]
    row = {"id": "s", "messages": messages, "language": "unknown", "evidence": {"tests": '[ "$(f)" = 1 ]'}}
    made = one(row, Bench(quick))
    assert (made["state"], made["language"]) == ("pass", "bash")


def test_a_module_that_the_task_itself_loads_in_front_of_the_answer_is_no_fault_of_the_answer(quick: Sandbox) -> None:
    task = {"id": "t", "language": "python", "entry_point": "f", "tests": "assert f() == 1"}
    asked = {"messages": [{"role": "user", "content": "?"}], "prompt": "import absent_x\n\ndef f():\n"}
    answer = {"id": "a", "task_id": "t", "model": "m", "text": "```python\nimport absent_x\n\ndef f(): return 1\n```"}
    states = [one(answer, Bench(quick, {"t": each}))["state"] for each in ({**task, **asked}, task)]
    assert states == ["infra", "error"]
