"""Turns the bytes of an item into a Document: decoded, as Markdown where it was HTML, with source, licence and language."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from syncode.errors import DataError
from syncode.schemas.records import Row, content_id, dropped
from syncode.stages.crawl import decode, http
from syncode.stages.crawl.html import license_of, to_markdown
from syncode.stages.crawl.settings import Limits
from syncode.text.languages import by_path, identify, kind_of

VERSION = 1  # of the step in the lineage: raise it when the text of a document changes

_HTML = frozenset(("text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml"))
_TEXT = frozenset(
    f"application/{name}"
    for name in ("json", "javascript", "x-javascript", "ecmascript", "xml", "x-sh", "x-python", "sql", "typescript")
)
_HTML_NAMES = frozenset((".html", ".htm", ".xhtml"))
_SPDX = re.compile(r"SPDX-License-Identifier:\s*\(?([\w.+-]+(?:\s+(?:OR|AND|WITH)\s+[\w.+-]+)*)", re.I)
_HEAD = 3000  # characters searched for a licence tag; chosen here
_OURS = ("kind", "path", "name", "license", "record", "url", "fetched", "media", "block", "offset")


@dataclass(frozen=True)
class _Content:
    """The bytes of an item and what its surroundings say of them."""

    data: bytes
    name: str  # file name or path of the URL, for the language
    html: bool
    charset: str | None = None


def crawl(item: Row, load: Callable[[Row], bytes], limits: Limits) -> list[Row]:
    """Return one Document, or the item marked `drop` if there is nothing to keep.

    `load` gives the bytes of an item and raises DataError with `<rule>: <why>` where it cannot.
    """
    if "problem" in item:
        rule, _, why = item["problem"].partition(": ")
        return [dropped(_bare(item), f"crawl.{rule}", why)]
    try:
        content = _content(item, load(item), limits.max_bytes)
        return [_document(item, content, limits.max_bytes)]
    except DataError as error:
        rule, _, why = str(error).partition(": ")
        return [dropped(_bare(item), f"crawl.{rule}", why)]


def _content(item: Row, data: bytes, most: int) -> _Content:
    """Return what a file or the record of an archive holds. Raises DataError if it is not a document."""
    if item["kind"] == "path":
        name = item["name"].removesuffix(".gz")
        html = PurePosixPath(name).suffix.lower() in _HTML_NAMES
        return _Content(data, name, html)
    media, charset = item["media"].partition(";")[0].strip().lower(), None
    if media == "application/http":
        try:
            response = http.parse(data, most)
        except DataError as error:
            raise DataError(f"bad_http: {error}") from error
        if response.status != 200:
            raise DataError(f"status: {response.status}")
        data, media, charset = response.body, response.media, response.charset
    html = media in _HTML or (not media and data[:512].lstrip()[:1] == b"<")
    if not (html or media in _TEXT or media.startswith("text/")):
        raise DataError(f"media: {media or 'unknown'}")
    return _Content(data, _path(item["url"]), html, charset)


def _path(url: str) -> str:
    """Return the path of a URL, empty if it is none that can be taken apart (`http://[::1/`)."""
    try:
        return unquote(urlsplit(url).path)
    except ValueError:
        return ""


def _document(item: Row, content: _Content, most: int) -> Row:
    if len(content.data) > most:
        raise DataError(f"too_large: over {most} bytes")
    if decode.is_binary(content.data):
        raise DataError("binary: a zero byte in the first 8000")
    decoded = decode.decode(content.data, content.charset)
    if decoded is None:
        raise DataError("undecodable: neither UTF-8, nor what it declares, nor Windows-1252")
    text = to_markdown(decoded.text) if content.html else decoded.text
    if not text.strip():
        raise DataError("empty: no text" + (" in the page" if content.html else ""))
    source = _source(item, _license(item, decoded.text, content.html))
    origin = item.get("url") or item["name"]
    document: Row = {"id": content_id("document", origin, text), "text": text, "source": source}
    if not content.html and (language := _language(text, content.name)):
        document["language"] = language
    config = {"from": "html" if content.html else "text", "encoding": decoded.encoding, **source}
    document["lineage"] = [{"op": "crawl", "version": VERSION, "config": config}]
    return {**{key: value for key, value in item.items() if key not in _OURS}, **document}


def _source(item: Row, license_name: str | None) -> Row:
    """Return where a document comes from; the key `license` is there, null if no one says."""
    if item["kind"] == "path":
        return {"kind": "path", "path": item["path"], "license": license_name}
    return {
        "kind": "warc",
        "path": item["path"],
        "url": item["url"],
        "license": license_name,
        "fetched": item["fetched"],
    }


def _license(item: Row, text: str, html: bool) -> str | None:
    """Return the licence: the file's own tag before the page's link before the folder's LICENSE."""
    if match := _SPDX.search(text[:_HEAD]):
        return match[1]
    return (license_of(text) if html else None) or item.get("license")


def _language(text: str, name: str) -> str | None:
    """Return the language that a name or a first line tells; guessing from the text alone is `classify`'s work."""
    guess = identify(text, name)
    if guess.how == "content" and not by_path(name)[0]:
        return None
    return None if kind_of(guess.language) == "prose" else guess.language


def _bare(item: Row) -> Row:
    """Return an item without its content and what was wrong with it: the reject says where, `drop` says why."""
    return {key: value for key, value in item.items() if key not in ("block", "problem")}
