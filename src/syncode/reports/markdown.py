"""Markdown of strangers as HTML that cannot do anything: no HTML of theirs, no scripts, no pictures, no links but to the web."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

WEB = ("http://", "https://", "mailto:")


class _Inert(RendererHTML):
    """Renders what could reach outside the page as text, and links so that nothing follows from a click but a visit."""

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Return a picture as its description and address: loading it would tell its server who reads."""
        return escape(f"[picture: {tokens[idx].content} {tokens[idx].attrGet('src') or ''}]")

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Return the start of a link to the web, or of a span that says where another one leads."""
        address = str(tokens[idx].attrGet("href") or "")
        if address.lower().startswith(WEB):
            return f'<a href="{escape(address)}" rel="noopener noreferrer nofollow" target="_blank">'
        return f'<a title="{escape(address)}">'

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Return a block of code with its language, which the page's script colours when it is opened."""
        language = (tokens[idx].info.split() or [""])[0][:24]
        return f'<pre><code data-language="{escape(language)}">{escape(tokens[idx].content)}</code></pre>\n'


_MARKDOWN = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Inert).enable(["table", "strikethrough"])


def rendered(text: str) -> str:
    """Return Markdown as HTML whose tags are those of Markdown alone; HTML in the text is shown as it was written."""
    return str(_MARKDOWN.render(text))
