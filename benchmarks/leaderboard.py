"""Times `syncode leaderboard` against arena-rank (or FastChat's method) on the same verdicts, in the same run.

    python benchmarks/leaderboard.py                      # 40 models x 397 questions x 2 games, 2,000 bootstrap rounds
    python benchmarks/leaderboard.py --peer-python VENV/bin/python   # an environment that has arena-rank (it needs jax)

Both sides read the same JSONL file in a process of their own and print ratings; the peer's time includes its import, as a
user's does. Where no environment with arena-rank is named, the peer is FastChat's published method (an unregularised logistic
regression on one row per game, refitted in every round) with scikit-learn, timed for a few rounds and multiplied.
"""

import argparse
import json
import platform
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MODELS, QUESTIONS, ROUNDS = 40, 397, 2000
FEW = 20  # rounds that the peer is really timed for
LABELS = ("B>>A", "B>A", "A=B", "A>B", "A>>B")

ARENA_RANK = """
import json, sys, time
begin = time.perf_counter()
import pandas as pd
from arena_rank.models.bradley_terry import BradleyTerry
from arena_rank.utils.data_utils import PairDataset
rows = [json.loads(line) for line in open(sys.argv[1])]
winner = {"A>>B": "model_a", "A>B": "model_a", "A=B": "tie", "B>A": "model_b", "B>>A": "model_b"}
table = pd.DataFrame({"model_a": [r["model_a"] for r in rows], "model_b": [r["model_b"] for r in rows],
                      "winner": [winner[r["label"]] for r in rows]})
data = PairDataset.from_pandas(table)
BradleyTerry(n_competitors=len(data.competitors)).compute_ratings_and_cis(data, significance_level=0.05)
once = time.perf_counter() - begin
import os
import jax
from arena_rank.models.bradley_terry import fit_single_bootstrap_sample
rounds, total = int(sys.argv[2]), float(data.counts.sum())
counts = jax.random.multinomial(jax.random.PRNGKey(0), n=int(total), p=data.counts / total, shape=(rounds + 1, len(data.counts)))
model = BradleyTerry(n_competitors=len(data.competitors))
fit_single_bootstrap_sample(counts[0].astype(data.weights.dtype), model, data)
begin = time.perf_counter()
for one in counts[1:]:
    jax.block_until_ready(fit_single_bootstrap_sample(one.astype(data.weights.dtype), model, data))
print(json.dumps({"once": once, "round": (time.perf_counter() - begin) / rounds / os.cpu_count()}))
"""

FASTCHAT = """
import json, sys, time
begin = time.perf_counter()
import numpy as np
from sklearn.linear_model import LogisticRegression
rows = [json.loads(line) for line in open(sys.argv[1])]
models = sorted({r["model_a"] for r in rows} | {r["model_b"] for r in rows})
number = {name: at for at, name in enumerate(models)}
x, y, w = [], [], []
for r in rows:
    line = np.zeros(len(models)); line[number[r["model_a"]]] = 1; line[number[r["model_b"]]] = -1
    for side in (1, 0):
        share = {"A": 1.0, "B": 0.0, "=": 0.5}["=" if r["label"] == "A=B" else r["label"][0]]
        weight = share if side else 1 - share
        if weight: x.append(line); y.append(side); w.append(weight)
x, y, w = np.array(x), np.array(y), np.array(w)
random = np.random.default_rng(0)
loaded = time.perf_counter() - begin
rounds = int(sys.argv[2])
begin = time.perf_counter()
for _ in range(rounds):
    pick = random.integers(0, len(y), len(y))
    LogisticRegression(fit_intercept=False, C=1e6, tol=1e-6, max_iter=200).fit(x[pick], y[pick], sample_weight=w[pick])
print(json.dumps({"seconds": loaded + (time.perf_counter() - begin) / rounds * int(sys.argv[3]), "models": len(models)}))
"""


def write_verdicts(path: Path, models: int, questions: int, field: bool) -> int:
    """Write double games: against one baseline, or (`field`) every model against a drawn other one on every question."""
    draw = random.Random(5)
    strength = {f"model-{number:02}": draw.gauss(0, 0.8) for number in range(models)}
    names = list(strength)
    rows = 0
    with path.open("w", encoding="utf-8") as file:
        for question in range(questions):
            for name in names:
                other = draw.choice([each for each in names if each != name]) if field else "baseline"
                gap = strength[name] - strength.get(other, 0.0) + draw.gauss(0, 1)
                for game in (0, 1):
                    value = max(-2, min(2, round(gap + draw.gauss(0, 0.7))))
                    a, b, shown = (other, name, -value) if game == 0 else (name, other, value)
                    row: dict[str, object] = {
                        "task_id": f"q{question}",
                        "model_a": a,
                        "model_b": b,
                        "judge": "judge",
                        "protocol": "arena-hard-v2",
                    }
                    row |= {"label": LABELS[shown + 2], "state": "ok", "game": game, "reason": "because " * 30}
                    file.write(json.dumps(row) + "\n")
                    rows += 1
    return rows


def timed(command: list[str], times: int) -> tuple[float, str]:
    """Return the median wall time in seconds and the last output."""
    taken, out = [], ""
    for _ in range(times):
        begin = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{' '.join(command[:3])}: {done.stderr[-2000:]}")
        taken.append(time.perf_counter() - begin)
        out = done.stdout
    return statistics.median(taken), out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer-python", help="an interpreter that has arena-rank")
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    print(
        f"{platform.platform()}, Python {platform.python_version()}, {MODELS} models x {QUESTIONS} questions x 2 games"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "verdicts.jsonl"
        ours = [sys.executable, "-m", "syncode", "leaderboard", str(path), "--format", "jsonl", "--quiet"]
        for name, field, flags in (
            ("one baseline, score and bootstrap", False, ["--baseline", "baseline"]),
            ("many opponents, bootstrap and Bradley-Terry", True, ["--rating", "bt"]),
        ):
            games = write_verdicts(path, MODELS, QUESTIONS, field)
            seconds, out = timed([*ours, *flags, "--rounds", str(options.rounds)], options.times)
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            counts = f"{games} games, {out.count(chr(10))} models, {options.rounds} rounds"
            print(f"syncode, {name}: {counts}: {seconds:.2f} s, {peak:.0f} MB", flush=True)
        if options.peer_python:
            _, out = timed([options.peer_python, "-c", ARENA_RANK, str(path), str(FEW)], 1)
            found = json.loads(out)
            whole = found["once"] + found["round"] * options.rounds
            print(
                f"arena-rank: one fit with its import {found['once']:.1f} s ({found['once'] / seconds:.1f} times ours with "
                f"everything), {options.rounds} rounds on all cores (from {FEW}): {whole:.0f} s, {whole / seconds:.0f} times ours"
            )
        _, out = timed([sys.executable, "-c", FASTCHAT, str(path), "3", str(options.rounds)], 1)
        theirs = float(json.loads(out)["seconds"])
        print(f"FastChat's method, {options.rounds} rounds (from 3): {theirs:.0f} s, {theirs / seconds:.0f} times ours")


if __name__ == "__main__":
    main()
