"""Where an error stands in what came with status 200: in place of a completion, beside a cut one, or among a stream's chunks."""

from collections.abc import Mapping
from typing import Any

_BESIDE = ("error", "errors")
_INSTEAD = ("detail", "message", "msg", "error_msg", "error_message", "base_resp")
_NO_ERROR = frozenset({"", "0", "200", "ok", "none", "null", "success", "false", "no error"})


def error_of(value: Mapping[str, Any]) -> Any:
    """Return the part of a decoded value that is the server's error, None if it reports none.

    An error beside `choices` counts as well, at the top or in the first choice: what is there of the answer was cut by it.
    Other words (`detail`, `message`) are an error only if no completion is there.
    """
    if "error" in (value.get("type"), value.get("object")) or any(_says(value.get(name)) for name in _BESIDE):
        return {name: each for name, each in value.items() if name not in ("choices", "usage")}
    if choices := value.get("choices"):
        first = choices[0] if isinstance(choices, list) else None
        error = first.get("error") if isinstance(first, Mapping) else None
        return error if _says(error) else None
    if value.get("role") == "assistant" and "content" in value:
        return None
    said = [value.get(name) for name in _INSTEAD]
    return value if any(each for each in said if not (isinstance(each, Mapping) and "role" in each)) else None


def _says(error: Any) -> bool:
    """Return whether the value of an `error` key reports one; some servers send `{"code": 0, "message": ""}` with each answer."""
    if isinstance(error, Mapping):
        return any(map(_says, error.values()))
    if isinstance(error, list):
        return any(map(_says, error))
    return str(error).strip().lower() not in _NO_ERROR
