"""Whether the name under which a server answered can be the model that was asked for."""

import re
from functools import lru_cache

ANY = "any"
_WEIGHTS = (".gguf", ".safetensors", ".bin")
_DATE = r"20\d\d-?(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01])"
# What vendors put behind a name for one release of it: a date, month and year or day, a number, a tag, a price class.
_RELEASE = re.compile(
    rf"(?:[-@:_](?:latest|{_DATE}|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|2[3-9](?:0[1-9]|1[0-2])|(?:0[1-9]|1[0-2])-2\d{{3}}"
    rf"|0\d\d|v\d+(?::\d+)?|free|nitro|floor|exacto|online))+"
)
_LATEST = re.compile(r"[-@:_](?:latest|free|nitro|floor|exacto|online)$")
# Bedrock: us.anthropic.claude-...; a dot may stand in the name of any other model.
_VENDOR = re.compile(
    r"^(?:(?:us|us-gov|eu|apac|au|ca|jp|global)\.)?(?:ai21|amazon|anthropic|cohere|deepseek|google|luma|meta|minimax|mistral"
    r"|moonshot|moonshotai|nvidia|openai|qwen|stability|twelvelabs|writer|zai)\.(?=[a-z])"
)


def same_model(asked: str, answered: str) -> bool:
    """Return whether a name that came back is the model that was asked for; a server that gives no name is believed.

    Names are the same up to case, the path or vendor before them (`openai/gpt-4o`, `/models/smol.gguf`), and a release behind
    one of them (`gpt-4o` and `gpt-4o-2024-08-06`, `mistral-large-latest` and `mistral-large-2407`, `llama3` and `llama3:latest`).
    Two different releases are two models, and so are `gpt-4o` and `gpt-4o-mini`.
    """
    if not answered.strip():
        return True
    ours, theirs = (_VENDOR.sub("", _LATEST.sub("", _plain(name))) for name in (asked, answered))
    short, long = sorted((ours, theirs), key=len)
    return long.startswith(short) and (short == long or _RELEASE.fullmatch(long, len(short)) is not None)


@lru_cache(maxsize=64)  # one pair of names in nearly every run
def accepted(asked: str, answered: str, others: tuple[str, ...]) -> bool:
    """Return whether an answer under this name may be used: it is the model asked for, or one that the user accepts."""
    return ANY in others or same_model(asked, answered) or any(same_model(other, answered) for other in others)


def _plain(name: str) -> str:
    name = name.strip().lower().rstrip("/").replace("\\", "/").rpartition("/")[2]
    for suffix in _WEIGHTS:
        name = name.removesuffix(suffix)
    return name
