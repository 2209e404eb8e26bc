"""Gathers real input that is on every machine with Python: package READMEs, and a WARC of the library's HTML reference.

Usage: python -m syncode.demo.material FOLDER

Writes FOLDER/readmes/NAME.md (the long description of each installed package that has one in Markdown) and
FOLDER/pages.warc.gz (pages that pydoc makes of standard modules). An archive that is there stays as it is: pydoc prints
memory addresses, and a later run has to see the same pages.
"""

import importlib
import io
import pydoc
import sys
from importlib.metadata import distributions
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

MODULES = ("bisect", "csv", "difflib", "fractions", "functools", "graphlib", "heapq", "itertools", "json", "pathlib",
           "sched", "shlex", "statistics", "textwrap")  # fmt: skip


def main(folder: Path) -> None:
    """Write both parts."""
    readmes = folder / "readmes"
    readmes.mkdir(parents=True, exist_ok=True)
    for distribution in distributions():
        facts = distribution.metadata.json
        text = str(facts.get("description", ""))
        if "markdown" in str(facts.get("description_content_type")) and len(text) > 1000:
            (readmes / f"{str(facts['name']).lower()}.md").write_text(text, encoding="utf-8")
    archive = folder / "pages.warc.gz"
    if not archive.exists():
        unfinished = archive.with_suffix(".tmp")
        with unfinished.open("wb") as stream:
            writer = WARCWriter(stream, gzip=True)
            for name in MODULES:
                page = pydoc.HTMLDoc().page(name, pydoc.HTMLDoc().document(importlib.import_module(name), name))
                headers = StatusAndHeaders(
                    "200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.0"
                )
                url = f"http://localhost/library/{name}.html"
                payload = io.BytesIO(page.encode())
                writer.write_record(writer.create_warc_record(url, "response", payload=payload, http_headers=headers))
        unfinished.rename(archive)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
