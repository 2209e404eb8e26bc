"""What an engine says to people on stderr while it works: each thing once."""

from syncode.stream.people import say


class Notices:
    """Writes lines for people. `quiet` keeps progress back, never what changes the meaning of a run."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._said: set[str] = set()

    def once(self, about: str, text: str) -> None:
        """Say something that people should know, the first time that it comes up."""
        if about not in self._said:
            self._said.add(about)
            say(text)

    def progress(self, text: str) -> None:
        """Tell a person who waits for hours that something happens."""
        if not self._quiet:
            say(text)
