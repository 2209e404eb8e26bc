"""Request in, reply out: every model is an OpenAI-compatible server behind one client, journal, limiter and budget.

A name is imported when it is used: the help of a command needs `ModelOptions` and `Sampling` only.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from syncode.engines.engine import Engine, open_engine
    from syncode.engines.options import ModelOptions
    from syncode.engines.request import Ask, Op, Reply, Request, Sampling, step
    from syncode.engines.servers.start import model_identity
    from syncode.engines.structured import read_json
    from syncode.engines.use import Use, Uses
else:
    _HOMES = {
        **dict.fromkeys(("Engine", "open_engine"), "engine"),
        "ModelOptions": "options",
        **dict.fromkeys(("Ask", "Op", "Reply", "Request", "Sampling", "step"), "request"),
        "model_identity": "servers.start",
        "read_json": "structured",
        **dict.fromkeys(("Use", "Uses"), "use"),
    }

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


__all__ = [
    "Ask",
    "Engine",
    "ModelOptions",
    "Op",
    "Reply",
    "Request",
    "Sampling",
    "Use",
    "Uses",
    "model_identity",
    "open_engine",
    "read_json",
    "step",
]
