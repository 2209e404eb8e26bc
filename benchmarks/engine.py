"""Requests a second through the engine, beside a bare client loop and other tools, against the mock server; and 1M rows' memory.

    python benchmarks/engine.py [--requests 4000] [--rounds 3] [--curator PYTHON] [--distilabel PYTHON] [--million]

Every contender runs in a process of its own, one after the other, round by round, against one mock server with 5 ms of latency,
at concurrency 256; the table shows medians. PYTHON is an interpreter that has the peer installed: peers live in environments of
their own (curator counts tokens with tiktoken: without a network, TIKTOKEN_CACHE_DIR must hold its table). CPU is what the
client's process took for one request; imports and start-up are left out of both figures. `--million` also (with `--rounds 0`
only) sends 1,000,000 rows through `syncode generate --model mock` with the journal on and reports the peak of memory.
"""

import argparse
import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CONCURRENCY = 256
LATENCY = 0.005  # seconds
PROMPT = "question {number}: " + "what does this function return? " * 30  # about 1 KB, the size of a short task
TOKENS = 100


def bare(url: str, requests: int) -> None:
    """The client alone: gather over a semaphore, as its documentation shows."""
    import openai

    async def run() -> None:
        client = openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=0)
        gate = asyncio.Semaphore(CONCURRENCY)

        async def one(number: int) -> str:
            async with gate:
                messages: Any = [{"role": "user", "content": PROMPT.format(number=number)}]
                reply = await client.chat.completions.create(
                    model="mock", messages=messages, temperature=0, max_tokens=TOKENS
                )
                return reply.choices[0].message.content or ""

        await measured(requests, lambda: asyncio.gather(*map(one, range(requests))))
        await client.close()

    asyncio.run(run())


def syncode(url: str, requests: int, *, journal: bool = True) -> None:
    """The engine, journal on, with the window of rows that `stream.ask` keeps in flight."""
    import openai  # noqa: F401 (loaded before the clock starts, as for the others)

    from syncode.engines import ModelOptions, Op, Request, Sampling, open_engine

    op = Op("bench", version=1, prompt="bench.v1")
    options = ModelOptions(model=(f"{url}#mock",), journal="bench.db", no_journal=not journal, concurrency=CONCURRENCY)
    with open_engine(options) as ask:
        numbers = iter(range(requests))

        async def worker() -> None:
            for number in numbers:
                messages: Any = [{"role": "user", "content": PROMPT.format(number=number)}]
                reply = await ask(Request(f"r{number}", op, messages, Sampling(max_tokens=TOKENS)))
                assert reply.error is None

        asyncio.run(measured(requests, lambda: asyncio.gather(*(worker() for _ in range(4 * CONCURRENCY)))))


def curator(url: str, requests: int) -> None:
    """bespokelabs-curator with its cache on, limits out of the way."""
    from bespokelabs import curator as library  # type: ignore[import-not-found]

    class Asker(library.LLM):  # type: ignore[misc]
        def prompt(self, row: dict[str, str]) -> str:
            return row["text"]

        def parse(self, row: dict[str, str], response: str) -> dict[str, str]:
            return {"text": response}

    limits = {
        "base_url": url,
        "api_key": "none",
        "max_requests_per_minute": 10**7,
        "max_tokens_per_minute": 10**10,
        "max_concurrent_requests": CONCURRENCY,
    }
    asker = Asker(
        model_name="mock",
        backend="openai",
        backend_params=limits,
        generation_params={"temperature": 0, "max_tokens": TOKENS},
    )
    rows = [{"text": PROMPT.format(number=number)} for number in range(requests)]
    asyncio.run(measured(requests, lambda: asyncio.to_thread(asker, rows)))


def distilabel(url: str, requests: int) -> None:
    """distilabel's OpenAI model, asked for batches of CONCURRENCY as its pipeline does it, without the pipeline."""
    from distilabel.models import OpenAILLM  # type: ignore[import-not-found]

    model = OpenAILLM(
        model="mock", base_url=url, api_key="none", generation_kwargs={"temperature": 0, "max_new_tokens": TOKENS}
    )
    model.load()
    prompts = [[{"role": "user", "content": PROMPT.format(number=number)}] for number in range(requests)]

    def run() -> None:
        for start in range(0, requests, CONCURRENCY):
            model.generate_outputs(inputs=prompts[start : start + CONCURRENCY], **model.generation_kwargs)

    asyncio.run(measured(requests, lambda: asyncio.to_thread(run)))


CONTENDERS: dict[str, Callable[..., None]] = {
    "bare": bare,
    "syncode": syncode,
    "syncode-no-journal": lambda url, requests: syncode(url, requests, journal=False),
    "curator": curator,
    "distilabel": distilabel,
}


async def measured(requests: int, work: Callable[[], Awaitable[Any]]) -> None:
    """Run the work and print what it took, as JSON on the last line."""
    begun, cpu = time.perf_counter(), time.process_time()
    await work()
    seconds, used = time.perf_counter() - begun, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print("\n" + json.dumps({"rate": requests / seconds, "cpu": used / requests * 1e6, "rss": peak}))


@contextmanager
def serving() -> Any:
    """Yield the address of a mock server in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        scenario = Path(folder) / "latency.toml"
        scenario.write_text(f'model = "mock"\nlatency = {LATENCY}\n')
        code = f"from syncode.commands.mock_server import command; command(scenario={str(scenario)!r}, port=0)"
        server = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        assert server.stdout is not None
        try:
            yield server.stdout.readline().partition("#")[0]
        finally:
            server.terminate()
            server.wait()


def compare(requests: int, rounds: int, pythons: dict[str, str]) -> None:
    """Run the contenders round by round and print the table of medians."""
    names = ["bare", "syncode", "syncode-no-journal", *pythons]
    results: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    with serving() as url:
        for _ in range(rounds):
            for name in names:
                results[name].append(_once(pythons.get(name, sys.executable), name, url, requests))
    print(f"{'':22}{'requests/s':>12}{'of bare':>9}{'CPU us/request':>16}{'peak MiB':>10}")
    base = statistics.median(result["rate"] for result in results["bare"])
    for name in names:
        rate, cpu, rss = (statistics.median(result[key] for result in results[name]) for key in ("rate", "cpu", "rss"))
        print(f"{name:22}{rate:>12.0f}{rate / base:>8.2f}x{cpu:>16.0f}{rss:>10.0f}")


def _once(python: str, name: str, url: str, requests: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        quiet = {
            "TELEMETRY_ENABLED": "0",
            "CURATOR_DISABLE_RICH_DISPLAY": "1",
            "CURATOR_CACHE_DIR": folder,
            "HF_HOME": folder,
        }
        done = subprocess.run(
            [python, str(Path(__file__).resolve()), "--contender", name, "--url", url, "--requests", str(requests)],
            cwd=folder,
            env={**os.environ, **quiet, "OPENAI_API_KEY": "none"},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        sys.exit(f"{name}: {done.stderr[-2000:]}")
    result: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def million(rows: int = 1_000_000) -> None:
    """Pipe rows through `syncode generate --model mock` and print time and the peak of memory of that process."""
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        run = subprocess.Popen(
            [sys.executable, "-m", "syncode", "generate", "--model", "mock", "--quiet", "-o", os.devnull],
            stdin=subprocess.PIPE,
            cwd=folder,
        )
        assert run.stdin is not None
        with run.stdin as pipe:
            for number in range(rows):
                message = {"role": "user", "content": PROMPT.format(number=number)}
                pipe.write(json.dumps({"id": f"t{number}", "messages": [message]}).encode() + b"\n")
        _, status, usage = os.wait4(run.pid, 0)
        assert status == 0, status
        size = (Path(folder) / ".syncode" / "journal.db").stat().st_size / 2**20
        seconds = time.perf_counter() - begun
    print(
        f"{rows:,} rows: {rows / seconds:.0f} rows/s, peak {usage.ru_maxrss / 1024:.0f} MiB, "
        f"{(usage.ru_utime + usage.ru_stime) / rows * 1e6:.0f} CPU us/row, journal {size:.0f} MiB"
    )


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--curator")
    parser.add_argument("--distilabel")
    parser.add_argument("--million", action="store_true")
    parser.add_argument("--contender", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.contender:
        CONTENDERS[given.contender](given.url, given.requests)
        return
    if given.rounds:
        peers = {name: getattr(given, name) for name in ("curator", "distilabel") if getattr(given, name)}
        compare(given.requests, given.rounds, peers)
    if given.million:
        million()


if __name__ == "__main__":
    main()
