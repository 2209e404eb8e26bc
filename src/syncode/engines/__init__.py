"""Request in, reply out: every model is an OpenAI-compatible server behind one client, journal, limiter and budget."""

from syncode.engines.engine import Engine, open_engine
from syncode.engines.options import ModelOptions
from syncode.engines.request import Ask, Op, Reply, Request, Sampling, step
from syncode.engines.servers.start import model_identity
from syncode.engines.structured import read_json
from syncode.engines.use import Use, Uses

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
