"""What in the text of Ruby and Perl tests shows that they need the answer in their own process."""

import pytest

from syncode.sandbox.languages.apart import perl, ruby


@pytest.mark.parametrize(
    ("code", "tests", "why"),
    [
        ("def f = 1", "raise unless f == 1", ""),
        ("def f = 1", "raise '$stdout' unless f == 1  # $stdout", ""),
        ("def f = puts(1)", "$stdout = out\nf", "the tests use $stdout"),
        ("def f = 1", "t = Process.clock_gettime(0)\nraise unless f == 1", ""),
        ("def f = 1", "Process.kill(9, f)", "the tests use Process."),
        ("$n = 0\ndef f = $n", "$n = 5\nraise unless f == 5", "both use $n"),
        ("class S\n  def initialize = @s = 1\nend", "def setup = @s = S.new\nraise unless @s", ""),
        ("@s = 1", "raise unless @s == 1", "the tests read @s"),
        ("class String\n  def shout = upcase\nend", "raise unless 'a'.shout == 'A'", "the answer changes a class"),
        ("class String\n  def shout = upcase\nend\ndef f(s) = s.shout", "raise unless f('a') == 'A'", ""),
    ],
)
def test_ruby(code: str, tests: str, why: str) -> None:
    found = ruby.needs_one(ruby.LITERALS.sub("''", code), ruby.LITERALS.sub("''", tests))
    assert found.startswith(why) and bool(found) == bool(why), found


@pytest.mark.parametrize(
    ("code", "tests", "why"),
    [
        ("sub f { 1 }", "my $x = f(); die 'open' unless $x == 1; # open", ""),
        ("sub f { print 1 }", "open my $out, '>', \\my $text; select $out; f();", "the tests use open"),
        ("our $n = 0; sub f { $n++ }", "f(); die unless $n == 1;", "the tests read n of the answer"),
        ("our $n = 0; sub f { $n++ }", "my $n = f(); die unless $n == 0;", ""),
        ("package A; our $V = 2;", "die unless $A::V == 2;", "the tests read $A::V of the answer"),
        ("sub f { 1 }", "local $Data::Dumper::Indent = 1; die unless f() == 1;", ""),
        ("sub f { 1 }", "no warnings; *main::g = sub { 2 };\n*main::f = sub { 2 };", "the tests use *main::g"),
        ("package A; sub f { 1 }", "package A;\nsub g { 1 }", "the tests go on with the package A"),
        ("sub f :lvalue { $x }", "f() = 3;", "a value of the answer has a function behind it"),
        ("sub f { 1 }", "my %h = (open => f()); die unless $h{open} == 1;", ""),
    ],
)
def test_perl(code: str, tests: str, why: str) -> None:
    found = perl.needs_one(perl.LITERALS.sub("''", code), perl.LITERALS.sub("''", tests))
    assert found.startswith(why) and bool(found) == bool(why), found


@pytest.mark.parametrize(
    ("code", "package"),
    [
        ("sub f { 1 }", ""),
        ("package A;\nsub f { 1 }\n1;", "package A;"),
        ("package A; sub f { 1 } package main; sub g { 2 }", "package main;"),
        ("BEGIN { $INC{x} = 1; package A; sub f { 1 } }\nsub g { 2 }", ""),
    ],
)
def test_tests_begin_in_the_package_in_which_the_answer_ends(code: str, package: str) -> None:
    assert perl.last_package(code) == package
