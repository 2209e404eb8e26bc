"""What a user can say about the model on the command line, and how a `--model` value is read."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal
from urllib.parse import parse_qsl, urlsplit

from syncode.engines.escapes import holds_secret
from syncode.errors import UsageError

Kind = Literal["local", "vllm", "openai", "http", "mock"]
BATCH_WINDOW = 2_500  # `stream.ask` keeps four times as many rows in flight: a batch of 10,000 (chosen here)


@dataclass(frozen=True)
class ModelOptions:
    """Which model, how hard to press it, and what to remember. Every field is a command line option."""

    GROUP: ClassVar[str] = "Model"
    model: tuple[str, ...] = field(
        default=("local",),
        metadata={
            "file": "reads",
            "again": True,
            "help": "local[:FILE.gguf], vllm:NAME_OR_DIR, openai:NAME, http(s)://host/v1#NAME or mock[:SCENARIO]; "
            "repeat it to spread one model over several servers.",
        },
    )
    concurrency: int = field(
        default=16, metadata={"group": "Limits and cost", "help": "Most requests in flight at one server.", "min": 1}
    )
    journal: str = field(
        default=".syncode/journal.db",
        metadata={"metavar": "FILE", "file": "writes", "help": "Where answers are remembered: none is paid for twice."},
    )
    no_journal: bool = field(default=False, metadata={"help": "Remember nothing."})
    replay: bool = field(default=False, metadata={"help": "Answer from the journal only: the network is forbidden."})
    retry_failed: bool = field(default=False, metadata={"help": "Send only what ended in an error before."})
    deadline: float = field(
        default=600.0,
        metadata={
            "group": "Limits and cost",
            "help": "Seconds one request may take at servers, in all its attempts; one may use half.",
            "min": 0.1,
        },
    )
    rpm: float | None = field(
        default=None,
        metadata={"group": "Limits and cost", "help": "Most requests per minute at each server.", "min": 1},
    )
    tpm: float | None = field(
        default=None,
        metadata={
            "group": "Limits and cost",
            "help": "Most tokens per minute at each server.",
            "min": 1,
        },
    )
    budget: str | None = field(
        default=None,
        metadata={
            "group": "Limits and cost",
            "help": "Stop (exit 5) before all runs of this journal spent more: 5usd, 2Mtok, 1000req.",
        },
    )
    prices: str | None = field(
        default=None,
        metadata={
            "metavar": "FILE",
            "file": "reads",
            "group": "Limits and cost",
            "help": "TOML file with USD per million input, cached_input and output tokens per model.",
        },
    )
    estimate: int | None = field(
        default=None,
        metadata={
            "group": "Limits and cost",
            "help": "Look at so many rows, print what 1,000 would cost, write nothing.",
            "min": 1,
        },
    )
    estimate_calls: int = field(
        default=0,
        metadata={
            "group": "Limits and cost",
            "needs": "estimate",
            "help": "Requests that --estimate may really send (and pay; the journal keeps them).",
            "min": 0,
        },
    )
    batch: bool = field(
        default=False,
        metadata={"help": "Use the provider's Batch API: cheaper, slower; killed, it goes on where it was."},
    )
    body: tuple[str, ...] = field(
        default=(),
        metadata={
            "metavar": "KEY=JSON",
            "help": "Put this key into every request, over what syncode puts there; null leaves it out; repeatable.",
        },
    )
    header: tuple[str, ...] = field(
        default=(),
        metadata={
            "metavar": "NAME=VALUE",
            "help": "Send this HTTP header with every request; repeatable, never shown.",
        },
    )
    query: tuple[str, ...] = field(
        default=(),
        metadata={
            "metavar": "KEY=VALUE",
            "again": True,
            "help": "Add this to the query of every address (Azure: api-version); repeatable.",
        },
    )
    accept_model: tuple[str, ...] = field(
        default=(),
        metadata={
            "metavar": "NAME",
            "help": "Another name under which the model may answer; any: every name; repeatable.",
        },
    )
    engine_arg: tuple[str, ...] = field(
        default=(),
        metadata={"again": True, "help": "An argument handed to the server that is started (vllm); repeatable."},
    )
    vllm_python: str | None = field(
        default=None, metadata={"metavar": "FILE", "help": "The Python that has vLLM installed; also VLLM_PYTHON."}
    )
    data_parallel_size: int = field(default=1, metadata={"help": "Copies of the model that vLLM runs.", "min": 1})
    tensor_parallel_size: int = field(default=1, metadata={"help": "GPUs that share one copy in vLLM.", "min": 1})

    @property
    def window(self) -> int:
        """Rows that a stage should keep in flight for this engine: pass it to `stream.ask` as `concurrency`."""
        if self.batch or self.estimate:
            return max(BATCH_WINDOW, self.estimate or 0)
        return self.concurrency * max(1, len(self.model))


@dataclass(frozen=True)
class Spec:
    """A `--model` value taken apart.

    `where` is a URL without its query, a path or empty; `name` is what the server calls the model; `query` belongs to the URL.
    """

    kind: Kind
    name: str = ""
    where: str = ""
    query: tuple[tuple[str, str], ...] = ()


def parse(text: str) -> Spec:
    """Take one `--model` value apart; raise UsageError for anything else."""
    if text.startswith(("http://", "https://")):
        url, _, name = text.partition("#")
        try:
            parts = urlsplit(url)
            reachable = bool(parts.hostname) and parts.port != 0  # `port` raises if it is not a number of a port
        except ValueError:
            reachable = False
        if not reachable:
            raise UsageError(
                "--model: an address needs a host, and a number where it names a port: http://host:8000/v1#NAME"
            )
        query = tuple(parse_qsl(parts.query, keep_blank_values=True))
        if "@" in parts.netloc or any(holds_secret(each) for each, _ in query):
            raise UsageError("--model: an address holds no key; put it into the environment as SYNCODE_API_KEY")
        if not name:
            raise UsageError(f"--model {text}: say which model the server should use: {text}#NAME")
        address = url.partition("?")[0].rstrip("/").removesuffix("/chat/completions").rstrip("/")
        return Spec("http", name=name, where=address, query=query)
    kind, _, rest = text.partition(":")
    match kind:
        case "local":
            return Spec("local", where=rest)
        case "mock":
            return Spec("mock", where=rest)
        case "openai" if rest:
            return Spec("openai", name=rest)
        case "vllm" if rest:
            return Spec("vllm", name=rest)
    raise UsageError(
        f"--model {text}: expected local[:FILE.gguf], vllm:NAME_OR_DIR, openai:NAME, "
        "http(s)://host/v1#NAME or mock[:SCENARIO]"
    )
