"""HTML to Markdown for code: boilerplate goes, structure stays, and every `<pre>` comes out as it was written."""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from syncode.errors import DataError
from syncode.stages.crawl.preformatted import NUMBERS, is_preformatted, preformatted
from syncode.stages.crawl.tree import Event, walk
from syncode.stages.crawl.writer import Writer


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_NEVER = _set(
    "script style noscript template svg canvas iframe object embed head button select option input textarea audio video map "
    "datalist progress meter math"
)
_BOILERPLATE = _set("nav footer aside header menu dialog")
_ROLES = _set("navigation banner contentinfo search complementary menu menubar dialog alert")
_BLOCKS = _set(
    "p div section article main address fieldset figure figcaption details summary center body html form dl dt dd tr td th "
    "table tbody thead tfoot caption hgroup header footer aside nav"
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LISTS = frozenset(("ul", "ol"))
_CODE = frozenset(("code", "tt", "kbd", "samp"))
_STRUCTURE = _BLOCKS | _LISTS | frozenset(_HEADINGS) | frozenset(("pre", "br", "li", "blockquote"))
_FORM_CONTENT = "pre, p, h1, h2, h3, article, main"
_LAYOUT = "pre, table, ul, ol, dl, blockquote, h1, h2, h3, h4, h5, h6, div.fragment, p + p, form"
_LINK = re.compile(r"<(?:a|link)\b[^<>]*>", re.I)
_OF_LICENSE = re.compile(r"\brel=[\"']?license\b", re.I)
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)", re.I)
_SCRIPT = re.compile(
    r"<(script|style)\b.*?(?:</\1|\Z)", re.I | re.S
)  # one that is never closed takes the rest of the page
_ENDS_BY_ITSELF = _set(
    "area base br col embed hr img input link meta param source track wbr p li dt dd tr td th thead tbody tfoot option rp rt"
)
DEEPEST = 5000
"""Elements inside one another (chosen here): the parser's time grows with its square: 20,000 take 1 s, a million 1 h."""
_MARKS = NUMBERS | {"headerlink", "anchorjs-link"}  # "¶" behind a heading


def to_markdown(html: str) -> str:
    """Return the content of a page as Markdown.

    Navigation, headers, footers, asides, scripts, styles and form controls are left out, but never a part that holds a
    `<pre>`. A `<pre>` becomes a fenced block at the left margin wherever it stands, its characters unchanged, with the
    language that its classes name. Links become their text, images are left out. Raises DataError (`nested: ...`) for a page
    whose elements stand more than `DEEPEST` deep: no one wrote that by hand.
    """
    if html.count("<") > DEEPEST and _depth(html) > DEEPEST:
        raise DataError(f"nested: elements more than {DEEPEST} deep")
    tree = LexborHTMLParser(html.replace("\r\n", "\n").replace("\r", "\n"))
    body = tree.body
    if body is None:
        return ""
    writer = Writer()
    for event, node in walk(_content(body), _dropped, _is_leaf):
        _write(writer, event, node)
    title = tree.css_first("title")
    return writer.finish(title=_squeeze(title.text()) if title else "")


def _depth(html: str) -> int:
    """Return about how deep the elements of a page are nested, tags that are never closed included."""
    depth = deepest = 0
    for closing, name in _TAG.findall(_SCRIPT.sub("", html)):
        if name.lower() in _ENDS_BY_ITSELF:
            continue
        depth = max(0, depth - 1) if closing else depth + 1
        deepest = max(deepest, depth)
    return deepest


def license_of(html: str) -> str | None:
    """Return the SPDX name of a Creative Commons licence that the page links to as its own (`rel=license`), if any."""
    for tag in _LINK.findall(html):  # in two steps: one pattern for both takes quadratic time on tags that never end
        if not _OF_LICENSE.search(tag):
            continue
        if match := re.search(r"creativecommons\.org/(?:licenses|publicdomain)/([a-z-]+)/([\d.]+)", tag, re.I):
            name = match[1].upper()
            return f"CC0-{match[2]}" if name == "ZERO" else f"CC-{name}-{match[2]}"
    return None


def _content(body: "LexborNode") -> "LexborNode":
    """Return the page's one main element where it has all the code of the page, else the body."""
    mains = body.css("main, [role=main]")
    if len(mains) == 1 and len(mains[0].css("pre")) == len(body.css("pre")) and len(mains[0].text()) > 200:
        return mains[0]
    return body


def _dropped(node: "LexborNode") -> bool:
    tag = node.tag or ""
    if tag in _NEVER:
        return True
    attributes = node.attributes
    if not attributes and tag not in _BOILERPLATE and tag != "form":
        return False
    if not _MARKS.isdisjoint((attributes.get("class") or "").split()):
        return True
    if tag == "form":
        return node.css_first(_FORM_CONTENT) is None
    hidden = "hidden" in attributes or attributes.get("aria-hidden") == "true" or attributes.get("role") in _ROLES
    boilerplate = hidden or (tag in _BOILERPLATE and not (tag == "header" and _inside(node, ("article", "main"))))
    return boilerplate and node.css_first("pre") is None


def _inside(node: "LexborNode", tags: tuple[str, ...]) -> bool:
    above = node.parent
    while above is not None:
        if above.tag in tags:
            return True
        above = above.parent
    return False


def _is_leaf(node: "LexborNode") -> bool:
    """Return whether a node is written as a whole: code, and a table that holds data rather than the page's layout."""
    return is_preformatted(node) or (node.tag == "table" and not _is_layout(node))


def _is_layout(table: "LexborNode") -> bool:
    return any(found.mem_id != table.mem_id for found in table.css(_LAYOUT))


def _write(writer: Writer, event: Event, node: "LexborNode") -> None:
    if event == "text":
        writer.text(node.text_content or "")
        return
    tag = node.tag or ""
    if tag in _CODE:
        (writer.open_code if event == "enter" else writer.close_code)()
    elif tag not in _STRUCTURE:
        return
    elif event == "leave":
        if not is_preformatted(node):
            _leave_block(writer, tag)
    elif is_preformatted(node):
        writer.code(*preformatted(node))
    elif tag == "table" and not _is_layout(node):
        writer.table([[_inline(cell) for cell in row.css("th, td")] for row in node.css("tr")])
    elif tag == "br":
        writer.line_break()
    else:
        _enter_block(writer, tag, node)


def _enter_block(writer: Writer, tag: str, node: "LexborNode") -> None:
    if tag in _HEADINGS:
        writer.heading(_HEADINGS[tag])
    elif tag in _LISTS:
        start = (node.attributes.get("start") or "1").strip()
        writer.open_list(
            int(start) if tag == "ol" and start.isdecimal() and len(start) < 10 else 1 if tag == "ol" else None
        )
    elif tag == "li":
        writer.open_item()
    elif tag == "blockquote":
        writer.open_quote()
    elif tag in _BLOCKS:
        writer.paragraph()


def _leave_block(writer: Writer, tag: str) -> None:
    if tag in _LISTS:
        writer.close_list()
    elif tag == "li":
        writer.close_item()
    elif tag == "blockquote":
        writer.close_quote()
    elif tag in _BLOCKS or tag in _HEADINGS:
        writer.paragraph()


def _inline(node: "LexborNode") -> str:
    """Return a table cell as one line."""
    writer = Writer()
    for event, part in walk(node, _dropped, lambda _: False):
        if event == "text":
            writer.text(part.text_content or "")
        elif part.tag in _CODE:
            (writer.open_code if event == "enter" else writer.close_code)()
        elif part.tag == "br" or part.tag in _BLOCKS:
            writer.text(" ")
    return _squeeze(writer.finish())


def _squeeze(text: str) -> str:
    return " ".join(text.split())
