"""What of a Python program goes because the called function does not need it, and what has to stay."""

import pytest

from syncode.text.program import Wanted, complete, find_program
from syncode.text.program.usage import without_usage

ADD = "def add(a, b):\n    return a + b\n"
MAIN = "def main():\n    a, b = map(int, input().split())\n    print(add(a, b))\n"
LOOK = "def look(i):\n    return T[i]\n"


@pytest.mark.parametrize(
    "usage",
    [
        "main()\n",
        "if __name__ == '__main__':\n    main()\n",
        "n = int(input())\nprint(add(n, 1))\n",
        "import sys\nprint(add(int(sys.argv[1]), 2))\n",
        "import sys\nsys.stdin = open('input.txt')\nfor line in sys.stdin:\n    print(line)\n",
        "with open('input.txt') as file:\n    print(file.read())\n",
        "import unittest\nclass T(unittest.TestCase):\n    def test(self):\n        assert add(1, 2) == 4\nunittest.main()\n",
        "import doctest\ndoctest.testmod()\n",
        "import sys\nsys.exit(main())\n",
        "print(add('1'))\n",
        "while True:\n    pass\n",
        "import sys\nif len(sys.argv) < 2:\n    sys.exit('how to use it')\n",
        "def test():\n    assert add(1, 2) == 4\ntest()\n",
        "CASES = [(1, 2)]\nfor case in CASES:\n    print(undefined(add(*case)))\n",
        "import asyncio\nasync def go():\n    print(add(1, 2))\nasyncio.run(go())\n",
        "import threading\nthreading.Thread(target=main).start()\n",
        "result = add(1, undefined)\nresult.show()\n",
        "try:\n    print(add(1, 2), file=open('/x'))\nexcept ValueError:\n    pass\n",
        "import sys\nsys.setrecursionlimit(10**6) if main() else None\n",
    ],
)
def test_usage_goes(usage: str) -> None:
    code = without_usage(f"{ADD}{MAIN}{usage}", ["add"])
    names: dict[str, object] = {"__name__": "solution"}
    exec(code, names)
    assert names["add"](1, 2) == 3  # type: ignore[operator]
    assert code.startswith(ADD + MAIN)
    assert find_program(f"```python\n{ADD}{MAIN}{usage}```", Wanted("python", "add")).code == code


@pytest.mark.parametrize(
    "code",
    [
        f"T = []\nT.append(0)\n{LOOK}",
        f"T = []\nfor i in range(9):\n    T.append(i)\n{LOOK}",
        f"T = [0] * 9\nfor i in range(9):\n    T[i] = i\n{LOOK}",
        f"T = {{}}\n[T.setdefault(i, i) for i in range(9)]\n{LOOK}",
        f"T = []\nlist(map(T.append, range(9)))\n{LOOK}",
        f"T = []\ndef fill():\n    for i in range(9):\n        T.append(i)\nfill()\n{LOOK}",
        f"T = []\ndef fill(t):\n    t.append(0)\nfill(T)\n{LOOK}",
        f"T = []\ndef main():\n    fill()\ndef fill():\n    T.append(0)\nmain()\n{LOOK}",
        f"def fill():\n    global T\n    T = [0]\nfill()\n{LOOK}",
        f"T = []\nalias = T\nalias.append(0)\n{LOOK}",
        f"T = [[0]]\nrow = T[0]\nrow.append(1)\n{LOOK}",
        f"T = []\nclass Filler:\n    def __init__(self):\n        T.append(0)\nFiller()\n{LOOK}",
        f"import heapq\nT = [3, 1]\nheapq.heapify(T)\n{LOOK}",
        f"import random\nT = list(range(9))\nrandom.shuffle(T)\n{LOOK}",
        f"T = []\ntry:\n    T.append(0)\nexcept ValueError:\n    pass\n{LOOK}",
        f"T = []\ndef fill(n):\n    T.append(n)\n    return n\nfilled = [fill(n) for n in range(3)]\n{LOOK}",
        f"T = (i for i in range(9))\nnext(T)\n{LOOK}",
        f"T = {{}}\ndef register(name, function):\n    T[name] = function\nregister('x', len)\n{LOOK}",
        "class Table:\n    rows = []\nTable.rows.append(1)\ndef look(i):\n    return Table.rows[i]\n",
        "class Tab:\n    @classmethod\n    def put(cls, x):\n        cls.x = x\nTab.put(1)\ndef look(i):\n    return Tab.x\n",
        f"import sys\nsys.setrecursionlimit(10**6)\n{LOOK}T = 'x'\n",
        "import random\nrandom.seed(0)\ndef look(i):\n    return random.random()\n",
        "import numpy as np\nnp.random.seed(0)\nnp.seterr(all='ignore')\ndef look(i):\n    return np.random.rand()\n",
        "from decimal import getcontext\ngetcontext().prec = 50\ndef look(i):\n    return getcontext().prec\n",
        "import sys\ndef look(i):\n    return i\ndef main():\n    sys.setrecursionlimit(10**6)\n    print(look(1))\nmain()\n",
        "def look(i):\n    return i\nlook.calls = 0\n",
        "def look(i):\n    return i\nlook = memo(look)\n",
        "def look(i):\n    return i\ndel look\n",
        "from functools import cache\n@cache\ndef look(i):\n    return look(i - 1)\nfor i in range(900):\n    look(i)\n",
        "T = {}\ndef look(i):\n    T[i] = look(i - 1)\n    return T[i]\nfor i in range(900):\n    look(i)\n",
        "from functools import singledispatch\n@singledispatch\ndef look(i):\n    return i\nlook.register(int, str)\n",
        "exec('def look(i): return i')\ndef other():\n    return look(1)\nlook = look\n",
        "globals()['T'] = [1]\ndef look(i):\n    return T[i]\n",
        "X = 3\ndef look(i):\n    return eval('X')\n",
        "import math\nmath.floor = round\ndef look(i):\n    return math.floor(i)\n",
        "app = make()\n@app.route('/')\ndef page():\n    return 1\ndef look(i):\n    return i\n",
        "SIZE = read()\ndef other(n=SIZE):\n    return n\ndef look(i):\n    return i\n",
        "BASE = make()\nclass Other(BASE):\n    pass\ndef look(i):\n    return i\n",
        "import sys, io\nsys.stdin = io.StringIO('1')\ndef look(i):\n    return sys.stdin.read()\n",
        '"""Text."""\nfrom math import *\ndef look(i):\n    return i\n',
    ],
)  # fmt: skip
def test_what_is_needed_stays(code: str) -> None:
    assert without_usage(code, ["look"]) == code


@pytest.mark.parametrize(
    "code",
    [
        'import asyncio\nT=[]\nasync def fill():\n    T.append(1)\nasyncio.run(fill())\n' + LOOK,
        'import threading\nT=[]\ndef fill():\n    T.append(1)\nt=threading.Thread(target=fill)\nt.start()\n' + LOOK,
        'T=[]\nfill=lambda n: T.append(n)\nfill(1)\n' + LOOK,
        'from functools import partial\nT=[]\ndef put(t,n):\n    t.append(n)\nfill=partial(put,T)\nfill(1)\n' + LOOK,
        'T=[]\npush=T.append\npush(1)\n' + LOOK,
        'class S:\n    t=None\n    def fill(self): self.t=[1]\ns=S()\ns.fill()\ndef look(i):\n    return s.t[i]\n',
        'class S:\n    t=[]\n    def fill(self): self.t.append(1)\nS().fill()\ndef look(i):\n    return S.t[i]\n',
        'class S:\n    t=[]\n    def fill(self): self.t.append(1)\nx=S()\nx.fill()\ndef look(i):\n    return S().t[i]\n',
        'import json\njson.T=[1]\ndef look(i):\n    return json.T[i]\n',
        "import os\nos.environ['A']='1'\ndef look(i):\n    return os.environ['A']\n",
        "class S: pass\nsetattr(S,'t',[1])\ndef look(i):\n    return S.t[i]\n",
        'def look(i):\n    return look.t[i]\ndef fill():\n    look.t=[1]\nfill()\n',
        'T=[1]\nwhile len(T)<10:\n    T.append(T[-1]*2)\n' + LOOK,
        'T=[1]\nT+=[2]\n' + LOOK,
        'a,T=0,[]\nT.extend([1])\n' + LOOK,
        'T=[]\nimport contextlib\nwith contextlib.suppress(Exception):\n    T.append(1)\n' + LOOK,
        "F={}\ndef reg(f):\n    F[f.__name__]=f\n    return f\n@reg\ndef g(): return 1\ndef look(i):\n    return F['g']()\n",
        'T=[2,1]\nT.sort()\n' + LOOK,
        'from heapq import heappush\nT=[]\nheappush(T,1)\n' + LOOK,
        'from collections import deque\nT=deque([1,2])\nT.rotate(1)\n' + LOOK,
        'T=iter([1,2])\nfor _ in range(1):\n    next(T)\ndef look(i):\n    return next(T)\n',
        'A=[[],[]]\nfor a in A:\n    a.append(1)\ndef look(i):\n    return A[i]\n',
        "A={'x':[]}\nx=A['x']\nx.append(1)\ndef look(i):\n    return A['x'][i]\n",
        "A={'x':[]}\nA.get('x').append(1)\ndef look(i):\n    return A['x'][i]\n",
        "A={'x':[]}\nx=A.get('x')\nx.append(1)\ndef look(i):\n    return A['x'][i]\n",
        "A={'x':[]}\nfor v in A.values():\n    v.append(1)\ndef look(i):\n    return A['x'][i]\n",
        'A=[]\ndef table():\n    return A\ntable().append(1)\ndef look(i):\n    return A[i]\n',
        'A=[]\ndef table():\n    return A\nt=table()\nt.append(1)\ndef look(i):\n    return A[i]\n',
        'A=[[1],[2]]\nmax(A).append(1)\ndef look(i):\n    return A[i]\n',
        'A=[[1],[2]]\nfor a in sorted(A):\n    a.append(1)\ndef look(i):\n    return A[i]\n',
        'A=[[1],[2]]\nfor i,a in enumerate(A):\n    a.append(i)\ndef look(i):\n    return A[i]\n',
        'T={}\n{T.update({i:i}) for i in range(3)}\n' + LOOK,
        'if (T:=[1]): pass\n' + LOOK,
        'match 1:\n    case T: pass\n' + LOOK,
        'from tables import *\nT.append(1)\n' + LOOK,
        'T=[]\nfrom lib import fill\nfill(T)\n' + LOOK,
        'T=[]\nfrom lib import fill\nfill(table=T)\n' + LOOK,
        'T=[]\nfrom lib import fill\nfill(*[T])\n' + LOOK,
        'import numpy as np\nT=np.zeros(3)\nnp.add(T,1,out=T)\n' + LOOK,
        'import numpy as np\nT=np.zeros(3)\nT[:]=1\n' + LOOK,
        "import sys\nsys.path.append('.')\ndef look(i):\n    return T[i]\nT='a'\n",
        "import warnings\nwarnings.filterwarnings('ignore')\ndef look(i):\n    return T[i]\nT='a'\n",
        "import locale\nlocale.setlocale(locale.LC_ALL,'C')\ndef look(i):\n    return T[i]\nT='a'\n",
        'try:\n    import numpy as np\nexcept ImportError:\n    np=None\ndef look(i):\n    return np\n',
        'import sys\nif sys.version_info>(3,):\n    def look(i): return 1\nelse:\n    def look(i): return 2\n',
        'import math, builtins\nbuiltins.T=[1]\n' + LOOK,
        "import gc\ngc.disable()\ndef look(i):\n    return T[i]\nT='a'\n",
        'T={}\ndef warm():\n    for i in range(5): look(i)\nwarm()\ndef look(i):\n    T[i]=T.get(i-1,0)\n    return T[i]\n',
        'def gen():\n    while True:\n        x=yield 1\ng=gen()\nnext(g)\ndef look(i):\n    return g.send(i)\n',
        'def gen():\n    x=yield 1\n    yield x\ng=gen()\ng.send(None)\ndef look(i):\n    return g.send(i)\n',
        'T=[]\ntype(T).append(T,1)\n' + LOOK,
        'T=[]\nlist.append(T,1)\n' + LOOK,
        'T={}\ndict.update(T,a=1)\n' + LOOK,
        'import operator\nT={}\noperator.setitem(T,0,1)\n' + LOOK,
        'T=[]\nclass A:\n    T.append(1)\n' + LOOK,
        'T=[]\n_=T.append(1)\n' + LOOK,
        'T=[]\nT.append(1) if True else None\n' + LOOK,
        'T=[]\nTrue and T.append(1)\n' + LOOK,
        'T=[]\nprint(T.append(1))\n' + LOOK,
        'T=[1,2]\nprint(T.pop())\n' + LOOK,
        'T=[]\ndef fill():\n    T.append(1)\n    return T\nprint(fill())\n' + LOOK,
        'T=[]\ndef reg(n):\n    def d(f):\n        T.append(f)\n        return f\n    return d\nreg(1)(len)\n' + LOOK,
    ],
)  # fmt: skip
def test_whatever_may_change_what_is_reached_stays(code: str) -> None:
    """Other names, threads, partial functions, bound methods, items, classes with data, modules."""
    assert without_usage(code, ["look"]) == code


@pytest.mark.parametrize(
    "said",
    [
        "exit()\n",
        "import sys\nsys.exit(0)\n",
        "import os\nos._exit(0)\n",
        "raise SystemExit(0)\n",
        "assert add(1, 2) == 4\n",
        "cases = [(1, 2, 4)]\nfor a, b, c in cases:\n    assert add(a, b) == c, cases\n",
        "if add(1, 2) != 4:\n    raise ValueError\n",
    ],
)
def test_a_program_that_ends_itself_or_calls_itself_wrong_is_taken_at_its_word(said: str) -> None:
    code = f"{ADD}print(add(3, 4))\n{said}"
    assert without_usage(code, ["add"]) == f"{ADD}{said}"


def test_a_wrong_program_is_not_made_right() -> None:
    """What breaks the function stays, whatever it is called by."""
    code = "def look(i):\n    return i\ndef spoil():\n    global look\n    look = None\nspoil()\nprint(look(1))\n"
    assert without_usage(code, ["look"]) == code.removesuffix("print(look(1))\n")


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        ("print(int(input()) + 1)\n", []),
        ("def add(a, b):\n    return a + b\nprint(add(1, 2))\n", []),
        ("def plus(a, b):\n    return a + b\nprint(plus(1, 2))\n", ["add"]),
        ("def add(:\nprint(1)\n", ["add"]),
    ],
)
def test_programs_without_a_called_function_stay_as_they_are(code: str, asked: list[str]) -> None:
    assert without_usage(code, asked) == code


def test_usage_behind_a_completion_goes() -> None:
    prompt = "import math\n\ndef add(a, b):\n"
    found = complete("    return a + b\n\nprint(add(int(input()), 1))\n", prompt, Wanted("python", "add"))
    assert found.code.rstrip() == f"{prompt}    return a + b"
