"""Runs the rules over a row and marks it with the first that it breaks."""

from collections.abc import Mapping

from syncode.errors import DataError
from syncode.schemas.records import Row, dropped
from syncode.stages.filter.contamination import Index, build, canary, texts
from syncode.stages.filter.rules import Rule
from syncode.stages.filter.view import Kind, View, kind_of_row
from syncode.text import chats
from syncode.text.kinds import kind_of as row_kind
from syncode.text.languages import kind_of


def check(row: Row, rules: tuple[Rule, ...], against: Index | None, kind: Kind | None = None) -> list[Row]:
    """Return the row as it is, or marked `drop` with the first rule it breaks, measure and limit.

    Contamination is looked for last: it costs most. `kind` reads the row as another kind than its shape says. A task, a chat
    that waits for its answer, is not material to learn from: rules of quality leave it alone unless a kind is named.
    """
    if kind is None and row_kind(row) == "task":
        rules = ()
    kind = kind or kind_of_row(row)
    if kind == "sample" and not (chats.has_chat(row) or row_kind(row) == "answer"):
        return [dropped(row, "filter.no_text", "no chat, which --kind sample reads")]
    if kind != "sample" and not isinstance(row.get("text"), str):
        return [dropped(row, "filter.no_text", f"no 'text', which --kind {kind} reads")]
    view = View(row, kind)
    for rule in rules:
        if _applies(rule, view) and (broken := breach(rule, view)):
            return [dropped(row, f"filter.{rule.id}", broken)]
    if against is not None and (match := against.match(view)):
        return [dropped(row, "filter.contaminated", match)]
    return [row]


def guarded(tasks: Mapping[str, list[Row]]) -> Index | None:
    """Return the index over the tasks of some files, proved by a canary of each; None if there is no file.

    Raises DataError where a row made of a task's own text would pass.
    """
    if not tasks:
        return None
    index = build(tasks)
    for name, rows in tasks.items():
        longest = max(rows, key=lambda task: sum(map(len, texts(task))))
        if "drop" not in check(canary(longest), (), index)[0]:
            raise DataError(f"{name}: a row with the text of {longest.get('id', 'a task')} was not caught")
    return index


def breach(rule: Rule, view: View) -> str | None:
    """Return `measure < limit` where a row is outside the limits of a rule, None if it is inside or does not apply."""
    value = rule.measure(view)
    if value is None:
        return None
    if rule.low is not None and value < rule.low:
        return f"{_number(value)} < {_number(rule.low)}"
    if rule.high is not None and value > rule.high:
        return f"{_number(value)} > {_number(rule.high)}"
    return None


def _applies(rule: Rule, view: View) -> bool:
    if view.kind not in rule.kinds or (view.kind == "sample" and not set(rule.of) & set(view.sides)):
        return False
    return not rule.but_not or not {view.language, kind_of(view.language)} & set(rule.but_not)


def _number(value: float) -> str:
    return f"{value:.4g}" if value % 1 else f"{value:.0f}"
