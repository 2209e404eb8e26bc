"""Lines for people on stderr: each says which stage it comes from, so that five stages of a pipe can be told apart."""

import os
import sys

CLEAR = "\r\x1b[2K"
"""To the start of the line, and everything on it away: what this process or another one of the pipe has drawn there."""

_stage = ["syncode"]


def name_stage(name: str) -> None:
    """Set the name of this process: `syncode filter`."""
    _stage[0] = name


def stage_name() -> str:
    """Return the name of this process; workers have that of their parent."""
    return _stage[0]


def say(text: str) -> None:
    """Write a line for people. Nothing happens where stderr is closed."""
    if sys.stderr is None:  # closed by `2>&-`
        return
    sys.stderr.write(f"{CLEAR if can_draw() else ''}{stage_name()}: {text}\n")
    sys.stderr.flush()


def can_draw() -> bool:
    """Whether stderr is a terminal in which the cursor can be moved."""
    return (
        sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM", "dumb") not in ("", "dumb", "unknown")
    )
