"""PHP: tests and answer in two interpreters; functions, classes and closures of the one have stand-ins in the other."""

import re

from syncode.sandbox.languages import ending
from syncode.sandbox.languages.apart import Half, pair
from syncode.sandbox.languages.assemble import Commands, Pair, Source, driver, run_step
from syncode.sandbox.languages.joining import split
from syncode.sandbox.languages.scripted import php_command, php_text
from syncode.sandbox.limits import Limits

REACHING = re.compile(
    r"\$(?:GLOBALS|_\w+|argv|argc)\b|\bSTDIN\b|::\s*\$\w+(?!\s*\()|\bdeclare\s*\(\s*ticks"
    r"|(?<![\w>:$])(?:ob_\w+|eval|set_(?:error|exception)_handler|restore_\w+_handler|error_get_last|register_shutdown_function"
    r"|spl_autoload\w*|debug_\w+|get_defined_\w+|get_declared_\w+|func_overload|pcntl_\w+|posix_\w+|proc_open|popen|shell_exec|exec"
    r"|system|passthru|(?:mt_)?srand|setlocale|date_default_timezone_set|putenv|getenv|mb_internal_encoding|bcscale|fopen|tempnam|tmpfile"
    r"|sys_get_temp_dir|file|file_(?:get|put)_contents|unlink|mkdir|rmdir|touch|opendir|scandir|glob|readline|fscanf|stream_\w+"
    r"|memory_get_\w+|gc_\w+|get_included_files|class_alias|apcu?_\w+|ini_get|runkit\w*|getmypid)\s*\("
    r"|\bini_set\s*\(\s*(?!['\"](?:assert|zend|display|error|log|html|memory|max_|xdebug))"
    r"|\b(?:Reflection\w*|WeakMap|WeakReference|SplFileObject|Fiber|FFI|Closure::bind|bindTo)\b|->\s*call\s*\(\s*\$|\bnew\s+class\b"
)
"""What reaches into a process, its files, its output, its settings, its random numbers, or asks how something is written."""
COMMENTS = re.compile(r"//[^\n]*|#(?!\[)[^\n]*|/\*.*?\*/|'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"", re.DOTALL)
_ZONE = re.compile(
    r"\b(?:date_default_timezone_set|setlocale|mb_internal_encoding|bcscale)\s*\(|\bini_set\s*\(\s*['\"](?:precision|serialize)"
)


_STRICT = re.compile(r"\bdeclare\s*\(\s*strict_types\s*=\s*1")


def php(source: Source, limits: Limits, commands: Commands) -> Pair | str:
    """`php apart_tests.php tests.php LEAST` and `php apart_answer.php main.php`; the tests are in the namespace of the answer."""
    names = re.findall(r"^[^\S\n]*(?:<\?php\s+)?(namespace\s+[\w\\]+\s*;)", source.code, re.MULTILINE)
    code, tests = split(source.code, ending.plain("php", source.tests))
    if why := needs_one(code, tests):
        return why

    def half(name: str, text: str, role: str, *words: str) -> Half:
        files = {name: text, **{each: driver(each) for each in (role, *CHANNEL)}}
        argv = (*php_command(limits, commands), "-d", "zend.exception_ignore_args=1", role, name, *words)
        return files, (run_step(argv, limits, space=True),)

    return pair(
        source,
        limits,
        half("tests.php", f"{php_text(tests, *names[-1:])}\n", "apart_tests.php", str(source.least("php"))),
        half("main.php", f"{php_text(code)}\n", "apart_answer.php", "strict" if _STRICT.search(tests) else "loose"),
    )


CHANNEL = ("apart.php", "apart_stand_ins.php", "comparing.php")


def needs_one(code: str, tests: str) -> str:
    """Return what in these texts needs answer and tests in one process; an empty string if nothing does."""
    plain = COMMENTS.sub(_kept, tests)
    if found := REACHING.search(plain):
        return f"the tests use {found[0].strip()}"
    if found := _ZONE.search(code):
        return f"the answer uses {found[0]}"
    shared = {name for each in re.findall(r"\bglobal\s+([^;]+);", code) for name in re.findall(r"\$\w+", each)} | {
        f"${name}" for name in re.findall(r"\$GLOBALS\[\s*['\"](\w+)", code)
    }
    if used := sorted(shared & set(re.findall(r"\$\w+", tests))):
        return f"the answer uses {used[0]}, and so do the tests"
    classes = set(re.findall(r"\b(?:class|interface)\s+(\w+)", code))
    traits = set(re.findall(r"\btrait\s+(\w+)", code))
    for word, names in re.findall(r"\b(extends|implements|use)\s+([\w\\,\s]+)", plain):
        if going_on := sorted((traits if word == "use" else classes) & set(re.findall(r"\w+", names))):
            return f"the tests go on with {going_on[0]}, which the answer has defined"
    return ""


def _kept(found: re.Match[str]) -> str:
    """Leave comments out, and of literals the first word, which is what `ini_set` is asked for."""
    return found[0] if re.fullmatch(r"['\"][\w.]*['\"]", found[0]) else "''"
