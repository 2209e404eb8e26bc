"""The llama.cpp server as a process of its own: `python -P llama_server.py '{"model": ..., ...}'`.

Run by path: it needs nothing of syncode, only the xllamacpp wheel. Says its address in one line and serves until it is killed.
"""

import json
import os
import signal
import sys
from typing import Any

from syncode.errors import install

LISTENING = "syncode-listening"  # stands before the address in the log; local.py looks for it
MISSING_RUNTIME = 69  # EX_UNAVAILABLE of sysexits.h
BROKEN_MODEL = 65  # EX_DATAERR of sysexits.h


def main(options: dict[str, Any]) -> int:
    """Serve; return an exit code if that cannot be done."""
    try:
        import xllamacpp
    except ImportError as error:  # the wheel is missing, or the system's libgomp.so.1 that it links
        advice = f"it needs `{install('local')}` and the system's libgomp1"
        sys.stderr.write(f"cannot load the llama.cpp runtime ({error}): {advice}\n")
        return MISSING_RUNTIME
    try:
        server = xllamacpp.Server(parameters(xllamacpp.CommonParams(), options))
    except RuntimeError as error:  # says nothing; the reason stands in the lines that llama.cpp wrote before
        sys.stderr.write(f"{error}\n")
        return BROKEN_MODEL
    os.write(2, f"\n{LISTENING} {server.listening_address}\n".encode())  # one write: the server's threads log too
    signal.pause()
    return 0


def parameters(chosen: Any, options: dict[str, Any]) -> Any:
    """Fill in the server's parameters. The option `context` is tokens for each slot; the runtime wants the total."""
    chosen.model.path = options["model"]
    chosen.model_alias = {options["alias"]}
    chosen.hostnames = ["127.0.0.1"]
    chosen.port = 0  # the kernel chooses a free one: two servers never meet
    chosen.n_parallel = options["slots"]
    chosen.n_ctx = options["slots"] * options["context"]
    chosen.kv_unified = False  # a shared cache that runs full fails every request in flight with a 500 (tried)
    chosen.cpuparams.n_threads = options["threads"]
    chosen.cpuparams_batch.n_threads = options["threads"]
    chosen.n_threads_http = options["connections"]  # one is held by each open connection, idle or not
    chosen.cache_ram_mib = 0  # the default keeps up to 8 GiB of old prompts
    chosen.fit_params = False  # it loads the model twice, to fit it into a GPU
    chosen.endpoint_slots = False  # shows other people's prompts
    chosen.ui = False
    chosen.offline = True
    chosen.verbosity = 2  # warnings and errors: a line for each request would fill the disk in a long run
    return chosen


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
