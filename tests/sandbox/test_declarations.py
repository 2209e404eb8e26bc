"""What the text of a Go or Rust answer declares, and which texts are left to be run beside it."""

import re

import pytest

from syncode.sandbox import LANGUAGES, Limits, Source
from syncode.sandbox.languages.apart import go_text, rust_file
from syncode.sandbox.languages.apart.go_tokens import written
from syncode.sandbox.languages.apart.rust_tests import types_named
from syncode.sandbox.languages.apart.rust_tokens import scan

COMMANDS = {"go": "go", "rustc": "rustc", "version": "1", "shown": "/shown"}
GO = r"""
package main // import "not"
import ("fmt"; m "math"
  _ "os")
/* func no() {} */
type Stack[T any] struct { items []T; f func(int, ...string) (T, error) `json:"}"` }
func (s *Stack[T]) Push(x, y T, more ...T) (n int) { s.items = append(s.items, x); fmt.Println("}", '"', `{`, m.Pi); return }
const ( A = iota; B )
var E, F = 1, map[string]int{"a": 1}
"""
RUST = r"""
#![allow(dead_code)] /* /* fn no() {} */ */
use std::collections::HashMap;
#[derive(Debug, Clone)] pub struct P<'a, T: Ord> { pub name: &'a str, at: Vec<(T, [u8; 2])> }
impl<'a, T: Ord> P<'a, T> {
  const N: usize = 3;
  pub fn of(self, mut a: &mut [T], c: char) -> Option<&'a str> where T: Clone { let q = '}'; let s = r#"{"#; None } }
pub enum E { A(i32), B { x: f64 }, C = 7 }
macro_rules! mac { () => { fn no() {} } }
fn f<F>(g: F) -> Result<(), String> where F: Fn(&str) -> bool { Ok(()) }
"""


def test_a_go_file() -> None:
    file = go_text.read(GO)
    assert file.imports == [("", "fmt"), ("m", "math"), ("_", "os")]
    assert file.names == {"Stack", "A", "B", "E", "F"}
    (push,) = file.functions
    assert (push.receiver, push.changes, push.own, push.name) == ("Stack", True, ("T",), "Push")
    assert [(each.name, written(each.kind), each.many) for each in push.parameters] == [
        ("x", "T", False),
        ("y", "T", False),
        ("more", "T", True),
    ]


def test_a_rust_file() -> None:
    file = rust_file.read(RUST)
    assert file.names == {"P", "E", "f"}
    assert file.macros == {"mac"}
    ((name, fields, _),) = file.types["P"].variants
    assert (name, [field for field, _ in fields], file.types["P"].lives) == ("P", ["name", "at"], 1)
    (of,) = file.impls[0].functions
    assert (of.takes, [kind.form for kind in of.parameters], of.result.name) == (
        "self",
        ["reference", "path"],
        "Option",
    )
    assert [variant for variant, _, _ in file.types["E"].variants] == ["A", "B", "C"]


@pytest.mark.parametrize(
    ("language", "code", "tests", "why"),
    [
        ("go", "func f() chan int { return nil }", "func main() { f() }", "f: the type chan"),
        ("go", "func max(a, b int) int { return a }", "func main() { max(1, 2) }", "max may be"),
        (
            "go",
            "type T int\nfunc (T) Is(error) bool { return true }\nfunc f() {}",
            "func main() { f() }",
            "a method Is",
        ),
        ("go", "func f(n *N) {}", "type N struct{}\nfunc main() { f(nil) }", "uses N of the tests"),
        ("go", "func f() {}", "func f() {}\nfunc main() { f() }", "declare f, too"),
        ("go", "func f() {}", 'import "os"\nfunc main() { f(); os.ReadFile("x") }', "use the system"),
        ("go", "func f() {", "func main() { f() }", "never closed|ends early"),
        ("go", "func g() {}", "func main() { f() }", "name nothing"),
        ("rust", "fn f() -> Box<dyn Fn()> { todo!() } mod m {}", "fn main() { m::g() }", "the module m"),
        (
            "rust",
            "struct D; impl Drop for D { fn drop(&mut self) {} } fn f() -> D { D }",
            "fn main() { f(); }",
            "dropped",
        ),
        ("rust", "fn f(a: std::rc::Rc<i32>) {}", "fn main() { f() }", "the type std::rc::Rc"),
        ("rust", "enum Option { A } fn f() -> Option { Option::A }", "fn main() { f() }", "another one"),
        ("rust", "fn f() {}", "fn main() { f(); std::env::args(); }", "use env"),
        ("rust", "fn f() {}", "fn f() {} fn main() { f(); }", "declare f, too"),
        ("rust", "fn f() {}", "fn g() { f(); }", "no main"),
    ],
)
def test_what_needs_the_answer_beside_the_tests(language: str, code: str, tests: str, why: str) -> None:
    pair = LANGUAGES[language].pair
    assert pair is not None
    reason = pair(Source(code, tests, "token"), Limits(), COMMANDS)
    assert isinstance(reason, str)
    assert re.search(why, reason), reason


def test_types_that_rust_tests_name() -> None:
    """Any other type of the answer has no operator in the tests' half: it would get what they expect."""
    text = """
    use std::collections::HashMap; const EPS: f64 = 1e-6;
    fn t(s: Shape) -> Area { let p = Point { x: 1 }; let q: Stack<i32> = Stack::new(); Unit(3);
      let m: HashMap<i32, i32> = HashMap::new(); if a > EPS { } if b == MAX { } assert!(c < LIMIT, "x"); f64::EPSILON; }
    """
    assert types_named(scan(text)) == {"Shape", "Area", "Point", "Stack", "Unit"}
