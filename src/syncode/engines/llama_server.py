"""The llama.cpp server as a process of its own: `python llama_server.py MODEL ALIAS SLOTS CONTEXT THREADS`.

Run by path: it needs nothing of syncode, only the xllamacpp wheel. Says its address in one line and serves until it is killed.
"""

import os
import signal
import sys
from typing import Any

LISTENING = "syncode-listening"  # stands before the address in the log; local.py looks for it
MISSING_RUNTIME = 69  # EX_UNAVAILABLE of sysexits.h
BROKEN_MODEL = 65  # EX_DATAERR of sysexits.h


def main(arguments: list[str]) -> int:
    """Serve; return an exit code if that cannot be done."""
    model, alias, slots, context, threads = arguments
    try:
        import xllamacpp
    except ImportError as error:  # the wheel, or the system library it links
        sys.stderr.write(f"cannot load the llama.cpp runtime: {error}\n")
        return MISSING_RUNTIME
    try:
        server = xllamacpp.Server(parameters(xllamacpp, model, alias, int(slots), int(context), int(threads)))
    except RuntimeError as error:  # the reason stands in the lines that llama.cpp wrote before
        sys.stderr.write(f"{model}: {error}\n")
        return BROKEN_MODEL
    os.write(2, f"\n{LISTENING} {server.listening_address}\n".encode())  # one write: the server's threads log too
    signal.pause()
    return 0


def parameters(xllamacpp: Any, model: str, alias: str, slots: int, context: int, threads: int) -> Any:
    """Return the server's parameters. `context` is the total over all slots, in tokens."""
    chosen = xllamacpp.CommonParams()
    chosen.model.path = model
    chosen.model_alias = {alias}
    chosen.hostnames = ["127.0.0.1"]
    chosen.port = 0  # the kernel chooses a free one: two servers never meet
    chosen.n_parallel = slots
    chosen.n_ctx = context
    chosen.cpuparams.n_threads = threads
    chosen.cpuparams_batch.n_threads = threads
    chosen.ui = False
    chosen.offline = True
    return chosen


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
