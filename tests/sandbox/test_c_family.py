"""What is read in the text of C and C++ programs before their tests run apart from the answer."""

import pytest

from syncode.sandbox.languages import warm
from syncode.sandbox.languages.apart.c_family import reach
from syncode.sandbox.languages.apart.c_family.declared import Reader
from syncode.sandbox.languages.apart.c_family.plan import Plan
from syncode.sandbox.languages.apart.c_family.words import marked, read, strange


def signatures(code: str, plus: bool) -> list[str]:
    """Return what each function of a program looks like, or why it is not known."""
    return [
        each.problem
        or f"{each.result.spelled} {each.name}({', '.join(one.type.spelled for one in each.parameters)}) {each.least}"
        for each in Reader(read(code), plus).found.functions
    ]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("#define ll long long\nll f(ll a = 3) { return a; }", "long long f(long long) 0"),
        ("typedef std::vector<std::pair<int, string>> V; V f(const V &v) noexcept {", None),
        ("auto f(int x) -> std::map<int, std::string> { return {}; }", "std::map<int, std::string> f(int) 1"),
        ("int unsigned long f(char const *s) { }", "unsigned long f(const char *) 1"),
        ("int f(std::function<int(int, const string&)> g) { }", "int f(std::function<int(int, const std::string&)>) 1"),
        ("bool operator==(const A &, const A &) { }\nint f(int x) { }", "int f(int) 1"),
        ("int f(Unknown x) { }", "the type Unknown"),
        ("/* int g( */ const char *s = R\"(int h(){)\"; int f() { return '{'; }", "int f() 0"),
    ],
)
def test_signatures_of_cpp(code: str, expected: str | None) -> None:
    vector = "std::vector<std::pair<int, std::string>>"
    assert signatures(code, True) == [expected or f"{vector} f(const {vector}&) 1"]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("typedef struct { int x; } P; P *f(P p, int m[][3]) { }", "P * f(P, int (*)[3]) 2"),
        ("typedef int (*op)(int); int f(op g, double (*h)(void)) { }", "int f(int (*)(int), double (*)(void)) 2"),
        ("int f(int n, ...) { }", "the type ..."),
        ("struct Node { struct Node *next; }; void f(struct Node *n) { }", "void f(struct Node *) 1"),
    ],
)
def test_signatures_of_c(code: str, expected: str) -> None:
    assert signatures(code, False) == [expected]


def test_spellings_that_are_not_read() -> None:
    assert strange("int f() <% return 0; %>") and strange('R"(' * 1000)
    assert not strange('printf("<%d>", x); // ??=')


def test_macros_without_end_are_an_error() -> None:
    laughs = "".join(f"#define a{each} a{each + 1} a{each + 1}\n" for each in range(60))
    with pytest.raises(RecursionError):
        Reader(read(f"{laughs}a0"), False)


@pytest.mark.parametrize(
    ("tests", "expected"),
    [
        ("assert(f((int[]){1, 2}, 2) == 3);", "assert(f(SIZE((int[]){1, 2}), 2) == 3);"),
        ("int *f(int *a, int n); f(NULL, 0);", None),
        ('x = "f(a, 1)"; // f(a, 1)', None),
        (
            "#define CHECK(a) assert(f(a, 2))\nreturn f(&a[1], 2);",
            "#define CHECK(a) assert(f(SIZE(a), 2))\nreturn f(SIZE(&a[1]), 2);",
        ),
    ],
)
def test_arrays_are_marked_where_they_are_handed_over(tests: str, expected: str | None) -> None:
    assert marked(tests, {"f": [0]}, "SIZE") == (expected or tests)


@pytest.mark.parametrize(
    ("code", "tests", "expected"),
    [
        ("double fabs(double x); double f(double x);", "assert(fabs(f(3) - 9) < 1);", {"f"}),
        ("int max(int, int); int f(int);", "assert(max(f(3), f(2)) == 9);", {"f"}),
        ("int max(int, int); int f(int);", "assert(max(a, b) == 9); f(1);", None),
        ("int max(int, int);", "assert(max(a, b) == 9);", {"max"}),
        (
            "int f(int); bool same(int, int);",
            "bool same(int a, int b) { return a == b; } assert(same(f(3), 9));",
            {"f"},
        ),
        ("int f(int); int abs(int);", "assert(std::abs(f(3)) == 9);", {"f"}),
        ("#define int long long\nint f(int x) { }", "int x = f(3);", None),
    ],
)
def test_names_of_the_language_are_the_languages(code: str, tests: str, expected: set[str] | None) -> None:
    answer, text = read(code), read(tests)
    asked = reach.asked(text, Reader(text, True).found, Reader(answer, True).found, set(answer.macros), True)
    assert asked == expected if expected else isinstance(asked, str)


@pytest.mark.parametrize(
    ("code", "tests"),
    [
        ("int f(int x) { return x; }", "int main() { std::cout.rdbuf(); f(1); }"),
        ("class A { int &x; public: A(int &x) : x(x) { } };", "int main() { int x; A a(x); }"),
        ("class A { public: virtual int f() { return 1; } };", "class B : public A { }; int main() { B().f(); }"),
        ("class A { public: int f() { return 1; } };", "int main() { A a; assert(sizeof(a) == 1 && a.f()); }"),
        ("template <class T> T f(T x) { return x; }", "int main() { assert(f(1) == 1); }"),
    ],
)
def test_what_needs_the_answer_is_found(code: str, tests: str) -> None:
    assert isinstance(Plan.of(read(code), read(tests)), str)


def test_only_programs_that_need_them_get_all_headers() -> None:
    for text, heavy in (
        ("std::vector<int> v;", False),
        ("std::regex r;", True),
        ("std::lock_guard<std::mutex> g(m);", True),
    ):
        assert bool(warm.HEAVY_NAMES.search(text)) is heavy
