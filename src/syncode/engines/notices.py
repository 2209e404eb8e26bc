"""What an engine says to people on stderr while it works: each thing once."""

import sys


class Notices:
    """Writes lines for people. `quiet` keeps progress back, never what changes the meaning of a run."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._said: set[str] = set()

    def once(self, about: str, text: str) -> None:
        """Say something that people should know, the first time that it comes up."""
        if about not in self._said:
            self._said.add(about)
            _write(text)

    def progress(self, text: str) -> None:
        """Tell a person who waits for hours that something happens."""
        if not self._quiet:
            _write(text)


def _write(text: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(f"syncode: {text}\n")
        sys.stderr.flush()
