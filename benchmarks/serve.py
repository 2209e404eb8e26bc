"""Programs a second and CPU seconds through `syncode execute serve`, beside `syncode execute` on the same rows, in one run.

    python benchmarks/serve.py [--rows 1000] [--rounds 3] [--workers 2] [--clients 8] [--size 16]

Rows are distinct small Python programs with tests, results are not remembered. Three ways, interleaved, medians of ROUNDS: the
command; the server with all rows in one request; the server with CLIENTS clients at once and SIZE rows per request. Wall clock
is that of the whole command, and of the requests alone for the server, which is warm by then, as it is in training. CPU seconds
are those of all processes from start to end for both: this process adopts the sandboxes that workers leave behind.
"""

import argparse
import contextlib
import ctypes
import json
import os
import resource
import signal
import statistics
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

Row = dict[str, Any]
ADOPT = 36  # PR_SET_CHILD_SUBREAPER of prctl(2)


def rows_of(count: int) -> list[Row]:
    """Return distinct rows that pass."""
    code = "def f(n):\n    return sum(i * i for i in range(n)) + {}\n"
    tests = "assert f(0) == {0}\nassert f(10) == 285 + {0}\nassert f(1000) == 332833500 + {0}"
    return [{"id": number, "code": code.format(number), "tests": tests.format(number)} for number in range(count)]


def timed(work: Callable[[], float]) -> tuple[float, float]:
    """Return the seconds that `work` reports, and the CPU seconds of all processes that ended in it."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = work()
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def command(rows: list[Row], workers: int, folder: Path) -> float:
    """Run the command and return its wall seconds."""
    (folder / "rows.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    started = time.perf_counter()
    call = ["syncode", "execute", "rows.jsonl", "-o", "out.jsonl", "--no-cache", "--quiet", "--workers", str(workers)]
    subprocess.run(call, cwd=folder, check=True)
    seconds = time.perf_counter() - started
    assert all(json.loads(line)["state"] == "pass" for line in (folder / "out.jsonl").read_text().splitlines())
    return seconds


def served(rows: list[Row], workers: int, folder: Path, clients: int, size: int) -> float:
    """Start a server, warm it, send the rows in requests of `size`, and return the wall seconds of the requests."""
    call = ["syncode", "execute", "serve", "--no-cache", "--quiet", "--workers", str(workers)]
    with subprocess.Popen(call, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        assert server.stdout is not None
        address = server.stdout.readline().decode().strip()
        try:
            post(address, [{**row, "code": row["code"] + "# warm"} for row in rows[: 4 * workers]])
            started = time.perf_counter()
            with ThreadPoolExecutor(clients) as pool:
                parts = [rows[start : start + size] for start in range(0, len(rows), size)]
                list(pool.map(lambda part: post(address, part), parts))
            seconds = time.perf_counter() - started
        finally:
            server.send_signal(signal.SIGTERM)
    return seconds


def post(address: str, rows: list[Row]) -> None:
    """Send rows, all of which pass."""
    data = json.dumps({"rows": rows}).encode()
    request = urllib.request.Request(f"{address}/v1/execute", data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as response:
        results = json.load(response)["results"]
    assert [each["of"] for each in results] == [row["id"] for row in rows]
    for each in results:
        assert each["score"] == 1.0, each


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    for name, default in (("rows", 1000), ("rounds", 3), ("workers", 2), ("clients", 8), ("size", 16)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    if ctypes.CDLL(None, use_errno=True).prctl(ADOPT, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    rows = rows_of(options.rows)
    found: dict[str, list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ways: dict[str, Callable[[], float]] = {
            "execute": lambda: command(rows, options.workers, folder),
            "serve, one request": lambda: served(rows, options.workers, folder, 1, len(rows)),
            f"serve, {options.clients} clients x {options.size} rows": lambda: served(
                rows, options.workers, folder, options.clients, options.size
            ),
        }
        for _ in range(options.rounds):
            for way, work in ways.items():
                found.setdefault(way, []).append(timed(work))
    medians = {
        way: (statistics.median(wall for wall, _ in each), statistics.median(cpu for _, cpu in each))
        for way, each in found.items()
    }
    base = medians["execute"][1]
    print(f"{options.rows} rows, {options.workers} workers, medians of {options.rounds} rounds\n")
    print("| way | wall s | rows/s | CPU s | CPU, execute = 1 |\n|---|---|---|---|---|")
    for way, (wall, cpu) in medians.items():
        print(f"| {way} | {wall:.2f} | {options.rows / wall:.0f} | {cpu:.2f} | {cpu / base:.2f} |")


if __name__ == "__main__":
    main()
