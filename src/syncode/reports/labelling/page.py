"""The labelling page: question and two answers without names, four buttons, and a file of labels in the end."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Sequence
from importlib.resources import files

import orjson

from syncode.reports.labelling.sheet import Item, shown
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
    packed = base64.b64encode(gzip.compress(orjson.dumps(sheet), mtime=0)).decode()
    buttons = "".join(
        f'<button type="button" data-label="{label}" aria-pressed="false">{text}<kbd>{key}</kbd></button>'
        for label, text, key in BUTTONS
    )
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>Which answer is better?</title><style>{_resource('label.css')}</style></head><body><main>",
            '<header><h1>Which answer is better?</h1><label>your name<input id="name" autocomplete="off"></label>',
            '<label>person<select id="person"></select></label>',
            '<label id="count">&nbsp;</label><progress id="progress" value="0" max="1"></progress>',
            '<button type="button" id="save">Save the labels</button></header>',
            '<p id="state" class="soft">Judge correctness and help first, then whether it stays with the question, then brevity. '
            "A question back is better than a wild guess.</p>",
            '<h2>Question</h2><div class="text" id="question"></div><div class="sides"><div><h2>Answer 1</h2>',
            '<div class="text" id="first"></div></div><div><h2>Answer 2</h2><div class="text" id="second"></div></div></div>',
            f'</main><nav><button type="button" id="back">←</button>{buttons}<button type="button" id="next">→</button></nav>',
            f'<script type="application/octet-stream" id="items">{packed}</script>',
            f"<script>{_resource('label.js')}</script></body></html>",
        ]
    )


def _resource(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
