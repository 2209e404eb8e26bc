"""Ruby: tests and answer in two interpreters; methods, classes and blocks of the one have stand-ins in the other."""

import re

from syncode.sandbox.languages.apart import Half, pair
from syncode.sandbox.languages.assemble import Commands, Pair, Source, driver, run_step
from syncode.sandbox.languages.joining import HASHES, split
from syncode.sandbox.limits import Limits

REACHING = re.compile(
    r"\$(?:stdout|stderr|stdin)\b|\bSTD(?:OUT|ERR|IN)\b|\b(?:capture_\w*io|assert_output|assert_silent|must_output|must_be_silent|to_stdout|to_stderr|ENV|ARGV)\b"
    r"|\b(?:File|Dir|IO|Tempfile|Pathname|FileUtils|Thread|Ractor|ObjectSpace|Signal|Marshal)\b|\bProcess\.(?!clock_gettime)"
    r"|\b(?:fork|trap|binding|at_exit|srand|stub|stub_any_instance|Mock|remove_const|global_variables|local_variables)\b"
    r"|\.(?:arity|parameters|source_location|instance_method|ancestors)(?!\w)|^\s*using\s+[A-Z]",
    re.MULTILINE,
)
"""What reaches into a process, its files, its output, its random numbers, or asks how something is written."""
LITERALS = re.compile(
    r"(?:(?<=^)|(?<=\s))#(?!\{)[^\n]*|'(?:\\.|[^'\\\n])*'|\"(?:\\.|#(?![{$@])|[^\"\\\n#])*\"", re.MULTILINE
)
CORE = (
    r"(?:Integer|Float|Numeric|String|Symbol|Array|Hash|Range|NilClass|TrueClass|FalseClass|Object|Kernel|BasicObject|Proc"
    r"|Comparable|Enumerable|Enumerator|Struct|Rational|Complex|Exception|StandardError|RuntimeError|Module|Class|Method|Regexp|Time)"
)
PATCHES = re.compile(
    rf"^\s*(?:class|module)\s+(?:::)?{CORE}\s*$|\b{CORE}\.(?:class_eval|class_exec|prepend|include|define_method|send|alias_method)\b"
    rf"|^\s*(?:class|module)\s+(?:::)?{CORE}\s*;",
    re.MULTILINE,
)
"""Where an answer opens a class of the language."""


def ruby(source: Source, limits: Limits, commands: Commands) -> Pair | str:
    """`ruby apart_tests.rb tests.rb LEAST` and `ruby apart_answer.rb main.rb`, both without gems where neither needs one."""
    code, tests = split(source.code, source.tests, HASHES)
    why = needs_one(LITERALS.sub("''", code), LITERALS.sub("''", tests))
    if why:
        return why

    def half(name: str, text: str, driver_name: str, *words: str) -> Half:
        files = {name: f"{text}\n", **{each: driver(each) for each in (driver_name, *CHANNEL)}}
        options = ("-W0",) if GEMS.search(text) else BARE
        argv = (commands["ruby"], *options, "-e", RUN.format(driver_name), name, *words)
        return files, (run_step(argv, limits, space=True),)

    return pair(
        source,
        limits,
        half("tests.rb", tests, "apart_tests.rb", str(source.least("ruby"))),
        half("main.rb", code, "apart_answer.rb"),
    )


CHANNEL = ("apart.rb", "apart_values.rb", "apart_stand_ins.rb")
GEMS = re.compile(r"\brequire|\bGem\b|DidYouMean|ErrorHighlight|\bMonitor|RbConfig|NameError|NoMethodError")
BARE = ("-W0", "--disable-gems")
"""Starts in a fifth of the time (10 ms, 60 with gems): for programs that load nothing."""
RUN = "eval(File.read('{0}'), nil, '{0}')"


def needs_one(code: str, tests: str) -> str:
    """Return what in these texts, literals left out, needs answer and tests in one process; an empty string if nothing does."""
    if found := REACHING.search(tests):
        return f"the tests use {found[0].strip()}"
    if PATCHES.search(code) and not _uses(tests, _top_level(code)):
        return "the answer changes a class of the language, and the tests use no name of its own"
    shared = set(re.findall(r"\$[A-Za-z]\w*", code)) & set(re.findall(r"\$[A-Za-z]\w*", tests))
    if shared:
        return f"both use {min(shared)}"
    variables = set(re.findall(r"(?<![@\w:])@@?\w+", tests))
    foreign = {
        each for each in variables if each in code and not re.search(rf"{each}\s*(?:,[^=\n]*)?(?:\|\|)?=[^=~]", tests)
    }
    return f"the tests read {min(foreign)}" if foreign else ""


def _top_level(code: str) -> set[str]:
    return set(re.findall(rf"^(?:def\s+(?:self\.)?|class\s+|module\s+)(?!{CORE}\b)(\w+)", code, re.MULTILINE))


def _uses(tests: str, names: set[str]) -> bool:
    return any(re.search(rf"(?<![\w.]){name}(?!\w)", tests) for name in names)
