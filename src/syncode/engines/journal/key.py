"""The journal key of a request.

The key is made from an explicit form, written out below, and never from the fields of a dataclass: a field that moves or
is added there must not orphan an answer that was paid for. A new entry goes into the form only where it differs from what
requests meant before it existed.
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import orjson

from syncode.engines.request import Request
from syncode.schemas.records import draw

FORM = 1  # raise it only to orphan every answer on purpose
_SEED_BITS = 0x7FFF_FFFF  # servers differ in how wide a seed they take; 31 bits pass everywhere (chosen here)


def seed_of(request: Request, run_seed: int) -> int | None:
    """Return the seed to send: the request's own, else one keyed by (run seed, record id, k).

    At temperature 0 there is nothing to draw, so none is sent, and equal questions of different rows share one answer.
    """
    if request.seed is not None:
        return request.seed
    if request.sampling.temperature == 0 and request.k == 0:
        return None
    return draw(run_seed, request.record_id, request.k, request.op.name) & _SEED_BITS


def journal_key(request: Request, identity: str, seed: int | None, extra: Mapping[str, Any] | None = None) -> bytes:
    """Return the 16 bytes that stand for the whole request: equal question, sample number and model, equal key.

    It is made from what was asked, never from how a server had to be asked it. `extra` are the user's own keys of the body.
    """
    form: dict[str, Any] = {
        "form": FORM,
        "op": request.op.name,
        "version": request.op.version,
        "model": identity,
        "messages": request.messages,
        "temperature": float(request.sampling.temperature),
        "top_p": float(request.sampling.top_p),
        "max_tokens": request.sampling.max_tokens,
        "stop": request.stop,
        "schema": request.schema,
        "k": request.k,
        "seed": seed,
    }
    if body := {**request.body, **(extra or {})}:
        form["body"] = body
    return blake2b(orjson.dumps(form, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()
