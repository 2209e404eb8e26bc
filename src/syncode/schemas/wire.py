"""A row as a line of JSON and back: orjson does it, and where it would round or refuse a whole number, Python's own parser.

orjson knows 64 bits: a longer whole number (a key of a cryptographic exercise, a benchmark's expected result) would come
out as the nearest float.
"""

import json
import math
import sys
from collections.abc import Callable, Iterator
from typing import Any

import orjson

_DIGITS = bytes(ord("0") if chr(code) in "0123456789" else ord(" ") for code in range(256))
_LONG = b"0" * 19  # digits from which on a number may need more than 64 bits
_WINDOW = 1 << 20  # bytes looked through at once for them (chosen here): a long line is not copied whole
_DEEPEST = 1024  # levels of lists and objects that orjson reads


def loads(line: bytes) -> Any:
    """Return the value of a line, its whole numbers exact. Raises ValueError where it is no JSON.

    What few programs could read again is no JSON here: NaN, numbers beyond 1e308, half of a surrogate pair.
    """
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        if not _has_long_number(line) or (value := _by_python(line)) is None:
            raise _explained(line, error) from error
        return value
    if not _has_long_number(line):
        return value
    try:
        return json.loads(line)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def _by_python(line: bytes) -> Any:
    """Return the value of a line that orjson refuses only for a whole number beyond the floats; None if it is no JSON."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if next(_not_json(value, ""), None) is None else None


def _has_long_number(line: bytes) -> bool:
    if len(line) <= _WINDOW:
        return _LONG in line.translate(_DIGITS)  # ten times as fast as a regular expression
    step = _WINDOW - len(_LONG)
    return any(_LONG in line[start : start + _WINDOW].translate(_DIGITS) for start in range(0, len(line), step))


def _explained(line: bytes, error: ValueError) -> ValueError:
    """Return an error that names the key whose value Python's own parser takes and JSON does not have, or the error itself."""
    try:
        value = json.loads(line)
    except UnicodeDecodeError as wrong:
        byte = f"byte {wrong.start + 1} is 0x{line[wrong.start]:02x}"
        return ValueError(f"not UTF-8: {byte}; if it is text, convert it, as with iconv -f latin1 -t utf-8")
    except RecursionError:
        return error
    except ValueError as wrong:
        longer = f"a whole number has more than {sys.get_int_max_str_digits():,} digits"
        return (
            ValueError(longer)
            if "integer string conversion" in str(wrong)
            else wrong
            if "infinity" in str(error)
            else error
        )
    return next((ValueError(f"{key!r} {why}") for key, why in _not_json(value, "")), error)


def _not_json(value: Any, key: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, float) and not math.isfinite(value):
        name = "NaN" if math.isnan(value) else "infinite, or beyond 1e308"
        yield key, f"is {name}: JSON has no such number, null says that there is none"
    elif isinstance(value, str) and any("\ud800" <= letter <= "\udfff" for letter in value):
        yield key, "holds half of a surrogate pair, which is no character"
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _not_json(each, f"{key}.{name}" if key else name)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _not_json(each, f"{key}[{index}]")


def dumps(value: Any, *, sort_keys: bool = False, default: Callable[[Any], Any] | None = None) -> bytes:
    """Return the value as a line of JSON without newline; `default` replaces what is no JSON value.

    Raises ValueError for text and numbers that JSON cannot hold, and for values nested deeper than `loads` reads.
    """
    try:
        return orjson.dumps(value, default, orjson.OPT_SORT_KEYS if sort_keys else None)
    except orjson.JSONEncodeError:  # a long number, or 255 levels deep
        try:
            return _deep_dumps(value, sort_keys, default)
        except RecursionError as error:
            raise ValueError("nested too deep") from error


def _deep_dumps(value: Any, sort_keys: bool, default: Callable[[Any], Any] | None) -> bytes:
    # Python's limit is about as deep as what orjson reads; its own frames count too.
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, 4 * _DEEPEST))
    try:
        text = json.dumps(
            value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=sort_keys, default=default
        )
    finally:
        sys.setrecursionlimit(limit)
    return text.encode()
