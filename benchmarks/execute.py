"""Programs a second through `syncode execute`, beside EvalPlus's own evaluator on the base tests of HumanEval, in one run.

    python benchmarks/execute.py HumanEval.jsonl.gz [--evalplus PYTHON] [--rounds 3] [--copies 10]

PYTHON is an interpreter that has evalplus installed (an environment of its own). Both judge the same solutions, COPIES of each,
by the same inputs: EvalPlus reads them as `base_input`, recorded here from the calls that the published tests make, syncode runs
the published tests themselves, in its sandbox. Rounds are interleaved, the table shows medians. Clocks: EvalPlus's `evaluate()`
with its ground truth already cached, syncode's whole map stage with the opening of its sandboxes; imports are left out of both.
Overhead: wall time of one program in the sandbox beside that of the same file under the bare interpreter.
"""

import argparse
import copy
import gzip
import json
import os
import statistics
import subprocess
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

Problem = dict[str, Any]

EVALPLUS = """
import io, json, os, sys, time
from contextlib import redirect_stdout, redirect_stderr
import evalplus.evaluate as peer
times = []
for _ in range(2):  # the first round computes and stores the ground truth
    started = time.perf_counter()
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()):
        peer.evaluate("humaneval", samples=sys.argv[1], base_only=True, parallel=2, i_just_wanna_run=True)
    times.append(time.perf_counter() - started)
    os.remove(sys.argv[1].replace(".jsonl", "_eval_results.json"))  # it would ask whether to overwrite
print(json.dumps({"seconds": times[-1], "said": out.getvalue().split()[-1]}))
"""


def problems(path: str) -> list[Problem]:
    """Read HumanEval, gzip or not."""
    data = Path(path).read_bytes()
    return [json.loads(line) for line in (gzip.decompress(data) if path.endswith(".gz") else data).splitlines()]


def inputs(problem: Problem) -> list[list[Any]]:
    """Record the arguments of every call that the published tests make to the published solution."""
    space: dict[str, Any] = {}
    exec(problem["prompt"] + problem["canonical_solution"], space)  # noqa: S102 - published, reviewed solutions
    exec(problem["test"], space)  # noqa: S102
    calls: list[list[Any]] = []

    def record(*arguments: Any) -> Any:
        calls.append(copy.deepcopy(list(arguments)))
        return space[problem["entry_point"]](*arguments)

    space["check"](record)
    return calls


def evalplus_files(rows: list[Problem], folder: Path, copies: int) -> None:
    """Write the problems and the samples in EvalPlus's form."""
    form = [{**row, "contract": "", "base_input": inputs(row), "plus_input": [], "atol": 0} for row in rows]
    (folder / "problems.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in form))
    solution = [{"task_id": row["task_id"], "solution": row["prompt"] + row["canonical_solution"]} for row in rows]
    (folder / "samples.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in solution * copies))


def evalplus(python: str, folder: Path) -> float:
    """Return the seconds of EvalPlus's second evaluation in a fresh process, two workers."""
    environment = {**os.environ, "HUMANEVAL_OVERRIDE_PATH": str(folder / "problems.jsonl")}
    command = [python, "-c", EVALPLUS, str(folder / "samples.jsonl")]
    ran = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=True)
    return float(json.loads(ran.stdout.splitlines()[-1])["seconds"])


def syncode(rows: list[Problem], folder: Path, copies: int, workers: int) -> float:
    """Return the seconds of the map stage over the same solutions, results not remembered."""
    from syncode import stream
    from syncode.schemas.records import Execution
    from syncode.stages.execute.bench import open_bench
    from syncode.stages.execute.contents import asking
    from syncode.stages.execute.settings import ExecuteOptions
    from syncode.stages.execute.stage import execute

    tasks = {row["task_id"]: asking(_task(row)) for row in rows}  # as the command reads them
    answers = [{"task_id": row["task_id"], "completion": row["canonical_solution"]} for row in rows]
    (folder / "answers.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in answers * copies))
    flow = stream.Flow((str(folder / "answers.jsonl"),), str(folder / "out.jsonl"), workers=workers, quiet=True)
    run = stream.map  # imported here, not below
    with open_bench(ExecuteOptions(no_cache=True), tasks, workers) as bench:
        started = time.perf_counter()
        run(partial(execute, bench=bench), None, Execution, flow, grain=1)  # as the command does
        seconds = time.perf_counter() - started
    states = [json.loads(line)["state"] for line in (folder / "out.jsonl").read_text().splitlines()]
    assert states == ["pass"] * len(answers) * copies
    return seconds


def _task(row: Problem) -> Problem:
    return {
        "id": row["task_id"],
        "language": "python",
        "messages": [{"role": "user", "content": f"Complete:\n{row['prompt']}"}],
        "prompt": row["prompt"],
        "entry_point": row["entry_point"],
        "tests": f"{row['test']}\n\ncheck({row['entry_point']})\n",
    }


def overhead(rows: list[Problem], folder: Path) -> tuple[float, float]:
    """Return wall milliseconds a program: under the bare interpreter, and in the sandbox, one at a time."""
    from syncode.sandbox import Limits, Sandbox, choose
    from syncode.sandbox.shown import interpreter

    file = folder / "main.py"
    bare, boxed = [], []
    with Sandbox(choose(Limits())) as sandbox:
        sandbox.run("python", "x = 1")
        for row in rows[::4]:
            code, tests = row["prompt"] + row["canonical_solution"], _task(row)["tests"]
            file.write_text(f"{code}\n{tests}")
            started = time.perf_counter()
            subprocess.run([interpreter(), str(file)], check=True, env={})
            bare.append(time.perf_counter() - started)
            started = time.perf_counter()
            assert sandbox.run("python", code, tests).state == "pass"
            boxed.append(time.perf_counter() - started)
    return 1000 * statistics.median(bare), 1000 * statistics.median(boxed)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("humaneval")
    parser.add_argument("--evalplus", metavar="PYTHON")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--copies", type=int, default=10)
    options = parser.parse_args()
    rows = problems(options.humaneval)
    count = len(rows) * options.copies
    seconds: dict[str, list[float]] = {"evalplus, 2 workers": [], "syncode, 2 workers": [], "syncode, 1 worker": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        evalplus_files(rows, folder, options.copies)
        for _ in range(options.rounds):
            peer = evalplus(options.evalplus, folder) if options.evalplus else float("nan")
            seconds["evalplus, 2 workers"].append(peer)
            seconds["syncode, 2 workers"].append(syncode(rows, folder, options.copies, 2))
            seconds["syncode, 1 worker"].append(syncode(rows, folder, options.copies, 1))
        bare, boxed = overhead(rows, folder)
    print(
        f"{count} programs (HumanEval x {options.copies}), {os.cpu_count()} CPUs, medians of {options.rounds} rounds\n"
    )
    print("| | programs/s |\n|---|---|")
    rates = {label: count / statistics.median(values) for label, values in seconds.items()}
    for label, rate in rates.items():
        print(f"| {label} | {rate:.1f} |")
    print(f"\nsyncode : evalplus, 2 workers each = {rates['syncode, 2 workers'] / rates['evalplus, 2 workers']:.2f}")
    print(f"one program, wall ms: bare interpreter {bare:.1f}, sandbox {boxed:.1f}")
    print(f"load at the end: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
