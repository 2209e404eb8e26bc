"""Tasks in MultiPL-E's form, whose tests close the braces of the prompt, answered in the ways in which models answer."""

from typing import Any

import pytest

from syncode.sandbox import Sandbox, ready
from syncode.stages.execute.stage import Bench, execute
from syncode.stages.tasks.readers import find_reader

PROMPTS = {
    "cpp": "#include<assert.h>\n#include<bits/stdc++.h>\n// The sum (of two).\nlong total(long x, long y) {\n",
    "cs": "using System;\nusing System.Diagnostics;\nclass Problem {\n    public static long Total(long x, long y) {\n",
    "java": "import java.util.*;\nclass Problem {\n    // The sum.\n    public static long total(long x, long y) {\n",
    "sh": "#!/bin/bash\n# The sum.\n#\n# $1 is an integer\n# $2 is an integer\ntotal() {\n",
    "rs": "/// The sum.\nfn total(x: isize, y: isize) -> isize {\n",
    "go_test.go": 'package total_test\n\nimport (\n    "testing"\n    "fmt"\n)\n\n// The sum.\nfunc total(x int, y int) int {\n',
    "php": "<?php\n// The sum.\nfunction total($x, $y) {\n",
    "pl": "# The sum.\nsub total {\n    my($x, $y) = @_;\n",
    "r": "# The sum.\ntotal <- function(x, y) {\n",
    "lua": "-- The sum.\nlocal function total(x, y)\n",
}
TESTS = {
    "cpp": "}\nint main() {\n    auto candidate = total;\n    assert(candidate((2), (3)) == (5));\n}\n",
    "cs": "    }\n    public static void Main(string[] args) {\n    Debug.Assert(Total((2L), (3L)) == (5L));\n    }\n\n}\n",
    "java": "    }\n    public static void main(String[] args) {\n    assert(total((2l), (3l)) == (5l));\n    }\n\n}\n",
    "sh": '}\n\ncandidate() {\n    total "$@"\n}\n\nset -e\nrun_test() {\n    [[ $(candidate "2" "3") = "5" ]]\n}\n\nrun_test',
    "rs": "}\n\nfn main() {\n    let candidate = total;\n    assert_eq!(candidate(2, 3), 5);\n}\n",
    "go_test.go": 'func TestTotal(t *testing.T) {\n  if fmt.Sprintf("%v", total(2, 3)) != "5" { t.Errorf("no") }\n}\n',
    "php": 'if (total(2, 3) !== 5) { throw new Exception("Test failed!"); }\n',
    "pl": "use Test::Deep;\nmy $candidate = \\&total;\nif (eq_deeply($candidate->(2, 3), 5)) { print 'ok!' } else { exit 1; }\n",
    "r": "candidate <- total\nif(!identical(candidate(2, 3), 5)){quit('no', 1)}\n",
    "lua": "lu = require('luaunit')\nfunction test_it()\n  lu.assertEquals(total(2, 3), 5)\nend\nos.exit(lu.LuaUnit.run())",
}
BODIES = {  # what goes on from the prompt, and what else a whole program needs
    "cpp": ("    return x + y;\n", "}\n"),
    "cs": ("        return x + y;\n", "    }\n}\n"),
    "java": ("        return x + y;\n", "    }\n}\n"),
    "sh": ("    echo $(($1 + $2)) # {\n", "}\n"),
    "rs": ("    x + y\n", "}\n"),
    "go_test.go": ("    return x + y\n}\n", ""),
    "php": ("    return $x + $y;\n}\n", ""),
    "pl": ("    return $x + $y;\n}\n", ""),
    "r": ("  x + y\n}\n", ""),
    "lua": ("  return x + y\nend\n", ""),
}
DEMONSTRATIONS = {
    "cpp": "int main() {\n    std::cout << total(1, 2);\n    return 0;\n}\n",
    "cs": "class Demo { public static void Main(string[] a) { Console.WriteLine(Problem.Total(1, 2)); } }\n",
    "java": "class Demo { public static void main(String[] a) { System.out.println(Problem.total(1, 2)); } }\n",
    "sh": "total 1 2\n",
    "rs": 'fn main() {\n    println!("{}", total(1, 2));\n}\n',
    "go_test.go": "func main() {\n\tfmt.Println(total(1, 2))\n}\n",
    "php": "echo total(1, 2);\n?>\n",
    "pl": "print total(1, 2);\n",
    "r": "print(total(1, 2))\n",
    "lua": "print(total(1, 2))\n",
}


def answers(extension: str, body: str, closing: str) -> dict[str, dict[str, str]]:
    """Return the forms: a completion, the whole program with a demonstration, the function alone."""
    prompt = PROMPTS[extension]
    function = prompt[
        prompt.index(next(line for line in prompt.splitlines() if "otal" in line and "package" not in line)) :
    ]
    alone = closing.removesuffix("}\n") if extension in ("cs", "java") else closing
    return {
        "completion": {"completion": body},
        "whole": {"text": f"Here it is.\n```\n{prompt}{body}{closing}{DEMONSTRATIONS[extension]}```\nEnjoy."},
        "function": {"text": f"```\n{function}{body}{alone}```"},
    }


@pytest.mark.parametrize("extension", PROMPTS)
def test_every_form_of_an_answer(extension: str, sandbox: Sandbox) -> None:
    reader = find_reader("multipl-e")
    assert reader is not None
    published: dict[str, Any] = {"name": "Sums_1_total", "language": extension, "prompt": PROMPTS[extension]}
    published |= {"doctests": "transform", "original": "x.py", "prompt_terminology": "reworded", "stop_tokens": ["\n}"]}
    task = reader.read({**published, "tests": TESTS[extension]})
    if isinstance(missing := ready(task["language"]), str):
        pytest.skip(f"{task['language']}: {missing}")
    bench = Bench(sandbox, {task["id"]: task})
    body, closing = BODIES[extension]
    for right in (True, False):
        said = answers(extension, body if right else body.replace("+", "-", 1), closing)
        for form, answer in said.items():
            (row,) = execute({"task_id": task["id"], **answer}, bench)
            assert row["state"] in (("pass",) if right else ("fail", "error")), (form, row)
