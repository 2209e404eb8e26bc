"""What C# text declares, and what stands for it."""

import pytest

from syncode.sandbox.languages.apart.csharp_text import stand_ins
from syncode.sandbox.languages.apart.csharp_tokens import Unread, words


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("a /* } */ b // {\nc", ["a", "b", "c"]),
        ('f($"{(x ? "}" : "{")}{{") + g', ["f", "(", '""', ")", "+", "g"]),
        ('@"a""}" + \'}\'', ['""', "+", "'}'"]),
        ("#region {\n#nullable enable\nx", ["x"]),
    ],
)
def test_literals_and_comments_have_no_braces(text: str, want: list[str]) -> None:
    assert words(text) == want


@pytest.mark.parametrize("text", ["#if false\n", "#define X\n", "int \\u0041;", "int @x;", 'x = $"{a', 'x = "a\n"'])
def test_what_is_not_read_is_said(text: str) -> None:
    with pytest.raises(Unread):
        words(text)


def test_a_stand_in_is_made_of_known_types() -> None:
    made = stand_ins("class P { public static List<(int a, string)> F(int[] x, int n = -1) { return null; } }", set())
    kind = "global::System.Collections.Generic.List"
    assert made.text == [
        "public class P {",
        "int syncode_number;",
        *(
            f'public override {head} {{ throw global::SyncodeApart.Refused("P"); }}'
            for head in ("bool Equals(object other)", "int GetHashCode()", "string ToString()")
        ),
        'public P() { this.syncode_number = global::SyncodeApart.Call<int>("P", ".ctor", new global::System.Type[] {  }, '
        "new object[] {  }, -1); }",
        f"public static {kind}<(int a, string)> F(int[] x, int n = -1) {{ return global::SyncodeApart.Call<"
        f'{kind}<global::System.ValueTuple<int, string>>>("P", "F", new global::System.Type[] '
        "{ typeof(int[]), typeof(int) }, new object[] { x, n }, -1); }",
        "}",
    ]


def test_what_the_answer_leaves_open_stays_open() -> None:
    made = stand_ins("namespace N { static class P { static int F() { if (true) { return 1;", set())
    assert sum(each.count("{") - each.count("}") for each in made.text) == 3
    assert made.objects == set()


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("class P { static T F<T>(T x) { return x; } }", "F"),
        ("class P { static int F(Q x) { return 1; } }", "F"),
        ("class P { static int F(out int x) { x = 1; return 1; } }", "F"),
        ("class P { public int F; }", "F"),
        ("enum F { A }", "F"),
        ("class F<T> { }", "F"),
        ("class P { public static int F { get { return 1; } } }", "F"),
    ],
)
def test_what_has_no_stand_in_is_known_by_name(code: str, name: str) -> None:
    made = stand_ins(code, set())
    assert name in made.others
    assert name not in made.methods


@pytest.mark.parametrize(
    ("code", "mine"),
    [
        ("class P { static bool F(int a, int b) { return true; } }", {"F"}),
        ("static class P { static bool Contains(this int[] a, int b) { return true; } }", set()),
        ("class P { static bool Equals(object a, object b) { return true; } }", set()),
    ],
)
def test_nothing_takes_the_place_of_what_the_tests_or_the_language_have(code: str, mine: set[str]) -> None:
    assert stand_ins(code, mine).methods == set()


@pytest.mark.parametrize(
    "code",
    [
        "class P { public static bool operator ==(P a, int b) { return true; } }",
        "class P { public override bool Equals(object o) { return true; } }",
        "class P : Q { }",
        "abstract class P { }",
        "class P { public P(Q x) { } }",
    ],
)
def test_objects_with_a_say_in_comparisons_are_not_made(code: str) -> None:
    assert stand_ins(code, set()).objects == set()
