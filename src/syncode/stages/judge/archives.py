"""Replies that other harnesses have stored: which form a row has, told by its content, and the games in it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from syncode.schemas.records import Row
from syncode.text.endings import ending
from syncode.verdicts.labels import THREE, canonical
from syncode.verdicts.protocols import PROTOCOLS

_OF_JUDGEBENCH = {
    "arena_hard": "arena-hard-v0.1",
    "compass_judger": "arena-hard-v0.1",
    "vanilla": "vanilla",
    "panda_lm": "pandalm",
    "judge_lm": "judgelm",
    "auto_j": "auto-j",
    "prometheus_2": "prometheus pair",
    "skywork_critic": "skywork-critic",
}
"""JudgeBench's names of judges -> the form of their replies."""


@dataclass(frozen=True)
class Stored:
    """One stored reply. `form` is a name in FORMS; `text` is None if the file holds none; `stored` is what the file read from it.

    `coarse`: the file does not tell "much better" from "better". `known` are keys of the row that comes of it. A reply that was
    not text has its `label` or `share` already, and one that never came its `state`; `unread` is that
    of one in which nothing can be read, for a reason that the file names.
    """

    form: str
    text: str | None
    stored: str | None
    known: Mapping[str, Any]
    coarse: bool = False
    share: float | None = None
    label: str | None = None
    state: str | None = None
    unread: str = ""
    texts: tuple[str, ...] = field(default=())


def stored_in(row: Row) -> list[Stored] | None:
    """Return the replies that a row of another harness holds, None for a row of no form that is known."""
    for fits, games in _KINDS:
        if fits(row):
            return list(games(row))
    return None


def _has(*names: str) -> Any:
    return lambda row: all(name in row for name in names)


def _arena_hard(row: Row) -> Iterator[Stored]:
    games = [game if isinstance(game, Mapping) else {} for game in row["games"]]
    second = "uid" in row or any(isinstance(game.get("judgment"), Mapping) for game in games)
    form = "arena-hard-v2" if second else "arena-hard-v0.1"
    baseline = str(row.get("baseline") or PROTOCOLS[form].baseline)
    sides = (baseline, str(row["model"]))
    for number, game in enumerate(games):
        judgment = game.get("judgment")
        text = judgment.get("answer") if isinstance(judgment, Mapping) else judgment
        known = {
            **_pair(row.get("uid") or row.get("question_id"), sides, number, row.get("judge")),
            "baseline": baseline,
            "order": ("baseline_first", "candidate_first")[number % 2],
        }
        known |= {"category": row["category"]} if row.get("category") else {}
        yield Stored(form, text if isinstance(text, str) else None, canonical(str(game.get("score") or "")), known)


def _judgebench(row: Row) -> Iterator[Stored]:
    form = _OF_JUDGEBENCH.get(str(row.get("judge_name")), "arena-hard-v0.1")
    for number, game in enumerate(row["judgments"]):
        inner = (game or {}).get("judgment") or {}
        text = inner.get("response")
        known = {
            **_pair(row.get("pair_id"), ("response_A", "response_B"), number, inner.get("judge_model")),
            "judge_form": row.get("judge_name"),
            "gold": row.get("label"),
            "source": row.get("source"),
        }
        label = canonical(str((game or {}).get("decision") or ""))
        scores = inner.get("scores")
        given = None
        if isinstance(scores, list) and len(scores) == 2:
            given = "A>B" if scores[0] > scores[1] else "B>A"
        texts = (str(row.get("response_A") or ""), str(row.get("response_B") or ""))
        yield Stored(form, text if isinstance(text, str) else None, label, known, True, label=given, texts=texts)


def _mt_bench_pair(row: Row) -> Iterator[Stored]:
    sides = (str(row["model_1"]), str(row["model_2"]))
    for number in (0, 1):
        winner = row.get(f"g{number + 1}_winner")
        first, second = ("model_1", "model_2") if number == 0 else ("model_2", "model_1")
        stored = {first: "A>B", second: "B>A", "tie": "A=B"}.get(str(winner))
        known = {**_pair(_turn(row), sides, number, _judge(row)), "turn": row.get("turn")}
        yield Stored("mt-bench pair", _text(row.get(f"g{number + 1}_judgment")), stored, known)


def _mt_bench_single(row: Row) -> Iterator[Stored]:
    score = row.get("score")
    stored = f"{score:g}" if isinstance(score, int | float) and score != -1 else None
    known = {"task_id": _turn(row), "model": row["model"], "judge": _judge(row), "turn": row.get("turn")}
    yield Stored("mt-bench single", _text(row["judgment"]), stored, known)


def _alpaca_eval(row: Row) -> Iterator[Stored]:
    sides = (str(row.get("generator_1") or "output_1"), str(row.get("generator_2") or "output_2"))
    preference, raw = row.get("preference"), row.get("raw_completion")
    known = {**_pair(str(row["instruction"]), sides, 0, row["annotator"]), "baseline": sides[0]}
    known |= {"category": row["dataset"]} if row.get("dataset") else {}
    stored = None if preference is None or math.isnan(preference) else _preferred(preference)
    if isinstance(raw, str) and raw.lstrip()[:1] in ("{", "["):
        raw = _loaded(raw)
    if isinstance(raw, Mapping) and (given := alpaca_share(raw)) is not None:
        share = given if preference is None or abs(2 - given - preference) <= abs(1 + given - preference) else 1 - given
        yield Stored("alpaca-eval", _text(raw.get("text")), stored, known, share=share)
        return
    first = _first_ranked(raw, row.get("referenced_models") or {}, preference)
    yield Stored("alpaca-eval", None, stored, known, label=first)


def alpaca_share(raw: Mapping[str, Any]) -> float | None:
    """Return the share of `M` among the tokens `m` and `M` at the first place of a completion with log-probabilities."""
    content = (raw.get("logprobs") or {}).get("content") if isinstance(raw.get("logprobs"), Mapping) else None
    if not content:
        return None
    top = {each["token"]: math.exp(each["logprob"]) for each in content[0].get("top_logprobs") or []}
    total = top.get("m", 0.0) + top.get("M", 0.0)
    return top.get("M", 0.0) / total if total else None


def _first_ranked(raw: Any, names: Mapping[str, str], preference: float | None) -> str | None:
    """Return which output a ranking puts first. Without the names of the models its order is known from the preference alone."""
    ranked = raw.get("ordered_models") if isinstance(raw, Mapping) else raw
    if not isinstance(ranked, list) or not all(isinstance(each, Mapping) for each in ranked):
        return None
    first = [str(each.get("model")) for each in ranked if each.get("rank") == 1]
    if len(first) != 1:
        return None
    meant = names.get(first[0])
    if meant is None:
        return None if preference is None else _preferred(preference)
    return {"output_1": "A>B", "output_2": "B>A"}.get(meant)


def _preferred(preference: float) -> str:
    return "A=B" if preference in (0, 1.5) else "A>B" if preference < 1.5 else "B>A"


def _wildbench(row: Row) -> Iterator[Stored]:
    parsed = row.get("parsed_result")
    text = _text(row.get("result")) or (json.dumps(parsed, ensure_ascii=False) if isinstance(parsed, Mapping) else None)
    if "model_A" in row or (isinstance(parsed, Mapping) and "choice" in parsed):
        sides = (str(row.get("model_A") or "A"), str(row.get("model_B") or "B"))
        extent, winner = row.get("extent"), row.get("winner")
        side = {sides[0]: ("A>B", "A>>B"), sides[1]: ("B>A", "B>>A")}.get(str(winner), ("A=B", "A=B"))
        stored = None if winner is None else side[extent == 2]
        yield Stored("wildbench pair", text, stored, _pair(row["session_id"], sides, 0, row.get("judge")))
    else:
        score = row.get("score", parsed.get("score") if isinstance(parsed, Mapping) else None)
        known = {
            "task_id": row["session_id"],
            "model": row.get("model_test") or row.get("generator"),
            "judge": row.get("judge"),
        }
        yield Stored("wildbench score", text, None if score is None else _plain_number(score), known)


def _wildbench_batch(row: Row) -> Iterator[Stored]:
    """Yield the reply of a line of the Batch API, whose id holds the session and the models: `ID||A:one||B:two`, `ID||one`."""
    body = (row["response"] or {}).get("body") or {}
    choices = body.get("choices") or [{}]
    text = _text((choices[0].get("message") or {}).get("content"))
    session, *models = str(row["custom_id"]).split("||")
    judge = body.get("model")
    if len(models) == 2:
        sides = (models[0].removeprefix("A:"), models[1].removeprefix("B:"))
        yield Stored("wildbench pair", text, None, _pair(session, sides, 0, judge))
    else:
        yield Stored("wildbench score", text, None, {"task_id": session, "model": models[0], "judge": judge})


def _judgelm(row: Row) -> Iterator[Stored]:
    sides = (str(row.get("answer1_model_id") or "1"), str(row.get("answer2_model_id") or "2"))
    known = _pair(row.get("question_id"), sides, 0, row.get("pred_model_id"))
    yield Stored("judgelm", _text(row["pred_text"]), None, known)


def _marked(row: Row) -> Iterator[Stored]:
    """Yield the replies of a row without a form of its own, by the mark of the judge in its text."""
    name = next(name for name in _REPLIES if _marking(row.get(name)))
    texts = row[name] if isinstance(row[name], list) else [row[name]]
    score = row.get("score", row.get("prometheus_score"))
    for number, text in enumerate(texts):
        kind = _marking(text) or ""
        form = kind if kind == "auto-j" else f"prometheus {kind}"
        each = score[number] if isinstance(score, list) and number < len(score) else score
        identity = row.get("id") or row.get("idx") or row.get("question_id") or row.get("uuid")
        stored = None if each is None else {"A": "A>B", "B": "B>A"}.get(str(each), _plain_number(each))
        known = (
            {"task_id": identity, "model": row.get("model") or "answer", "judge": row.get("judge")}
            if kind == "single"
            else _pair(identity, (str(row.get("model_a") or "A"), str(row.get("model_b") or "B")), 0, row.get("judge"))
        )
        yield Stored(form, text, stored, {**known, "repeat": number})


_REPLIES = ("output", "prometheus_output", "feedback", "orig_feedback", "response", "completion", "judgment")


def _marking(value: object) -> str:
    text = value[0] if isinstance(value, list) and value else value
    if not isinstance(text, str):
        return ""
    if found := re.search(r"\[RESULT\]:?\s*\(?\[?(?:Response\s*)?(\d|[AB]\b)", text, re.IGNORECASE):
        return "single" if found[1].isdigit() else "pair"
    return "auto-j" if "final decision is" in text else ""


def _is_ours(row: Row) -> bool:
    """Return whether `judge` wrote a row: a game or a grade; checklists and `best` are not read again."""
    known = all(name in row for name in ("reply", "protocol", "judge", "state"))
    protocol = PROTOCOLS.get(str(row.get("protocol")))
    return known and ("model_a" in row or ("points" in row and not (protocol and protocol.items)))


def _ours(row: Row) -> Iterator[Stored]:
    """Yield the reply of a row that `judge` wrote; one without a reply keeps the state that says why."""
    gone = ("state", "labels_found", "reason", "reply", "label", "value", "share", "score", "points")
    known = {name: value for name, value in row.items() if name not in gone}
    text = _text(row["reply"])
    state = None if text and text.strip() else str(row.get("state") or "no_reply")
    unread = {"cut": "truncated", "blocked": "refused"}.get(ending(row.get("finish_reason")) or "", "")
    if "model_a" in row:
        three = PROTOCOLS.get(row["protocol"], PROTOCOLS["codearena"]).labels == THREE
        form, stored = f"judge {'three' if three else 'five'}", row.get("label")
    else:
        form, stored = "judge grade", _plain_number(row.get("points"))
    yield Stored(
        form, text, stored, known, state=state, unread=unread or ("refused" if row["state"] == "refused" else "")
    )


def _pair(task: Any, sides: tuple[str, str], number: int, judge: Any) -> dict[str, Any]:
    shown = sides if number % 2 == 0 else sides[::-1]
    order = ("given", "exchanged")[number % 2]
    return {
        "task_id": task,
        "model_a": shown[0],
        "model_b": shown[1],
        "order": order,
        "judge": judge,
        "game": number % 2,
    }


def _turn(row: Row) -> str:
    return str(row["question_id"]) if row.get("turn") in (None, 1) else f"{row['question_id']}/{row['turn']}"


def _judge(row: Row) -> str | None:
    judge = row.get("judge")
    return str(judge[0]) if isinstance(judge, list) and judge else None if judge is None else str(judge)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _plain_number(value: Any) -> str | None:
    try:
        return f"{float(value):g}"
    except (TypeError, ValueError):
        return None


_KINDS: tuple[tuple[Any, Any], ...] = (
    (
        lambda row: isinstance(row.get("games"), list) and "model" in row and ("uid" in row or "question_id" in row),
        _arena_hard,
    ),
    (lambda row: isinstance(row.get("judgments"), list) and "pair_id" in row, _judgebench),
    (_has("g1_judgment", "model_1", "model_2", "question_id"), _mt_bench_pair),
    (_has("annotator", "instruction", "output_1", "output_2"), _alpaca_eval),
    (lambda row: "session_id" in row and ("parsed_result" in row or "result" in row), _wildbench),
    (lambda row: "response" in row and "||" in str(row.get("custom_id", "")), _wildbench_batch),
    (_has("pred_text"), _judgelm),
    (_is_ours, _ours),
    (lambda row: any(_marking(row.get(name)) for name in _REPLIES), _marked),
    (_has("judgment", "question_id", "model", "score"), _mt_bench_single),
)
"""How each form is known by its keys, and its games; the first that fits counts."""
