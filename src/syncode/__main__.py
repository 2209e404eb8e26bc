"""`python -m syncode`."""

import sys

if not sys.flags.safe_path:  # the folder that one stands in: what lies there is data
    sys.path.pop(0)

from syncode.cli import main

if __name__ == "__main__":
    main()
