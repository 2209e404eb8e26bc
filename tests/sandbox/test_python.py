"""What becomes of Python programs in the sandbox that this machine offers."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from syncode.sandbox import Isolation, Limits, Sandbox

SMALL = Limits(seconds=2, memory=256 << 20)


@pytest.fixture(scope="module")
def small(isolation: Isolation) -> Iterator[Sandbox]:
    with Sandbox(replace(isolation, limits=SMALL)) as opened:
        yield opened


@pytest.mark.parametrize(
    ("code", "tests", "state"),
    [
        ("def f(): return 1", "assert f() == 1", "pass"),
        ("print('no tests: run as a script')", "", "pass"),
        ("def f(): return 2", "assert f() == 1", "fail"),
        ("def f(): return 1 / 0", "assert f() == 1", "error"),
        ("def f(:", "assert f() == 1", "compile"),
        ("def f(): return 1", "assert f( == 1", "error"),
        ("while True: pass", "assert True", "timeout"),
        ("x = bytearray(1 << 30)", "assert x", "oom"),
        ("import sys; sys.exit(0)", "assert False", "error"),
        ("import os; os._exit(0)", "assert False", "error"),
        ("import os, signal; os.kill(os.getppid(), signal.SIGKILL)", "assert False", "fail"),
        ("print('x' * (2 << 20))", "assert True", "forbidden"),
        ("open('/usr/x', 'w')", "assert True", "forbidden"),
        ("", "import surely_not_installed", "infra"),
        ("import surely_not_installed", "assert True", "error"),
    ],
)
def test_states(small: Sandbox, code: str, tests: str, state: str) -> None:
    result = small.run("python", code, tests)
    assert result.state == state, result


C = "def f(a, b=1): return a + b\n"
CASE = "import unittest\nclass T(unittest.TestCase):\n    def test_it(self): self.assertEqual(f(1), {})\n"
DOCTEST = "import doctest\ndef g():\n    '''\n    >>> f(1)\n    {}\n    '''\ndoctest.testmod()\n"


@pytest.mark.parametrize(
    ("tests", "state"),
    [
        (CASE.format(2) + "unittest.main()\n", "pass"),
        (CASE.format(3) + "if __name__ == '__main__': unittest.main()\n", "fail"),
        (CASE.format(2), "pass"),
        (CASE.format(3), "fail"),
        (CASE.format("f()"), "error"),
        ("def test_it(): assert f(1) == 2\n", "pass"),
        ("def test_it(): assert f(1) == 3\n", "fail"),
        ("def test_it(): assert f(1) == 3\ntest_it()\n", "fail"),
        (
            "import pytest\n@pytest.mark.parametrize('a, e', [(1, 2), (2, 3)])\ndef test_it(a, e): assert f(a) == e\n",
            "pass",
        ),
        (
            "import pytest\n@pytest.mark.parametrize('a, e', [(1, 2), (2, 4)])\ndef test_it(a, e): assert f(a) == e\n",
            "fail",
        ),
        ("import pytest\ndef test_it():\n    with pytest.raises(TypeError): f()\n", "pass"),
        ("import pytest\ndef test_it():\n    with pytest.raises(TypeError): f(1)\n", "fail"),
        ("def test_it(mocker): assert mocker\n", "infra"),
        (
            "class TestIt:\n    def setup_method(self): self.x = 1\n    def test_it(self): assert f(self.x) == 2\n",
            "pass",
        ),
        ("class TestIt:\n    def test_it(self): assert f(1) == 3\n", "fail"),
        ("async def test_it(): assert f(1) == 2\n", "pass"),
        ("async def test_it(): assert f(1) == 3\n", "fail"),
        (
            "import pytest\n@pytest.fixture\ndef one():\n    yield 1\ndef test_it(one): assert f(one) == 2\n"
            "if __name__ == '__main__': pytest.main([__file__])\n",
            "pass",
        ),
        ("from pytest import fixture\n@fixture\ndef one(): return 1\ndef test_it(one): assert f(one) == 3\n", "fail"),
        ("import pytest\n@pytest.mark.skip\ndef test_it(): assert 0\ndef test_that(): pytest.skip('no')\n", "no_tests"),
        ("import pytest\n@pytest.mark.slow\ndef test_it(): assert f(1) == 3\n", "fail"),
        (DOCTEST.format(2), "pass"),
        (DOCTEST.format(3), "fail"),
        ("import sys\nsys.exit(0 if f(1) == 2 else 1)\n", "pass"),
        ("import sys\nsys.exit(0 if f(1) == 3 else 1)\n", "fail"),
        ("def check(candidate): assert candidate(1) == 3\n", "no_tests"),
        (
            "import multiprocessing\nwith multiprocessing.get_context('spawn').Pool(1) as p: assert p.map(f, [1]) == [2]\n",
            "pass",
        ),
    ],
)
def test_tests_in_any_form_are_really_run(small: Sandbox, tests: str, state: str) -> None:
    result = small.run("python", C, tests)
    assert result.state == state, result


@pytest.mark.parametrize(
    ("code", "tests", "state"),
    [
        ("class A:\n    def __eq__(self, other): return True\ndef f(): return A()", "assert f() == 2", "fail"),
        (
            "class A:\n    def __ne__(self, other): return False\ndef f(): return A()",
            "assert not f() != 2",
            "fail",
        ),
        (
            "class P:\n    def __init__(self, x): self.x = x\n    def __eq__(self, o): return self.x == o.x",
            "assert P(1) == P(1)",
            "pass",
        ),
        (
            "class P:\n    def __init__(self, x): self.x = x\n    def __eq__(self, o): return self.x == o",
            "assert P(1) == 1",
            "pass",
        ),
        ("from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int", "assert P(1) == P(1) != P(2)", "pass"),
        ("A = type('A', (), {'__eq__': lambda s, o: True})\ndef f(): return A()", "assert f() == 2", "fail"),
        ("class A: pass\nA.__eq__ = lambda s, o: True\ndef f(): return A()", "assert f() == 2", "fail"),
        ("class A:\n    def __eq__(self, o, deep=True): return deep", "assert not A().__eq__(A(), deep=False)", "pass"),
    ],
)
def test_an_object_must_not_equal_anything(small: Sandbox, code: str, tests: str, state: str) -> None:
    assert small.run("python", code, f"import os\n{tests}").state in (state, "forbidden")  # in one process
    result = small.run("python", code, tests)
    assert result.state == state, result


@pytest.mark.parametrize(
    ("code", "tests"),
    [
        ("import math\nmath.isclose = lambda *a: True", "import math\nassert math.isclose(1, 2)"),
        (
            "import unittest\nunittest.TestCase.assertEqual = lambda *a: None\ndef f(*a): return 0",
            CASE.format(2) + "unittest.main()",
        ),
    ],
)
def test_what_the_tests_compare_with_cannot_be_replaced(small: Sandbox, code: str, tests: str) -> None:
    assert small.run("python", code, tests).state == "fail"


def test_the_answer_is_main_only_where_there_are_no_tests(small: Sandbox) -> None:
    code = "if __name__ == '__main__': print('demo')"
    assert small.run("python", code).stdout == "demo\n"
    assert small.run("python", code, "assert True").stdout == ""


def test_what_is_written_is_kept_at_both_ends(small: Sandbox) -> None:
    result = small.run("python", "print('first' + 'x' * 200_000 + 'last')")
    assert result.state == "pass"
    assert result.stdout.startswith("first")
    assert result.stdout.endswith("last\n")
    assert "bytes ...]" in result.stdout
    assert len(result.stdout) < 70_000


def test_programs_share_nothing(small: Sandbox) -> None:
    leave = "import builtins\nbuiltins.left = 1\nopen('/tmp/left', 'w').close()\nopen('/dev/shm/left', 'w').close()"
    assert small.run("python", leave).state == "pass"
    look = "import builtins, os\nfound = [*os.listdir('/tmp'), *os.listdir('/dev/shm'), *os.listdir('.')]"
    result = small.run("python", look, "assert found == ['main.py'] and not hasattr(builtins, 'left'), found")
    assert result.state == "pass", result


def test_numpy_of_this_installation_can_be_used(small: Sandbox) -> None:
    result = small.run("python", "import numpy\ndef f(): return numpy.ones(3)", "assert f().sum() == 3")
    assert result.state == "pass", result


def test_another_hash_seed_shows_what_depends_on_it(small: Sandbox) -> None:
    orders = {small.run("python", "print(list({'a', 'b', 'c', 'd'}))", seed=seed).stdout for seed in range(6)}
    assert len(orders) > 1
    assert small.run("python", "print(hash('a'))").stdout == small.run("python", "print(hash('a'))").stdout


FORKING = """
import os, random, sys, threading
said = []
os.register_at_fork(before=lambda: said.append("before"), after_in_parent=lambda: said.append("parent"))
os.register_at_fork(before=lambda: said.append("before the other"), after_in_child=lambda: said.append("child"))
other = threading.Thread(target=threading.Event().wait, daemon=True)
other.start()
for _ in range(2):
    read, write = os.pipe()
    if os.fork() == 0:
        os.write(write, repr((said, threading.active_count(), random.random())).encode())
        os._exit(0)
    os.close(write)
    print(os.read(read, 1000).decode())
    os.wait()
print(said)
"""


def test_what_is_called_at_a_fork(small: Sandbox) -> None:
    """The callbacks of a program, and those of modules that the warm interpreter has loaded, in Python's own order."""
    result = small.run("python", FORKING)
    first, second, own = result.stdout.splitlines()
    around = ["before the other", "before"]
    assert first.startswith(str(([*around, "child"], 1))[:-1]), result
    assert second.startswith(str(([*around, "parent", *around, "child"], 1))[:-1])
    assert own == str([*around, "parent", *around, "parent"])
    assert first.rpartition(", ")[2] != second.rpartition(", ")[2]
