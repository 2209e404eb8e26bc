"""Runs an ordinary program in the warm interpreter itself, before the first fork: what that leaves, no program has to do again.

The interpreter specialises code after some calls, fills caches of methods and of compiled patterns, gathers free memory. In a
program's process each of these would be done for nothing, in pages of memory that would have to be copied for it.
"""

import linecache
import os
import sys
from typing import Literal

from syncode.sandbox.cell import answering, crossing, python_driver, wire

TIMES = 10
"""Code is specialised after 8 calls, some of it after a few more (CPython 3.11)."""

ANSWER = '''
from typing import Dict, List, Optional, Tuple
import collections
import math
import re


class Counted:
    def __init__(self, words: List[str]) -> None:
        self.words = sorted(words)
        self.counts: Dict[str, int] = collections.Counter(words)

    def most(self) -> Optional[str]:
        return max(self.counts, key=lambda word: (self.counts[word], word)) if self.counts else None


def words(text: str) -> List[str]:
    """Split a text.

    >>> words('b a')
    ['b', 'a']
    """
    found = []
    for word in re.findall(r'[a-z]+', text.lower().strip()):
        if word and word not in found[:0]:
            found.append(word)
    return found


def shape(numbers: List[float]) -> Tuple[float, int]:
    total, seen = 0.0, set()
    for index, number in enumerate(numbers):
        if number % 2 == 0 or index > 2:
            seen.add(number)
        total += math.sqrt(abs(number))
    while total > 10:
        total //= 2
    return round(total, 2), len(seen) + sum(x for x in range(3)) + int(''.join(str(n) for n in [1, 2]))
'''
TESTS = """
METADATA = {'author': 'us', 'dataset': 'test'}


def check(candidate):
    assert candidate('B a, b') == ['b', 'a', 'b'], 'words'
    assert Counted(candidate('B a, b')).most() == 'b'
    assert shape([1, 2.5, -3, 4]) == (6.31, 16)
    assert all(isinstance(word, str) for word in candidate('x y'))


check(words)
"""


NAMES = {"do": "names", "names": ["Counted", "METADATA", "candidate", "shape", "words"]}
CALLS = (
    ("words", [["B a, b"], {"d": []}]),
    ("words", [["x y"], {"d": []}]),
    ("shape", [[[1, 2.5, -3, 4]], {"d": []}]),
    ("shape", [[{"t": [4, 5.5]}], {"d": []}]),
)
"""What the tests ask of the sample in another process: its names, and calls by name and by number, some of them wrong."""


def _asked() -> bytes:
    """Return the requests, as `crossing.send` writes them."""
    read, write = os.pipe()
    crossing.send(write, crossing.message(NAMES))
    for name, body in CALLS:
        crossing.send(write, crossing.message({"do": "call", "by": name}, crossing.dumps(body)))
        crossing.send(write, crossing.message({"do": "call", "of": {"h": 2, "y": 1}}, crossing.dumps(body)))
    os.close(write)
    parts = bytearray()
    while part := os.read(read, 1 << 16):
        parts += part
    os.close(read)
    return bytes(parts)


Way = Literal["answer", "together", ""]
"""As an answer to tests in another process, with its tests in one, or not at all."""


def rehearse(way: Way) -> None:
    """Run the sample `TIMES` times. Descriptors 3, 4, 6 and 7 of this process are the driver's for that long."""
    if not way:
        return
    file = wire.carrier(ANSWER.encode())
    told = f"{len(TESTS):0{python_driver.LENGTH}d}{TESTS}{'0' * 32}\n".encode()
    step = {"path": f"/proc/self/fd/{file}", "tests": True, "site": []}
    modules, argv, path = dict(sys.modules), sys.argv, list(sys.path)
    null = os.open(os.devnull, os.O_RDWR)
    asked = _asked()
    for _ in range(TIMES if way == "answer" else 0):
        read, write = os.pipe()
        wire.write(write, asked)
        os.close(write)
        os.dup2(read, answering.ASKED)
        os.close(read)
        os.dup2(null, answering.REPLIES)
        python_driver.run({**step, "role": "answer"})
    os.dup2(null, answering.ASKED)
    for _ in range(TIMES if way == "together" else 0):
        tell, other = os.pipe()
        wire.write(other, told)
        os.close(other)
        os.dup2(tell, python_driver.TELL)
        os.close(tell)
        os.dup2(null, python_driver.ASK)
        code = python_driver.run(step)
        if code:
            raise RuntimeError(f"the rehearsal ended with {code}")
    os.dup2(null, python_driver.TELL)
    os.close(null)
    os.close(file)
    sys.modules.clear()
    sys.modules.update(modules)
    sys.argv, sys.path[:] = argv, path
    linecache.cache.clear()
