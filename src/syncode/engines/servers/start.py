"""From `--model` values to servers: who the model is, and a server started only when it is first needed."""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace

from syncode.engines.escapes import read_headers, read_query
from syncode.engines.options import ModelOptions, Spec, parse
from syncode.engines.servers.endpoint import Endpoint
from syncode.errors import EngineError, UsageError, install

OPENAI_URL = "https://api.openai.com/v1"
HTTP_KEY = "SYNCODE_API_KEY"  # for http(s)://: never OPENAI_API_KEY, which belongs to one company


def specs_of(options: ModelOptions) -> list[Spec]:
    """Return the parsed `--model` values; UsageError unless all of them name one model."""
    specs = [parse(text) for text in options.model]
    names = {identity_of(spec) for spec in specs}
    if len(names) > 1:
        raise UsageError(f"--model: several servers must serve one model, not {', '.join(sorted(names))}")
    if len(specs) > 1 and any(spec.kind in ("local", "vllm", "mock") for spec in specs):
        raise UsageError("--model: only http(s)://host/v1#NAME and openai:NAME can be repeated")
    return specs


def identity_of(spec: Spec) -> str:
    """Return the name that stands in journal keys, lineage and rows; starts nothing."""
    match spec.kind:
        case "local":
            try:
                from syncode.engines.servers.local import identify
            except ImportError as error:
                raise EngineError(f"--model local: {error}; {install('local')}") from error
            return identify(spec.where or None)
        case "vllm":
            from syncode.engines.servers.vllm import identify as identify_vllm

            return identify_vllm(spec.name)
        case "mock":
            from syncode.engines.mock.scenario import load

            return load(spec.where).identity
    return spec.name


def model_identity(options: ModelOptions) -> str:
    """Return the name of the model that `open_engine(options)` would ask, without starting anything."""
    return identity_of(specs_of(options)[0])


def start(specs: Sequence[Spec], options: ModelOptions, stack: ExitStack) -> list[Endpoint]:
    """Return the endpoints, starting servers where syncode runs them; they stop when `stack` closes."""
    return [_start(spec, options, stack) for spec in specs]


def _start(spec: Spec, options: ModelOptions, stack: ExitStack) -> Endpoint:
    match spec.kind:
        case "local":
            from syncode.engines.servers.local import serve

            return stack.enter_context(serve(spec.where or None, parallel=options.concurrency))
        case "vllm":
            from syncode.engines.servers.vllm import serve as serve_vllm

            return stack.enter_context(serve_vllm(spec.name, options))
        case "openai":
            return with_escapes(Endpoint(OPENAI_URL, spec.name, spec.name, "OPENAI_API_KEY"), options)
        case "http":
            key = HTTP_KEY if os.environ.get(HTTP_KEY) else None
            return with_escapes(Endpoint(spec.where, spec.name, spec.name, key, query=dict(spec.query)), options)
    raise UsageError(f"--model {spec.kind}: not a server")


def with_escapes(endpoint: Endpoint, options: ModelOptions) -> Endpoint:
    """Return the endpoint with the headers and the query that the user adds."""
    query = {**endpoint.query, **read_query(options.query)}
    return replace(endpoint, headers=read_headers(options.header), query=query)
