"""What in the text of C and C++ tests needs the answer in their own process, and which of its names they use."""

import re
from collections.abc import Sequence

from syncode.sandbox.languages.apart.c_family.declared import Declared
from syncode.sandbox.languages.apart.c_family.words import NAME, Text, closing
from syncode.sandbox.languages.native import ENDING, LIBRARY

_TOGETHER = re.compile(
    r"(?:std\s*::\s*)?(?:thread|jthread|async|pthread_create|fork|vfork|signal|sigaction|setjmp|sigsetjmp|longjmp|freopen|dup2?|pipe"
    r"|fmemopen|open_memstream|rdbuf|cin|scanf|getchar|gets|stdin|srand|srandom|errno|environ|setenv|putenv|getenv|dlsym|fopen"
    r"|ifstream|ofstream|fstream|tmpfile|tmpnam|alarm|ptrace|asm|__asm__|setlocale|dlopen|mmap|noexcept|atexit|set_terminate"
    r"|uncaught_exceptions?|__VA_OPT__|friend|thrd_create|execve?|execvp|popen|syscall|fesetround|feenableexcept|typeid|system_error|regex_error|filesystem_error|future_error|rethrow_if_nested|ios_base"
    r"|current_exception)\Z"
)
"""Names that reach into a process: threads, descriptors, what is one for all of its functions (chosen here)."""
LIBRARY_OF_C = frozenset(
    {
        *LIBRARY, "isfinite", "signbit", "nearbyint", "lround", "llround", "trunc", "hypot", "div", "memmove", "memset", "strcat",
        "strcpy", "strncpy", "strdup", "malloc", "calloc", "realloc", "free", "snprintf", "sprintf", "strtol", "strtod", "atoi",
        "atof", "toupper", "tolower", "isdigit", "isalpha", "isspace", "fputs", "putchar", "perror", "fflush", "fdim",
        "remainder", "log", "log2", "log10", "exp", "sin", "cos", "tan", "cbrt", "strrchr", "qsort", "bsearch", "strtok",
        "vprintf", "vsnprintf", "access", "write", "read", "usleep", "sleep", "time", "clock", "rand", "memchr",
    }
)  # fmt: skip
COMPARING = LIBRARY_OF_C | {
    "max", "min", "swap", "equal", "count", "count_if", "find", "sort", "to_string", "stoi", "accumulate", "all_of",
    "any_of", "none_of", "is_sorted", "is_permutation", "make_pair", "make_tuple", "get", "begin", "end", "size",
    "lexicographical_compare", "mismatch", "terminate", "move", "forward", "tie", "distance", "advance", "next", "prev", "less",
}  # fmt: skip
"""Functions of C's library, and of C++'s, that tests compare with, or that end them (chosen here)."""


_TYPES = frozenset(
    {"int", "long", "short", "char", "float", "double", "signed", "unsigned", "auto", "bool", "void", "const"}
)


def mentioned(tests: Text) -> set[str]:
    """Return the names that stand in tests, those in their macros included."""
    return {each for each in (*tests.words, *tests.inside) if NAME.match(each)}


def together(tests: Text) -> str | None:
    """Return what in tests needs the answer in their process."""
    for word in (*tests.words, *tests.inside):
        if _TOGETHER.match(word):
            return f"the tests use {word}"
    return None


def asked(tests: Text, own: Declared, answer: Declared, macros: set[str], standard: frozenset[str]) -> set[str] | str:
    """Return the names of the answer that tests use and that are not theirs or the language's; or why they are not clear.

    `own`: what the tests declare; `standard`: the functions of the language.
    """
    for word in sorted(macros & _TYPES):
        if word in tests.words:
            return f"the answer gives {word} another meaning"
    theirs = (
        {each.name for each in own.functions if each.defined} | own.classes.keys() | own.aliases.keys() | own.templates
    )
    functions = {each.name for each in answer.functions} | answer.templates | macros
    used = mentioned(tests) - theirs - {"main", *ENDING}
    names = (functions | answer.classes.keys()) & used
    for name in sorted(names & standard):
        if tested(name, tests.words):
            return f"{name} of the standard is what the tests test"
    return names - standard


def tested(name: str, words: Sequence[str]) -> bool:
    """Return whether a function is called with nothing but literals, or is handed on: then it is what tests are about."""
    for at, word in enumerate(words):
        if word != name or words[at - 1] in (".", "->", "::"):
            continue
        if words[at + 1 : at + 2] != ["("]:
            return True
        inner = words[at + 2 : closing(words, at + 1)]
        if inner and not any(
            NAME.match(each) and each not in ("true", "false", "int", "char", "double") for each in inner
        ):
            return True
    return False
