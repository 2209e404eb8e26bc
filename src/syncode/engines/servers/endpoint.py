"""A place that answers requests, whoever runs it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Endpoint:
    """One OpenAI-compatible server.

    `base_url` ends in `/v1`; `name` is sent as `model`; `identity` stands in the journal key, the lineage and the rows, so it
    names the weights and never the port or the path of the moment (the embedded model: its file's name and content hash).
    `key_variable` is the environment variable that holds the API key, None where the server wants none.
    """

    base_url: str
    name: str
    identity: str
    key_variable: str | None = None
