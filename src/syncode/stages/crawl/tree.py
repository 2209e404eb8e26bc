"""A walk over an HTML tree without recursion: pages nest deeper than Python's stack."""

from collections.abc import Callable, Iterator
from typing import Literal

from selectolax.lexbor import LexborNode

Event = Literal["enter", "leave", "text"]


def walk(
    root: "LexborNode", dropped: Callable[["LexborNode"], bool], leaf: Callable[["LexborNode"], bool]
) -> Iterator[tuple[Event, "LexborNode"]]:
    """Yield each element as it is entered and left, and each text, in document order.

    Nothing is yielded for elements that are `dropped` and for what is in them; what is inside a `leaf` is skipped.
    """
    top = root.mem_id  # to compare nodes by: `==` writes both out as HTML
    node: LexborNode | None = root
    while node is not None:
        inner = None
        if node.is_text_node:
            yield "text", node
        elif node.is_element_node and (node.mem_id == top or not dropped(node)):
            yield "enter", node
            inner = None if leaf(node) else node.first_child
            if inner is None:
                yield "leave", node
        while inner is None and node is not None and node.mem_id != top:
            inner = node.next
            if inner is None:
                node = node.parent
                if node is not None:
                    yield "leave", node
        node = inner
