"""Request in, reply out: every model is an OpenAI-compatible server behind one client, journal, limiter and budget."""

from syncode.engines.request import Ask, Op, Reply, Request, Sampling, step

__all__ = ["Ask", "Op", "Reply", "Request", "Sampling", "step"]
