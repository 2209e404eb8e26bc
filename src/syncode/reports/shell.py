"""The frame of every HTML report: one file with its style, script and data inside, which works offline."""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files
from typing import Any

import orjson


def html(title: str, look: Sequence[str], body: Iterable[str]) -> str:
    """Return a page. `look` is a package, the name of its style and those of its scripts; empty parts of the body are left out.

    Its policy lets no other script run and nothing be loaded or sent, whatever the texts in it say.
    """
    style, *scripts = (files(look[0]).joinpath(name).read_text(encoding="utf-8") for name in look[1:])
    script = "\n".join(scripts)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    return "\n".join(
        [
            "<!doctype html>",
            f'<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title><style>{style}</style></head><body>",
            *filter(None, body),
            f"<script>{script}</script></body></html>",
        ]
    )


def embedded(name: str, data: Any) -> str:
    """Return an element with data for the script: JSON, compressed, so that no text in it can end the element."""
    packed = base64.b64encode(gzip.compress(orjson.dumps(data), mtime=0)).decode()
    return f'<script type="application/octet-stream" id="{name}">{packed}</script>'
