"""Where in a reply a judge rules: the one place for labels and grades alike.

A value rules that stands alone on the last line, or in a sentence there that is the judge's own ruling (`My final verdict is:
[[A>B]]`). What is quoted never rules, and whatever is in doubt is conflicting: it is asked again, not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from syncode.stages.judge.marks import BESIDE, Mark, Page, ValueOf, in_table, page_of, words_in
from syncode.stages.judge.vocabulary import Doubt, winner
from syncode.stages.judge.wording import (
    ENDED,
    agrees,
    disowned,
    follows,
    introduces,
    is_heading,
    is_reason,
    last_sentence,
    leads_to_text,
    quotes,
    rules_before,
    sides,
)

CLOSING = 60
"""Most words that may follow a ruling and still be a closing remark (chosen here)."""
LONGEST = 2000
"""The same in characters (chosen here)."""
REASONS = 500
"""Most words of reasons that may follow a ruling that calls itself a verdict (chosen here)."""


ENDED_WITHIN = re.compile(r"[.!?。！？](?=[\s\"'”’)*_]|$)")
OF_ANOTHER = re.compile(r"\b(?:end|lines?|text|code|part|this|following|below|here)\b", re.IGNORECASE)
DISTANCING = re.compile(
    r"\W*(?:no\b|not\b|nice\b|hm+\b|well\b|really\b|wait\b|sure\b|ha\b|(?:such|a label|that was|this was"
    r"|these were)\b|i (?:won't|will not|do not|don't|paid|pay|am not)\b)"
    r"|\s*[(^↑](?!confidence|slightly|much|note)|\s*[—–-]{1,2} ?(?:the )?(?:answer|assistant|response|first|second"
    r"|[AB]\b)",
    re.IGNORECASE,
)
"""How remarks begin that take distance from the value before them."""
_REASONS = re.compile(
    r"[\W_]*(?:and|also|additionally|reason\w*|justification|explanation|rationale|why|because|note|confidence"
    r"|explained|analysis"
    r"|comparison|summary|both|the two"
    r"|answers?|assistants?|responses?|the (?:key |main )?(?:reasons?|differences?)|i |my |while|although"
    r"|please|thank|let me|slightly|end|judged?|this is (?:because"
    r"|since|as)|here)\b",
    re.IGNORECASE,
)
"""How reasons begin that follow a verdict on the first line."""
_SAID_OF_IT = re.compile(
    r"\W*(?:(?:this|that|it)(?: sentence| line)? (?:is|was|comes)\b(?! because)|th(?:is|at) (?:sentence|line|label"
    r"|text)\b|so it goes|so ends|i read (?:this|that|it))",
    re.IGNORECASE,
)
"""How remarks begin that speak of the verdict as of a text."""
_POINTING = re.compile(
    r"\W*(?:this(?! is because)|that|it|which|so (?:says|it says)|the (?:line|label|verdict|text|above)|above|as)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Ruling:
    """`value` is None if nothing rules; `found` are all values in the reply, whether they rule or not."""

    value: str | None
    found: tuple[str, ...] = ()


def ruling_in(text: str, value_of: ValueOf, standing: Collection[str] | None = None) -> Ruling:
    """Return what a visible reply rules; `standing` are the values that stand in the answers, None if these are not known."""
    page = page_of(text, value_of)
    found = tuple(mark.value for mark in page.marks)
    if not page.marks:
        return Ruling(_bare(page, value_of))
    if (value := _at_the_end(page, standing)) is not None or (value := _at_the_start(page, standing)) is not None:
        return Ruling(value, found)
    return Ruling(None, found if page.doubled else ())


def doubt_of(value: str, standing: Collection[str] | None) -> Doubt:
    """Return how likely it is that a judge quotes a value; one that stands in no answer may still be quoted from elsewhere."""
    return Doubt.SOME if standing is None else Doubt.MUCH if value in standing else Doubt.NONE


def _at_the_end(page: Page, standing: Collection[str] | None) -> str | None:
    """Return the value of the last line that has one, if it rules and nothing but a closing remark follows."""
    last = page.marks[-1]
    row = [mark for mark in page.marks if mark.row == last.row]
    turn = max((at for at, mark in enumerate(row) if mark.value != last.value), default=-1)
    same = row[turn + 1 :]
    if turn >= 0 and not (_is_named(page, last) and all(map(_is_quoted, row[: turn + 1]))):
        return None
    behind = _behind(page, last.row)
    if not _closes(behind, last.value, named=_is_named(page, same[0])):
        return None
    earlier = list(page.marks[: len(page.marks) - len(same)])
    doubt = doubt_of(last.value, standing)
    if len(same) == 1 and last.alone:
        return last.value if _stands_alone(page, last, earlier, max(doubt, Doubt.SOME)) else None
    if (standing and last.value in standing) or not _is_said(page, same, doubt):
        return None
    others = [mark for mark in earlier if mark.value != last.value]
    return last.value if all(_is_quoted(mark) for mark in others) else None


def _is_named(page: Page, mark: Mark) -> bool:
    """Return whether the judge calls a value its verdict, on its line or on the one before; nothing quoted is."""
    if mark.cited or mark.quoted or _is_recited(mark):
        return False
    before = page.lines[mark.row - 1] if mark.row and mark.alone else ""
    sentence = last_sentence(before if mark.alone else mark.lead)
    return bool(sentence) and rules_before(sentence, mark.value)


def _stands_alone(page: Page, mark: Mark, earlier: list[Mark], doubt: Doubt) -> bool:
    """Return whether a value alone on its line is the verdict: neither introduced as a quotation nor one of a list."""
    behind = _behind(page, mark.row)
    if any(each.value != mark.value and _is_a_ruling(page, each) for each in earlier):
        return False
    if earlier and earlier[-1].row == mark.row - 1 and earlier[-1].value != mark.value and earlier[-1].alone:
        return False
    if behind and any(each.value != mark.value for each in earlier):
        return False
    said = {each.row for each in earlier if each.alone and each.value == mark.value}
    at = next((row for row in range(mark.row - 1, -1, -1) if row not in said and words_in(page.lines[row])), None)
    before = "" if at is None else page.lines[at]
    sentence = last_sentence(before.replace("|", " "))
    if mark.cited:
        line = page.lines[mark.row].lstrip()
        same = at is not None and (not page.cited[at] or (in_table(line) and in_table(before)))
        ended = ENDED.search(before[-BESIDE:]) is not None and not line.startswith(">") and not in_table(line)
        ended = ended and not OF_ANOTHER.search(sentence) and agrees(sentence, mark.value)
        return same and (ended or rules_before(sentence, mark.value))
    if "?" in mark.tail or mark.tail.lstrip("*_ ").startswith(("...", "…")):
        return False
    above = [row for row in range(mark.row) if not page.lines[row].startswith(("    ", "\t"))]
    if (
        above and above[-1] < mark.row - 1 and is_heading(page.lines[above[-1]], mark.value)
    ):  # the end of code of an answer
        return False
    if doubt and behind and (DISTANCING.match(behind) or not closes(behind, mark.value, doubt)):
        return False
    return not introduces(before, mark.value, gap=page.gaps[mark.row], doubt=doubt) or rules_before(
        sentence, mark.value
    )


def closes(behind: str, value: str, doubt: Doubt) -> bool:
    """Return whether a remark behind a value that may be quoted is a usual one, or says the same in words."""
    if doubt < Doubt.MUCH and not winner(value):  # a grade
        return True
    return _REASONS.match(behind) is not None or sides(behind) == {winner(value)}


def _is_a_ruling(page: Page, mark: Mark) -> bool:
    """Return whether a value would have been the verdict, had the reply ended there."""
    if mark.cited or mark.quoted:
        return False
    before = page.lines[mark.row - 1] if mark.row else ""
    alone = mark.alone and not introduces(before, mark.value, gap=page.gaps[mark.row], doubt=Doubt.SOME)
    return alone or (_is_named(page, mark) and follows(mark.tail, mark.value, named=True))


def _is_said(page: Page, same: list[Mark], doubt: Doubt) -> bool:
    """Return whether the words of a line make the values on it, all equal, the judge's own ruling."""
    first, last = same[0], same[-1]
    if _is_recited(first):
        return False
    if first.cited and (page.lines[first.row].lstrip().startswith(">") or not in_table(page.lines[first.row])):
        return False
    sentence = last_sentence(first.lead.replace("|", " "))
    named = bool(sentence) and rules_before(sentence, first.value)
    if sentence and not named:
        return (
            _is_a_sentence(first, sentence) and not words_in(last.tail) and follows(last.tail, last.value, named=False)
        )
    if named and first.row and leads_to_text(page.lines[first.row - 1], first.value):
        return False
    if named:
        return follows(last.tail.replace("|", " "), last.value, named=True)
    before = page.lines[first.row - 1] if first.row else ""
    introduced = introduces(before, first.value, gap=page.gaps[first.row])
    if introduced or last.quoted or last.cited:
        return False
    loose = doubt is Doubt.NONE and len(same) == 1
    return follows(last.tail, last.value, named=False) or (loose and is_reason(last.tail, last.value))


def _is_a_sentence(mark: Mark, before: str) -> bool:
    """Return whether a value is a sentence of its own behind the judge's reasons."""
    finished = ENDED.search(mark.lead) is not None and not mark.quoted and not is_heading(before, mark.value)
    return finished and not disowned(before, mark.value) and not OF_ANOTHER.search(before)


def _is_recited(mark: Mark) -> bool:
    """Return whether a value stands in what somebody else is said to say; the judge may put its own verdict into quotes."""
    return bool(mark.recited) and not rules_before(last_sentence(mark.recited), mark.value)


def _is_quoted(mark: Mark) -> bool:
    return mark.cited or mark.quoted or quotes(f"{last_sentence(mark.lead)} {ENDED_WITHIN.split(mark.tail)[0]}")


def _behind(page: Page, row: int) -> str:
    """Return the lines behind a row, without those that say nothing."""
    return "\n".join(line for line in page.lines[row + 1 :] if words_in(line))


def _closes(text: str, value: str, *, named: bool) -> bool:
    """Return whether a text may follow a value: it is short, quotes nothing and prefers no one else.

    What follows a value that is `named` as the verdict may give reasons, if it does not take the verdict back.
    """
    if not text:
        return True
    if text.lstrip("*_# .…")[:1].islower() or disowned(text, value):
        return False
    if named:
        return len(text.split()) <= REASONS and _SAID_OF_IT.match(text) is None
    return len(text) <= LONGEST and len(text.split()) <= CLOSING and agrees(text, value)


def _at_the_start(page: Page, standing: Collection[str] | None) -> str | None:
    """Return the value on the first line, if it rules there and all that follows only gives reasons for it."""
    first, behind = page.marks[0], _behind(page, 0)
    reasoned = _REASONS.match(behind) is not None and DISTANCING.match(behind) is None
    if behind and not reasoned and not _is_named(page, first):
        return None
    if (
        first.row
        or first.cited
        or "?" in first.tail
        or (standing is not None and first.value in standing)
        or any(mark.value != first.value for mark in page.marks)
    ):
        return None
    said = first.alone or (_is_named(page, first) and follows(first.tail, first.value, named=True))
    if not said or behind.lstrip("*_# ")[:1].islower() or disowned(behind, first.value):
        return None
    if _SAID_OF_IT.match(behind):
        return None
    return first.value if _is_named(page, first) or not _POINTING.match(behind) else None


_BARE = re.compile(
    r"(?P<lead>(?:[^\n]*\[RESULT\]|[^\n]{0,80}[:：]"
    r"|[^\n:]{0,40}\bis)?)[\s*_`\"$(]*(?P<value>[^\s:：][^:：\n]{0,40}?)[\s*_`\".$)]*"
)


def _bare(page: Page, value_of: ValueOf) -> str | None:
    """Return a value without brackets that is the whole last line, or follows the word for the verdict there."""
    if not page.lines or page.cited[-1]:
        return None
    found = _BARE.fullmatch(page.lines[-1][-BESIDE:].strip())
    value = value_of(found["value"]) if found else None
    if (
        found is None
        or value is None
        or not (re.search(r"[><=\d]", found["value"]) or len(words_in(found["value"])) > 2)
    ):
        return None
    before = page.lines[-2] if len(page.lines) > 1 else ""
    lead = "" if found["lead"].endswith("[RESULT]") else last_sentence(found["lead"])
    if lead:
        return value if rules_before(lead, value) else None
    if found["lead"]:
        return value
    return None if introduces(before, value, gap=page.gaps[-1]) else value
