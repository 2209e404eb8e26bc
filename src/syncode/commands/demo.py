"""`syncode demo`: the whole system in miniature, as a recipe of command lines that anybody could type."""

from dataclasses import dataclass, field

from syncode.errors import EngineError, install

PARTS = ("xllamacpp", "torch", "deepspeed", "transformers", "safetensors", "gguf", "jinja2")


@dataclass(frozen=True)
class DemoOptions:
    """How much of it, and where."""

    quick: bool = field(default=False, metadata={"help": "Take fewer documents, answers, tasks and steps."})
    fresh: bool = field(default=False, metadata={"help": "Start over instead of going on where it was."})
    output: str = field(
        default="",
        metadata={
            "short": "-o",
            "metavar": "FOLDER",
            "file": "writes",
            "help": "Where everything goes.  [default: pipeline, or pipeline-quick]",
        },
    )


def command(options: DemoOptions) -> None:
    """Run every stage in miniature, on real input and with a real model of 135 million parameters.

    Crawls what is on this machine, writes and tests instructions, fine-tunes, answers, judges and ranks. Interrupt it whenever
    you like: the same command goes on where it was, and a finished one makes no call. Needs bash.

    Example: syncode demo --quick
    """
    import importlib.util
    import os
    import shutil
    import signal
    import sys
    from importlib.resources import files

    bash = shutil.which("bash")
    if bash is None:
        raise EngineError("syncode demo is a recipe in bash, which is not on PATH: install bash")
    if missing := [part for part in PARTS if importlib.util.find_spec(part) is None]:
        raise EngineError(f"syncode demo needs {', '.join(missing)}: {install('demo')}")
    folder = options.output or ("pipeline-quick" if options.quick else "pipeline")
    recipe = str(files("syncode.demo") / "pipeline.sh")
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, which bash would inherit
    # bash takes this process over: Ctrl-C, exit codes and the terminal are its own from here on
    flags = [*["--quick"] * options.quick, *["--fresh"] * options.fresh]
    os.execv(bash, ["bash", recipe, sys.executable, folder, *flags])
