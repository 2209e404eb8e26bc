"""What the warm interpreter does for all programs at once must not be seen by any of them."""

import os
import signal
from collections.abc import Iterator
from dataclasses import replace

import pytest

from syncode.sandbox import Isolation, Limits, Sandbox
from syncode.sandbox.places import CPUS, Places


@pytest.fixture(scope="module")
def quick(isolation: Isolation) -> Iterator[Sandbox]:
    with Sandbox(replace(isolation, limits=Limits(seconds=5))) as opened:
        yield opened


def said(sandbox: Sandbox, code: str) -> str:
    result = sandbox.run("python", code)
    assert result.state == "pass", result
    return result.stdout


def test_each_program_draws_random_numbers_of_its_own(quick: Sandbox) -> None:
    code = "import random\nprint(random.random(), random.Random().random(), random.gauss(0, 1))"
    drawn = [said(quick, code).split() for _ in range(3)]
    assert len({number for numbers in drawn for number in numbers}) == 9


def test_forks_of_a_program_are_repaired_as_usual(quick: Sandbox) -> None:
    code = """
import os, random, threading
held = threading.Event()
thread = threading.Thread(target=held.wait)
thread.start()
first = os.getpid()
read, write = os.pipe()
child = os.fork()
if child == 0:
    os.write(write, f"{threading.active_count()} {random.random()}".encode())
    os._exit(0)
os.waitpid(child, 0)
held.set()
thread.join()
count, number = os.read(read, 100).decode().split()
assert count == "1", count  # threading knows that the thread is not in the child
assert float(number) != random.random()
seen = []
os.register_at_fork(before=lambda: seen.append("before"), after_in_parent=lambda: seen.append("after"))
if os.fork() == 0:
    os._exit(0)
assert seen == ["before", "after"], seen
print("well")
"""
    assert said(quick, code) == "well\n"


def test_a_pool_of_processes_works(quick: Sandbox) -> None:
    if quick.isolation.backend == "sandlock":
        pytest.skip("sandlock gives programs no shared memory, which pools need")
    code = """
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import Pool
def double(x): return 2 * x
if __name__ == "__main__":
    with ProcessPoolExecutor(2) as pool: print(list(pool.map(double, range(3))))
    with Pool(2) as pool: print(pool.map(double, range(3)))
"""
    assert said(quick, code) == "[0, 2, 4]\n[0, 2, 4]\n"


def test_the_rehearsal_leaves_nothing_behind(quick: Sandbox) -> None:
    code = """
import gc, linecache, sys
print(sorted(name for name in ("solution", "main") if sys.modules[name] is not sys.modules["__main__"]))
print([kind.__name__ for kind in object.__subclasses__() if kind.__name__ == "Counted"])
print([type(each) for each in gc.get_objects() if type(each).__name__ == "Counted"], sorted(linecache.cache))
print(sorted(globals())[-3:], sys.argv, sys.path[0], sys.path.count(""))
"""
    lines = said(quick, code).splitlines()
    assert lines[:3] == ["[]", "[]", "[] []"]
    assert lines[3] == "['gc', 'linecache', 'sys'] ['main.py'] /box 0" or quick.isolation.backend != "cell"


def test_what_site_gives_is_there(quick: Sandbox) -> None:
    assert said(quick, "print(len(copyright.__class__.__name__), callable(help), callable(exit))") == "8 True True\n"
    assert quick.run("python", "quit()", "assert True").state == "error"
    result = quick.run("python", "def f(): exit(3)", "f()")
    assert result.reason.startswith("exit 3"), result


def test_installed_packages_can_be_imported_and_no_pth_file_is_run(quick: Sandbox) -> None:
    assert (
        said(quick, "import orjson, sys\nprint(orjson.dumps([1]), '_distutils_hack' in sys.modules)")
        == "b'[1]' False\n"
    )


@pytest.mark.parametrize("place", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_its_own_output_can_be_opened(quick: Sandbox, place: str) -> None:
    assert said(quick, f"with open({place!r}, 'w') as stream: stream.write('here')") == "here"


def test_an_output_limit_of_one_run_holds(quick: Sandbox) -> None:
    code = "print('x' * 300_000)"
    assert len(quick.run("python", code).stdout) < 70_000
    limits = replace(quick.isolation.limits, output_kept=1 << 20)
    assert quick.run("python", code, limits=limits).stdout == "x" * 300_000 + "\n"
    assert quick.run("python", code, limits=replace(limits, output_stop=1000)).state == "forbidden"


def test_another_stdout_loses_nothing_of_the_first(quick: Sandbox) -> None:
    code = """
import io, sys
class Loud:
    def write(self, text): sys.__stdout__.write(text.upper())
    def flush(self): pass
print("first")
sys.stdout = {}
print("second")
"""
    assert said(quick, code.format("Loud()")) == "first\nSECOND\n"
    assert said(quick, code.format("io.StringIO()")) == "first\n"
    assert said(quick, code.format("io.TextIOWrapper(sys.stdout.detach())")) == "first\nsecond\n"


@pytest.mark.parametrize("name", ["stdout", "stderr"])
def test_another_layer_can_be_put_on_a_stream(quick: Sandbox, name: str) -> None:
    code = f"""
import io, sys
stream = sys.{name}
print(stream.seekable(), stream.name, stream.mode, stream.encoding, stream.line_buffering, file=stream, flush=True)
sys.{name} = io.TextIOWrapper(stream.buffer, encoding="utf-8")
print("well", file=sys.{name})
"""
    result = quick.run("python", code)
    assert result.state == "pass", result
    expected = f"False <{name}> w utf-8 {name == 'stderr'}\nwell\n"
    assert getattr(result, name) == expected


def test_very_large_tests_do_not_take_the_time_of_the_program(quick: Sandbox) -> None:
    tests = f"data = {'x' * 60_000_000!r}\nassert len(data) == size"
    assert quick.run("python", "size = 60_000_000", tests).state == "pass"


def test_tests_larger_than_a_pipe_arrive(quick: Sandbox) -> None:
    tests = f"data = {'x' * 3_000_000!r}\nassert f() == len(data)"
    assert quick.run("python", "def f(): return 3_000_000", tests).state == "pass"
    closing = "import os\nos.close(3)\ndef f(): return 3_000_000"
    assert quick.run("python", closing, tests).state == "pass"  # nothing that counts goes past the answer
    assert quick.run("python", closing, f"import os\n{tests}").state == "error"  # here both are in one process


def test_a_program_that_says_too_much_on_the_channel_only_hurts_itself(quick: Sandbox) -> None:
    code = "import os\nfor _ in range(100):\n    os.write(4, b'0123456789abcdef' * 1000)"
    assert not quick.run("python", code, "import os\nassert True").tests
    assert quick.run("python", "x = 1", "assert x == 1").state == "pass"


@pytest.mark.skipif(len(CPUS) < 2, reason="one CPU: nothing to choose from")
def test_as_many_workers_as_cpus_get_one_each_and_fewer_none(quick: Sandbox) -> None:
    asked = "import os\nprint(sorted(os.sched_getaffinity(0)))"
    places = Places(len(CPUS))
    places.take()  # the process that made them stays where it was
    assert os.sched_getaffinity(0) == CPUS
    read, write = os.pipe()
    neighbour = os.fork()
    if neighbour == 0:
        places.take()
        os.write(write, b".")
        signal.pause()
    os.read(read, 1)
    one, other = sorted(CPUS)[:2]
    assert [_in_a_fork(places, quick, asked) for _ in range(2)] == [
        f"[{other}]\n"
    ] * 2  # the second one is the first one's heir
    os.kill(neighbour, signal.SIGKILL)
    os.waitpid(neighbour, 0)
    assert _in_a_fork(places, quick, asked) == f"[{one}]\n"
    os.close(read)
    os.close(write)
    if quick.isolation.backend == "cell":
        allowed = _in_a_fork(places, quick, "grep Cpus_allowed: /proc/self/status", "bash")
        assert int(allowed.split()[1].replace(",", ""), 16).bit_count() == len(CPUS)  # compilers have threads
    assert _in_a_fork(Places(1), quick, asked) == f"{sorted(CPUS)}\n"


def _in_a_fork(places: Places, sandbox: Sandbox, code: str, language: str = "python") -> str:
    """Return what a program prints that a worker process runs."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            places.take()
            with Sandbox(sandbox.isolation) as own:
                os.write(write, own.run(language, code).stdout.encode())
        finally:
            os._exit(0)
    os.close(write)
    os.waitpid(child, 0)
    with os.fdopen(read) as stream:
        return stream.read()
