"""The labelling page: question and two answers without names, four buttons, and a file of labels in the end."""

from __future__ import annotations

from collections.abc import Sequence

from syncode.reports.labelling.sheet import Item, shown
from syncode.reports.shell import embedded, html
from syncode.schemas.records import content_id
from syncode.verdicts.texts import Texts

BUTTONS = (
    ("a", "Answer 1 is better", "1"),
    ("tie", "About equal", "0"),
    ("b", "Answer 2 is better", "2"),
    ("cannot judge", "Cannot judge", "X"),
)
"""Label, words and key of each button."""


def label_page(items: Sequence[Item], texts: Texts, people: int) -> str:
    """Return one self-contained HTML file. It holds no name of a model."""
    rows = []
    for item in items:
        question, first, second = shown(item, texts)
        rows.append(
            {"item": item.name, "for": item.people, "question": question, "answer_1": first, "answer_2": second}
        )
    sheet = {"id": content_id([item.name for item in items])[:12], "people": people, "items": rows}
    buttons = "".join(
        f'<button type="button" data-label="{label}" aria-pressed="false">{text}<kbd>{key}</kbd></button>'
        for label, text, key in BUTTONS
    )
    return html(
        "Which answer is better?",
        (__package__, "label.css", "label.js"),
        [
            '<main><header><h1>Which answer is better?</h1><label>your name<input id="name" autocomplete="off"></label>',
            '<label>person<select id="person"></select></label>',
            '<label id="count">&nbsp;</label><progress id="progress" value="0" max="1"></progress>',
            '<button type="button" id="save">Save the labels</button></header>',
            '<p id="state" class="soft">Judge correctness and help first, then whether it stays with the question, then brevity. '
            "A question back is better than a wild guess.</p>",
            '<h2>Question</h2><div class="text" id="question"></div><div class="sides"><div><h2>Answer 1</h2>',
            '<div class="text" id="first"></div></div><div><h2>Answer 2</h2><div class="text" id="second"></div></div></div>',
            f'</main><nav><button type="button" id="back">←</button>{buttons}<button type="button" id="next">→</button></nav>',
            embedded("items", sheet),
        ],
    )
