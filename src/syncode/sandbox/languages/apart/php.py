"""PHP: tests and answer in two interpreters; functions and classes of the answer are declared anew beside the tests."""

import re

from syncode.sandbox.languages import scripted
from syncode.sandbox.languages.apart import Half, pair
from syncode.sandbox.languages.assemble import Commands, Pair, Source, driver, run_step
from syncode.sandbox.languages.joining import split
from syncode.sandbox.limits import Limits

REACHING = re.compile(
    r"\b(?:ob_\w+|expectOutput\w*|php_sapi_name|file_\w+|fopen|fwrite|fgets|readline|unlink|mkdir|tempnam|tmpfile|scandir|glob|is_file"
    r"|include(?:_once)?|require(?:_once)?|eval|create_function|register_shutdown_function|set_(?:error|exception)_handler|ini_set|putenv"
    r"|getenv|srand|mt_srand|rand|mt_rand|random_int|debug_backtrace|get_defined_\w+|get_declared_\w+|get_object_vars|get_class_methods"
    r"|property_exists|var_dump|print_r|var_export|serialize|unserialize|spl_object_\w+|Reflection\w+|error_get_last|func_get_args"
    r"|array_walk|iterator_to_array|clone|insteadof|stream_\w+|pcntl_\w+|exec|shell_exec|system|passthru)\s*\(?"
    r"|\bclone\b|\$GLOBALS\b|^\s*global\s|\$_(?:SERVER|GET|POST|ENV|SESSION|COOKIE|FILES)\b|\bSTD(?:IN|OUT|ERR)\b|\bphp://"
    r"|::\$\w|\bstatic\s+fn?\b(?!\s*\()",
    re.MULTILINE | re.IGNORECASE,
)
"""What reaches into a process, its files, its output, its objects."""
LITERALS = re.compile(r"//[^\n]*|#(?!\[)[^\n]*|/\*.*?\*/|'(?:\\.|[^'\\])*'", re.DOTALL)
_CLASS = re.compile(r"^\s*(?:(?:abstract|final|readonly)\s+)*(?:class|interface|trait)\s+(\w+)", re.MULTILINE)
_ENUM = re.compile(r"^\s*enum\s+(\w+)", re.MULTILINE)
_VARIABLE = re.compile(r"^(\$\w+)\s*(?:\[[^\]\n]*\]\s*)*=(?!=)|^\s*global\s+(\$\w+)|^static\s+(\$\w+)", re.MULTILINE)


def php(source: Source, limits: Limits, commands: Commands) -> Pair | str:
    """`php apart.php tests tests.php LEAST` and `php apart.php answer main.php`; the tests are in the answer's namespace."""
    names = re.findall(r"^[^\S\n]*(?:<\?php\s+)?(namespace\s+[\w\\]+\s*;)", source.code, re.MULTILINE)
    code, tests = split(source.code, source.tests)
    if why := needs_one(LITERALS.sub("''", code), LITERALS.sub("''", tests)):
        return why

    def half(role: str, name: str, text: str, *words: str) -> Half:
        files = {name: f"{text}\n", "apart.php": driver("apart.php")}
        if role == "tests":
            files["comparing.php"] = driver("comparing.php")
        argv = (*scripted.php_command(limits, commands), "apart.php", role, name, *words)
        return files, (run_step(argv, limits, space=True),)

    return pair(
        source,
        limits,
        half("tests", "tests.php", scripted.php_text(tests, *names[-1:]), str(source.least("php"))),
        half("answer", "main.php", scripted.php_text(code)),
    )


def needs_one(code: str, tests: str) -> str:
    """Return what in these texts, comments and literals left out, needs both in one process; an empty string if nothing does."""
    if found := REACHING.search(tests):
        return f"the tests use {found[0].strip()}"
    for name in _ENUM.findall(code):
        if re.search(rf"\b{name}\b", tests):
            return f"the tests use the enum {name}"
    for name in _CLASS.findall(code):
        if re.search(rf"\b(?:extends|implements|use)\s+[\w\\,\s]*\b{name}\b", tests):
            return f"the tests extend {name}"
    own = {name for found in _VARIABLE.findall(code) for name in found if name}
    shared = sorted(name for name in own if re.search(rf"{re.escape(name)}\b", tests))
    return f"the tests and the answer use {shared[0]}" if shared else ""
