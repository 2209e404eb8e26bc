"""The last statement of tests that exit with what they have counted."""

import pytest

from syncode.sandbox.languages.ending import plain


@pytest.mark.parametrize(
    ("language", "tests", "made"),
    [
        ("javascript", "process.exit(+n);\n", "{ const syncodeLeft = (+n); if (syncodeLeft) process.exit(syncodeLeft); }\n"),
        ("ruby", "t\nexit n", "t\n(syncode_left = (n); exit(syncode_left) unless [0, true, nil].include?(syncode_left))\n"),
        ("perl", "t();\nexit($n);\n", "t();\n{ my $syncode_left = ($n); exit $syncode_left if $syncode_left; }\n"),
        ("php", "t();\nexit($n);\n", "t();\nif (is_int($syncode_left = ($n)) && $syncode_left) exit($syncode_left);\n"),
        ("lua", "os.exit(n)\n", "do local left = n if left ~= nil and left ~= 0 and left ~= true then os.exit(left) end end\n"),
        ("tcl", "t\nexit $n\n", "t\napply {left {if {$left != 0} {exit $left}}} $n\n"),
        ("bash", "t\nexit\n", "t\n(exit $?) || exit $?\n"),
        ("r", "t()\nq('no', 0)\n", "t()\n\n"),
        ("php", "t();\nexit;", "t();\n\n"),
    ],
)  # fmt: skip
def test_an_exit_at_the_end_is_one_only_if_it_says_that_something_is_wrong(
    language: str, tests: str, made: str
) -> None:
    assert plain(language, tests) == made


@pytest.mark.parametrize(
    ("language", "tests"),
    [
        ("ruby", "exit(0)\nt\n"),
        ("ruby", "t\nexit if n.zero?\n"),
        ("perl", "t();\nexit 1 if $n;\n"),
        ("javascript", "if (n) {\n  process.exit(1);\n}\n"),
        ("lua", "os.exit(luaunit.LuaUnit.run())\n"),
        ("python", "sys.exit(n)\n"),
    ],
)
def test_other_exits_stay(language: str, tests: str) -> None:
    assert plain(language, tests) == tests
