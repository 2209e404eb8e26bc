"""How large a batch may be: the limits of OpenAI at first, smaller ones once a provider refuses a batch for its size."""

import re
from dataclasses import dataclass

MOST_LINES = 50_000  # requests in one batch (OpenAI's limit)
MOST_BYTES = 100 * 2**20  # in one batch file (OpenAI's limit is 200 MB)

_ABOUT_SIZE = re.compile(
    r"enqueued|token_limit|batch rate limit|HTTP 413|too (?:large|big|many (?:requests|lines|tasks|rows|tokens))"
    r"|(?:file|batch|payload|number of (?:requests|lines|tasks|tokens))[^.]{0,60}(?:exceed|limit|maximum|larger)"
    r"|(?:exceed|limit|maximum)[^.]{0,60}(?:file size|batch size|number of (?:requests|lines|tasks|tokens)|per batch)",
    re.IGNORECASE,
)


def is_about_size(reason: str) -> bool:
    """Return whether a provider refused a batch because it, or what is waiting with it, is too large."""
    return _ABOUT_SIZE.search(reason) is not None


@dataclass
class Size:
    """The limits of this run. `one_by_one`: what waits at the provider counts as well, so a batch waits for the one before it."""

    lines: int = MOST_LINES
    octets: int = MOST_BYTES
    one_by_one: bool = False

    def fits(self, lines: int, octets: int) -> bool:
        """Return whether so many requests of so many bytes go into one batch; a single request always does."""
        return lines <= 1 or (lines <= self.lines and octets <= self.octets)

    def shrink(self, refused: int) -> bool:
        """Halve the limits after a batch of `refused` requests; False if there is nothing to halve."""
        if refused <= 1:
            return False
        self.lines = max(1, refused // 2)
        self.one_by_one = True
        return True
