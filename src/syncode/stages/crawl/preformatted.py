"""Code in a page: which elements hold it, its exact characters, and the language that the classes around it name."""

import re

from selectolax.lexbor import LexborNode

from syncode.stages.crawl.tree import walk
from syncode.text.languages import canonical, named

NUMBERS = frozenset(("linenos", "linenodiv", "lineno", "line-numbers", "line-number", "gutter", "rouge-gutter"))
"""Classes of line numbers that are text of the page (Pygments, Rouge, Doxygen, highlighters): no part of the code."""

_BESIDES = frozenset(("script", "style", "button", "template", "svg"))  # copy buttons and the like
_LINES = frozenset(("div", "p", "li", "tr"))
_AROUND = 3  # how many elements above a <pre> may name its language (Sphinx and GitHub: two); chosen here
_PREFIX = re.compile(r"^(?:language|lang|highlight-source|highlight|mw-highlight-lang|brush|src)[-:]+(\S+)$")


def is_preformatted(node: "LexborNode") -> bool:
    """Return whether an element holds code as it is to be kept: `<pre>`, and Doxygen's `<div class="fragment">`."""
    return node.tag == "pre" or (node.tag == "div" and "fragment" in classes(node))


def classes(node: "LexborNode") -> list[str]:
    """Return the classes of an element."""
    return (node.attributes.get("class") or "").split()


def preformatted(node: "LexborNode") -> tuple[str, str | None]:
    """Return the characters of a code element, and the language that it or its surroundings name.

    `<br>` is a line end, and so is the end of an element that is a line of its own (`<div class="line">`).
    """
    pieces: list[str] = []
    for event, part in walk(node, _besides, lambda _: False):
        if event == "text":
            pieces.append(part.text_content or "")
        elif part.tag == "br" and event == "enter":
            pieces.append("\n")
        elif part.tag in _LINES and event == "leave" and part.mem_id != node.mem_id:
            pieces.append("" if pieces and pieces[-1].endswith("\n") else "\n")
    return "".join(pieces), named_language(node)


def named_language(node: "LexborNode") -> str | None:
    """Return the language named by the classes of a code element, of a `<code>` in it, or of the elements around it."""
    inner = node.css_first("code")
    for element in (inner, node) if inner is not None else (node,):
        attributes = element.attributes
        given = [attributes.get(name) or "" for name in ("data-lang", "data-language")]
        said = [*given, *map(_after_prefix, classes(element))]
        for word in [*said, *classes(element)]:
            if name := canonical(word):
                return name
        if name := next(filter(None, map(named, said)), None):  # a language that the table lacks
            return name
    above = node.parent
    for _ in range(_AROUND):
        if above is None:
            break
        for word in map(_after_prefix, classes(above)):
            if name := canonical(word):
                return name
        above = above.parent
    return None


def _after_prefix(word: str) -> str:
    match = _PREFIX.match(word)
    return match[1] if match else ""


def _besides(node: "LexborNode") -> bool:
    return node.tag in _BESIDES or not NUMBERS.isdisjoint(classes(node))
