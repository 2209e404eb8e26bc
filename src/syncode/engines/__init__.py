"""Request in, reply out: every model is an OpenAI-compatible server behind one client, journal, limiter and budget."""

from syncode.engines.engine import Engine, open_engine
from syncode.engines.options import ModelOptions
from syncode.engines.request import Ask, Op, Reply, Request, Sampling, step
from syncode.engines.servers.start import model_identity
from syncode.engines.structured import read_json

__all__ = [
    "Ask",
    "Engine",
    "ModelOptions",
    "Op",
    "Reply",
    "Request",
    "Sampling",
    "model_identity",
    "open_engine",
    "read_json",
    "step",
]
