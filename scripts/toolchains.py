"""Installs what the tests use of the system: the languages of the sandbox, and Chromium, which opens the HTML pages.

Usage: python scripts/toolchains.py

As root on Debian it installs what is missing (everything: 250 MB to fetch, 45 seconds). Elsewhere it prints the commands: the
tests that need what is missing are then skipped, each with the name of the package.
"""

import os
import shutil
import subprocess
import sys

from syncode.sandbox import ready
from syncode.sandbox.languages import LANGUAGES

BROWSERS = ("chromium", "chromium-browser", "google-chrome")  # as in tests/leaderboard/test_page.py
APT = ("apt-get", "install", "-y", "-qq", "--no-install-recommends")


def main() -> None:
    """Install, or say what would have to be installed."""
    lacking = [row.package for name, row in LANGUAGES.items() if isinstance(ready(name), str)]
    if not any(map(shutil.which, BROWSERS)):
        lacking.append("chromium")
    packages = [name for package in lacking if " install " not in package for name in package.split()]
    commands = [[*APT, *packages]] if packages else []
    commands += [package.split() for package in lacking if " install " in package]  # npm install -g typescript
    if not commands:
        return
    if os.getuid() or shutil.which("apt-get") is None:
        wanted = "; ".join(" ".join(command) for command in commands)
        sys.stderr.write(f"toolchains: some tests will be skipped; as root, this installs what they need: {wanted}\n")
        return
    if packages:
        commands.insert(0, ["apt-get", "update", "-qq"])
    for command in commands:
        sys.stderr.write(f"toolchains: {' '.join(command)}\n")
        try:
            subprocess.run(
                command, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, stdout=subprocess.DEVNULL, check=True
            )
        except (OSError, subprocess.CalledProcessError) as error:
            sys.stderr.write(f"toolchains: {error}; the tests that need it will be skipped\n")


if __name__ == "__main__":
    main()
