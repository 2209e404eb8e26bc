"""What a user can say about the server, and what one request can say about its rows."""

from dataclasses import dataclass, field

TOKEN = "SYNCODE_SERVE_TOKEN"
"""The environment variable that holds the token of clients. Never an option: command lines are seen by all users."""
TOKEN_LENGTH = 16
"""Characters that a token has at least (chosen here)."""


@dataclass(frozen=True)
class ServeOptions:
    """The options of `syncode execute serve`."""

    host: str = field(
        default="127.0.0.1",
        metadata={
            "group": "Server",
            "metavar": "ADDRESS",
            "help": f"Address to listen on; one that others can reach needs a token in {TOKEN}.",
        },
    )
    port: int = field(
        default=0,
        metadata={"group": "Server", "min": 0, "max": 65535, "help": "Port; 0 takes a free one, which is printed."},
    )
    queue: int = field(
        default=16384,
        metadata={"group": "Server", "min": 1, "help": "Rows that may wait; requests beyond get 429 with Retry-After."},
    )
    deadline: float = field(
        default=300.0,
        metadata={
            "group": "Server",
            "min": 0.1,
            "help": "Seconds a request may take; rows not finished by then are errors, not failures.",
        },
    )
    max_body: str = field(
        default="64M", metadata={"group": "Server", "metavar": "SIZE", "help": "Largest body of a request."}
    )
    grace: float = field(
        default=10.0,
        metadata={"group": "Server", "min": 0, "help": "Seconds for requests in flight after Ctrl-C or SIGTERM."},
    )
