"""What in the text of C and C++ tests needs the answer in their own process, and which of its names they use."""

import ctypes
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache
from itertools import pairwise

from syncode.sandbox.languages.apart.c_family.model import Declared
from syncode.sandbox.languages.apart.c_family.words import NAME, Text, closing
from syncode.sandbox.languages.native import CONTROL, ENDING, LIBRARY

_TOGETHER = re.compile(
    r"(?:std\s*::\s*)?(?:thread|jthread|async|pthread_create|fork|vfork|signal|sigaction|setjmp|sigsetjmp|longjmp|freopen|dup2?|pipe"
    r"|fmemopen|open_memstream|rdbuf|cin|scanf|getchar|gets|stdin|srand|srandom|errno|environ|setenv|putenv|getenv|dlsym|fopen"
    r"|ifstream|ofstream|fstream|tmpfile|tmpnam|alarm|ptrace|asm|__asm__|setlocale|dlopen|mmap|noexcept|atexit|set_terminate"
    r"|uncaught_exceptions?|__VA_OPT__|friend|thrd_create|execve?|execvp|popen|syscall|fesetround|feenableexcept|typeid|system_error|regex_error|filesystem_error|future_error|rethrow_if_nested|ios_base"
    r"|current_exception)\Z"
)
"""Names that reach into a process: threads, descriptors, what is one for all of its functions (chosen here)."""
FUNCTIONS_OF_CPP = frozenset(
    {
        "accumulate", "addressof", "adjacent_difference", "adjacent_find", "advance", "align", "all_of", "any_cast", "any_of",
        "apply", "as_const", "back_inserter", "begin", "binary_search", "bind", "cbegin", "cend", "clamp", "conj", "copy",
        "copy_backward", "copy_if", "copy_n", "count", "count_if", "cref", "data", "declval", "destroy", "distance",
        "emplace", "empty", "end", "equal", "equal_range", "exchange", "exclusive_scan", "fill", "fill_n", "find", "find_end",
        "find_first_of", "find_if", "find_if_not", "fixed", "for_each", "for_each_n", "forward", "forward_as_tuple",
        "front_inserter", "gcd", "generate", "generate_n", "get", "get_if", "getline", "hash", "holds_alternative", "imag",
        "includes", "inclusive_scan", "inner_product", "inplace_merge", "inserter", "invoke", "iota", "is_heap",
        "is_heap_until", "is_partitioned", "is_permutation", "is_sorted", "is_sorted_until", "iter_swap", "launder", "lcm",
        "left", "lexicographical_compare", "lower_bound", "make_any", "make_from_tuple", "make_heap", "make_move_iterator",
        "make_optional", "make_pair", "make_reverse_iterator", "make_shared", "make_tuple", "make_unique", "max",
        "max_element", "mem_fn", "merge", "midpoint", "min", "min_element", "minmax", "minmax_element", "mismatch", "move",
        "move_backward", "move_if_noexcept", "next", "next_permutation", "none_of", "norm", "not_fn", "nth_element",
        "partial_sort", "partial_sort_copy", "partial_sum", "partition", "partition_copy", "partition_point", "polar",
        "pop_heap", "prev", "prev_permutation", "proj", "push_heap", "quoted", "rbegin", "real", "reduce", "ref",
        "regex_match", "regex_replace", "regex_search", "remove", "remove_copy", "remove_copy_if", "remove_if", "rend",
        "replace", "replace_copy", "replace_copy_if", "replace_if", "reverse", "reverse_copy", "right", "rotate",
        "rotate_copy", "sample", "search", "search_n", "set_difference", "set_intersection", "set_symmetric_difference",
        "set_union", "setfill", "setprecision", "setw", "shuffle", "size", "sort", "sort_heap", "ssize", "stable_partition",
        "stable_sort", "stod", "stof", "stoi", "stol", "stold", "stoll", "stoul", "stoull", "swap", "swap_ranges",
        "terminate", "tie", "to_address", "to_string", "to_wstring", "transform", "transform_reduce", "tuple_cat",
        "uncaught_exception", "uninitialized_copy", "unique", "unique_copy", "upper_bound", "visit",
    }
)  # fmt: skip
"""Functions of namespace std that have no namesake in C (C++17 and midpoint, ssize)."""


@cache
def exported(name: str) -> bool:
    """Return whether the C library of this machine has something of this name."""
    return any(hasattr(library, name) for library in _libraries())


@cache
def _libraries() -> tuple[ctypes.CDLL, ...]:
    found = [ctypes.CDLL(None)]
    with suppress(OSError):  # the functions of libm are in the C library itself in musl
        found.append(ctypes.CDLL("libm.so.6"))
    return tuple(found)


def taken(name: str) -> bool:
    """Return whether a name has a meaning in tests that no type or constant of the answer may take."""
    return name in CONTROL or name in ENDING or exported(name)


def types(answer: Text, found: Declared) -> set[str]:
    """Return the names of types and constants of an answer, macros that may be one included."""
    constants = {word for body, *_ in found.enums.values() for word in body}
    return {*found.classes, *found.enums, *found.aliases, *found.typedefs, *answer.macros, *constants}


def narrow(found: Declared, macros: dict[str, list[str] | None], used: set[str]) -> str:
    """Return why a type of the answer may not hold what tests put into it: of one that is `bool`, any two numbers are equal."""
    for name in sorted(used):
        alias = found.aliases.get(name)
        words = alias.name.split() if alias else macros.get(name) or []
        if {"bool", "_Bool"} & set(words):
            return f"the tests hold values in {name} of the answer, which is {' '.join(words)}"
    return ""


_TYPES = frozenset(
    {"int", "long", "short", "char", "float", "double", "signed", "unsigned", "auto", "bool", "void", "const"}
)


def mentioned(tests: Text) -> set[str]:
    """Return the names that stand in tests, those in their macros included, those of namespace std not."""
    words = (*tests.words, *tests.inside)
    return {word for at, word in enumerate(words) if NAME.match(word) and words[max(0, at - 2) : at] != ("std", "::")}


def together(tests: Text) -> str | None:
    """Return what in tests needs the answer in their process."""
    for word in (*tests.words, *tests.inside):
        if _TOGETHER.match(word):
            return f"the tests use {word}"
    return None


def asked(tests: Text, own: Declared, answer: Declared, macros: set[str], plus: bool) -> set[str] | str:
    """Return the names of the answer that tests use and that are not theirs or the language's; or why they are not clear.

    `own`: what the tests declare; `plus`: it is C++. A function of the language that tests compare with is the language's,
    whatever the answer has called so.
    """
    for word in sorted(macros & _TYPES):
        if word in tests.words:
            return f"the answer gives {word} another meaning"
    theirs = {each.name for each in own.functions if each.defined} | own.classes.keys()
    used = mentioned(tests) - theirs - own.aliases.keys() - own.templates - {"main", *ENDING}
    functions = ({each.name for each in answer.functions} | answer.templates | macros) & used
    names = functions | (answer.classes.keys() & used)
    standard = {name for name in functions if exported(name) or (plus and name in FUNCTIONS_OF_CPP)}
    for name in sorted(standard):
        comparing = name in LIBRARY and not _tested(name, tests.words)
        if comparing or _wraps(name, tests.words, functions - standard):
            names.discard(name)
        elif exported(name) or len(functions) > 1:
            return f"{name} of the standard may be what the tests test"
    return names


def _tested(name: str, words: Sequence[str]) -> bool:
    """Return whether a function is called with nothing but literals, or is handed on: then it is what tests are about."""
    return any(
        inner is None or (inner and not any(NAME.match(each) and each not in _LITERAL for each in inner))
        for inner in _calls(name, words)
    )


def _wraps(name: str, words: Sequence[str], others: set[str]) -> bool:
    """Return whether each call of a function has a call of one of the others as an argument."""
    return all(
        inner is not None and any(each in others and after == "(" for each, after in pairwise(inner))
        for inner in _calls(name, words)
    )


_LITERAL = _TYPES | {"true", "false", "NULL", "nullptr"}


def _calls(name: str, words: Sequence[str]) -> Iterator[Sequence[str] | None]:
    """Yield the words between the brackets of each call of a function, None for each place that only names it."""
    for at, word in enumerate(words):
        if word == name and words[at - 1] not in (".", "->") and list(words[at - 2 : at]) != ["std", "::"]:
            yield words[at + 2 : closing(words, at + 1)] if words[at + 1 : at + 2] == ["("] else None
