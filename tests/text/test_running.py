"""Which of the pieces of an answer is the program that reads stdin."""

import pytest

from syncode.stages.execute.jobs import spoken_in
from syncode.text.program import Wanted, find_program
from syncode.text.program.running import reads

GOOD = (
    "import sys\n\ndef solve():\n    data = sys.stdin.read().split()\n    print(sum(map(int, data[1:])))\n\nsolve()\n"
)
SLOW = (
    "def main():\n    n = int(input())\n    numbers = list(map(int, input().split()))\n    total = 0\n    for i in range(n):\n"
    "        for j in range(n):\n            if i == j:\n                total += numbers[i]\n    print(total)\n\nmain()\n"
)
CPP = "#include <iostream>\nusing namespace std;\n"
CPP += "int main() { long long n, x, s = 0; cin >> n; while (cin >> x) s += x; cout << s; }\n"
WORKED = (
    "numbers = [1, 2, 3]\ntotal = 0\nfor number in numbers:\n    total += number\n"
    + "# a step\n" * 30
    + "print(total)\n"
)


def block(code: str, tag: str = "python") -> str:
    return f"```{tag}\n{code}```\n"


FORMS = {
    "one block": f"Here:\n{block(GOOD)}Done.",
    "slow one first": f"A brute force (too slow):\n{block(SLOW)}The efficient solution:\n{block(GOOD)}",
    "slow one last": f"The solution:\n{block(GOOD)}For comparison, a slow version that would time out:\n{block(SLOW)}",
    "corrected": f"Attempt 1:\n{block(SLOW)}Wait, that is too slow. Corrected code:\n{block(GOOD)}",
    "a longer worked example": f"{block(GOOD)}A worked example:\n{block(WORKED)}",
    "a sample input": f"{block(GOOD)}Sample input:\n{block('100' + ' 1' * 300 + chr(10), '')}",
    "how to run it": f"{block(GOOD)}Run it:\n{block('echo 3 1 2 3 | python main.py' + chr(10), 'bash')}",
    "thoughts": f"<think>maybe\n{block(SLOW)}</think>\n{block(GOOD)}",
    "unclosed": f"```python\n{GOOD}",
    "untagged": block(GOOD, ""),
    "no fence": GOOD,
}


@pytest.mark.parametrize("form", FORMS)
def test_the_program_that_reads_is_taken(form: str) -> None:
    found = find_program(FORMS[form], Wanted("python", reads=True))
    assert found.code.strip() == GOOD.strip()


def test_a_program_in_two_blocks_is_joined() -> None:
    helper = "import sys\n\ndef numbers():\n    return list(map(int, sys.stdin.read().split()))\n"
    answer = f"First a helper:\n{block(helper)}Then the program:\n{block('print(sum(numbers()))' + chr(10))}"
    found = find_program(answer, Wanted("python", reads=True))
    assert found.code.index("def numbers") < found.code.index("print(sum(numbers()))") and "import sys" in found.code


def test_a_program_that_reads_nothing_is_still_found() -> None:
    found = find_program(f"It prints a constant.\n{block('print(42)' + chr(10))}", Wanted("python", reads=True))
    assert found.code == "print(42)\n"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (f"{block(CPP, 'cpp')}Compile it:\n{block('g++ main.cpp && ./a.out < input.txt' + chr(10), 'bash')}", "cpp"),
        (block(CPP, "c++"), "cpp"),
        (block(CPP, ""), "cpp"),
        (CPP, "cpp"),
        (f"The idea in Python:\n{block('total = sum(numbers)' + chr(10))}In full:\n{block(CPP, 'cpp')}", "cpp"),
        (block(GOOD), "python"),
        (GOOD, "python"),
        ("I cannot solve this.", "python"),
    ],
)
def test_the_language_of_a_whole_program(text: str, language: str) -> None:
    assert spoken_in({"text": text}) == language


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("python", "n = int(open(0).readline())"),
        ("c", 'scanf("%d", &n);'),
        ("java", "new Scanner(System.in)"),
        ("javascript", "require('fs').readFileSync('/dev/stdin')"),
        ("php", "file_get_contents('php://stdin')"),
        ("perl", "my $n = <STDIN>;"),
        ("r", "x <- scan(file('stdin'))"),
        ("kotlin", "val n = readln()"),
    ],
)
def test_reading_is_told_by_its_words(language: str, code: str) -> None:
    assert reads(code, language)
    assert (
        not reads("x = 1", language) or language == "kotlin"
    )  # of a language that is not in the table nothing is known
