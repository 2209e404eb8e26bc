"""A place that answers requests, whether syncode runs it or not."""

from collections.abc import Mapping
from dataclasses import dataclass, field

API_VERSION = "api-version"  # a query that Azure's API needs and no other has


@dataclass(frozen=True)
class Endpoint:
    """One OpenAI-compatible server.

    `base_url` ends in `/v1`; `name` is sent as `model`; `identity` stands in the journal key, the lineage and the rows, so it
    names the weights and never the port or the path of the moment (the embedded model: its file's name and content hash).
    `key_variable` is the environment variable that holds the API key, None if the server wants none. `headers` and `query` are
    the user's own; they may hold secrets and are never shown.
    """

    base_url: str
    name: str
    identity: str
    key_variable: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def azure(self) -> bool:
        """Whether it speaks Azure's dialect: a version in the query, the key in a header of its own."""
        return API_VERSION in self.query

    @property
    def names_a_deployment(self) -> bool:
        """Whether the address names a deployment, which chooses the model: the name it answers under is not a mistake."""
        return "/deployments/" in self.base_url
