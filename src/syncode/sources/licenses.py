"""The licence of a file as the folders above it tell: LICENSE, COPYING and their like, by their SPDX name."""

import re
from pathlib import Path

_FILES = re.compile(r"^(?:licen[cs]e|copying|unlicense|copyright)(?:[-._].*)?$", re.I)
_BOUNDARIES = frozenset(
    (
        "site-packages",
        "dist-packages",
        "node_modules",
        "vendor",
        "third_party",
        "share",
        "doc",
        "lib",
        "usr",
        "opt",
        "home",
    )
)
"""Folders that hold things of many owners: a licence above them, or in them, says nothing about what is below."""

_ABOVE = 6  # folders looked at above a file; chosen here
_HEAD = 4000  # characters of a licence file that say which it is; chosen here

_PHRASES: tuple[tuple[str, str], ...] = (
    (r"SPDX-License-Identifier:\s*([\w.+-]+(?:\s+(?:OR|AND|WITH)\s+[\w.+-]+)*)", ""),
    (r"Apache License,?\s+Version 2\.0", "Apache-2.0"),
    (r"GNU AFFERO GENERAL PUBLIC LICENSE\s+Version 3", "AGPL-3.0"),
    (r"GNU LESSER GENERAL PUBLIC LICENSE\s+Version 3", "LGPL-3.0"),
    (r"GNU LESSER GENERAL PUBLIC LICENSE\s+Version 2\.1", "LGPL-2.1"),
    (r"GNU GENERAL PUBLIC LICENSE\s+Version 3", "GPL-3.0"),
    (r"GNU GENERAL PUBLIC LICENSE\s+Version 2", "GPL-2.0"),
    (r"Mozilla Public License,?\s+(?:Version|v\.?)\s*2\.0", "MPL-2.0"),
    (r"PYTHON SOFTWARE FOUNDATION LICENSE VERSION 2", "Python-2.0"),
    (r"Boost Software License\W+Version 1\.0", "BSL-1.0"),
    (r"Permission to use, copy, modify, and(?:/or)? distribute this software", "ISC"),
    (r"free and unencumbered software released into the public domain", "Unlicense"),
    (r"CC0 1\.0 Universal", "CC0-1.0"),
    (r"Neither the name .{0,200}? nor the names of (?:its|the)\s+contributors", "BSD-3-Clause"),
    (r"Redistribution and use in source and binary forms", "BSD-2-Clause"),
    (r"Permission is hereby granted, free of charge, to any person obtaining a copy", "MIT"),
)


def name_license(text: str) -> str | None:
    """Return the SPDX name of the licence whose wording a text holds, or None if it is none of the common ones."""
    head = " ".join(text[:_HEAD].split())
    for phrase, name in _PHRASES:
        if match := re.search(phrase.replace(r"\s+", " ").replace(r"\s*", " ?"), head, re.I):
            return name or match[1]
    return None


class Licenses:
    """Looks up the licence that holds for a file, and remembers what it found in each folder."""

    def __init__(self) -> None:
        self._found: dict[Path, str | None] = {}

    def near(self, path: str) -> str | None:
        """Return the licence named in the folder of a file or the nearest above it, up to the border of its package."""
        folder = Path(path).absolute().parent
        for _ in range(_ABOVE):
            if folder.name in _BOUNDARIES or folder == folder.parent:
                return None
            if folder not in self._found:
                self._found[folder] = _of(folder)
            if self._found[folder]:
                return self._found[folder]
            if (folder / ".git").exists():
                return None
            folder = folder.parent
        return None


def _of(folder: Path) -> str | None:
    try:
        candidates = sorted(entry for entry in folder.iterdir() if _FILES.match(entry.name) and entry.is_file())
        texts = [
            entry.read_text("utf-8", "replace") for entry in candidates if entry.suffix not in (".py", ".gz", ".js")
        ]
    except OSError:
        return None  # the folder itself is reported as unreadable by the walk
    return next((name for text in texts if (name := name_license(text))), None)
