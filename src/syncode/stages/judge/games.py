"""The ask stage: a pair of answers in, one verdict row per game out."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Collection, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from syncode.engines import Ask, Op, Reply, Request, Sampling
from syncode.schemas.records import Message, Row, content_id, draw
from syncode.stages.judge.asking import again, cut_in, longer, with_room
from syncode.stages.judge.canaries import held
from syncode.stages.judge.chances import share as expected_share
from syncode.stages.judge.pairing import Side
from syncode.stages.judge.published import read_arena_hard, read_codearena, read_fastchat
from syncode.stages.judge.reading import Reading, read_json, read_text, standing_labels
from syncode.text import chats
from syncode.text.digests import answer_sha, labels_of, question_sha
from syncode.text.endings import ending
from syncode.text.shown import question
from syncode.text.style import style
from syncode.verdicts.designs import Swap, bought, second_share
from syncode.verdicts.labels import VALUES
from syncode.verdicts.protocols import Protocol, Reader

CONTEXT_ERRORS = (
    "context length",
    "context size",
    "context_length",
    "exceed_context",
    "maximum context",
    "too many tokens",
)
"""How servers (OpenAI, vLLM, llama.cpp) say that a prompt does not fit."""
PUBLISHED = ("codearena", "arena-hard-v2", "fastchat")
"""Readers that read as the published programs do."""
_ASKED_AGAIN = (("unparsed", "conflicting"), ("unparsed",))
"""States that are asked again, by our readers and by the published ones."""
CHARACTERS_PER_TOKEN = 4
"""The usual estimate if no tokenizer of the judge is at hand."""


@dataclass(frozen=True)
class Judge:
    """One judge of the panel: the name that goes into the rows, and its engine."""

    name: str
    ask: Ask


@dataclass(frozen=True)
class Rules:
    """How a run judges. `reason_length` bounds the reason of a structured reply, in characters, 0 for no bound.

    `fixed_room`: the user has set the longest reply; `body` holds further keys of the requests.
    """

    protocol: Protocol
    reader: Reader = "json"
    sampling: Sampling = field(default_factory=Sampling)
    games: int = 2
    repeat: int = 1
    seed: int = 0
    reason_length: int = 400
    context: int | None = None
    first_turn: bool = False
    fixed_room: bool = False
    body: Mapping[str, Any] = field(default_factory=dict)
    logprobs: bool = False
    swap: Swap = "all"

    @property
    def op(self) -> Op:
        """What the request is for: part of the journal key."""
        return Op("judge", 1, self.protocol.prompt_for(self.reader))


@dataclass(frozen=True)
class Game:
    """Two answers in the order in which they are shown."""

    task: Row
    first: Side
    second: Side
    number: int
    repeat: int
    baseline: str | None
    evidence: Mapping[str, str]
    canary: str = ""


async def judge(pair: Row, judges: Sequence[Judge], rules: Rules) -> list[Row]:
    """Return the verdict rows of one pair: judges x repeats x games, in this order. An unwanted answer is dropped."""
    if "unwanted" in pair:
        return [{**pair["unwanted"], "drop": pair["why"]}]
    if rules.swap == "close" and not pair.get("canary"):
        return list(itertools.chain(*await asyncio.gather(*_turns(pair, judges, rules))))
    rows = list(await asyncio.gather(*(_play(game, one, rules) for one in judges for game in games_of(pair, rules))))
    return rows if not pair.get("canary") else [_marked(row, rows) for row in rows]


def _turns(pair: Row, judges: Sequence[Judge], rules: Rules) -> Iterator[Coroutine[Any, Any, list[Row]]]:
    """Yield the games of each judge and repeat, the second one played only if the first leaves it open."""

    async def turn(one: Judge, games: Sequence[Game]) -> list[Row]:
        rows = [await _play(games[0], one, rules)]
        share = second_share(rows[0]["value"], rules.protocol.score)
        if bought(rules.seed, pair["id"], one.name, games[0].repeat, share):
            rows.append(await _play(games[1], one, rules))
        return rows

    games = games_of(pair, rules)
    for one, repeat in itertools.product(judges, range(rules.repeat)):
        yield turn(one, [game for game in games if game.repeat == repeat])


def _marked(row: Row, rows: Sequence[Row]) -> Row:
    """Return a canary's verdict with `held`: whether the judge stood the test, from both games together."""
    same = [each for each in rows if (each["judge"], each["repeat"]) == (row["judge"], row["repeat"])]
    sides = [1 if each["model_a"] != each["baseline"] else -1 for each in same]
    values = [None if each["value"] is None else side * each["value"] for side, each in zip(sides, same, strict=True)]
    return {**row, "held": held(row["canary"], values)}


def games_of(pair: Row, rules: Rules) -> list[Game]:
    """Return the games of a pair, repeats first to last: game 0 shows the baseline first, game 1 the other answer."""
    sides = (pair["left"], pair["right"])
    return [
        Game(
            task=pair["task"],
            first=sides[number],
            second=sides[1 - number],
            number=number,
            repeat=repeat,
            baseline=pair["baseline"],
            evidence=pair.get("evidence") or {},
            canary=pair.get("canary", ""),
        )
        for repeat in range(rules.repeat)
        for number in range(rules.games)
    ]


async def _play(game: Game, one: Judge, rules: Rules) -> Row:
    settled = None if game.canary else without_judge(game)
    if settled:
        return verdict(game, one.name, rules, settled, [])
    request = to_request(game, rules)
    if rules.context and prompt_tokens(request.messages) + 1 > rules.context:
        return verdict(game, one.name, rules, Reading(None, "skipped_length"), [])
    if rules.logprobs:
        reply = await one.ask(request)
        return verdict(game, one.name, rules, _weighed(reply, rules), [reply])
    request = with_room(request, one.name, fixed=rules.fixed_room)
    standing = standing_labels([side["text"] or "" for side in (game.first, game.second)], rules.protocol.vocabulary)
    replies = [await one.ask(request)]
    reading = read(replies, rules, standing)
    if reading.state in _ASKED_AGAIN[rules.reader in PUBLISHED] and not replies[-1].error:
        replies.append(
            await one.ask(again(request, replies[-1], list(rules.protocol.vocabulary), _label_schema(rules)))
        )
        reading = read(replies, rules, standing)
    elif reading.state == "truncated":
        replies.append(await one.ask(longer(request, replies[-1], fixed=rules.fixed_room)))
        if is_too_long(replies[-1].error or ""):  # there is no more room to be had
            return verdict(game, one.name, rules, reading, replies[:1])
        reading = read(replies[-1:], rules, standing)
    return verdict(game, one.name, rules, reading, replies)


def _weighed(reply: Reply, rules: Rules) -> Reading:
    """Return the expected preference over the tokens that the judge could have said."""
    if reply.error:
        return Reading(None, "skipped_length" if is_too_long(reply.error) else "api_error")
    if not reply.logprobs:
        return Reading(None, "refused" if ending(reply.finish_reason) == "blocked" else "no_logprobs")
    share = expected_share(reply.logprobs, rules.protocol.vocabulary)
    return Reading(None, "unparsed" if share is None else "ok", share=share)


def without_judge(game: Game) -> Reading | None:
    """Return the result of a game that no judge needs to see, None if one must.

    An empty answer loses and equal answers tie, without a call; what is not there at all is missing, never a loss or a tie.
    """
    if any(side["text"] is None for side in (game.first, game.second)):
        gone = [side["model"] for side in (game.first, game.second) if side["text"] is None]
        return Reading(None, "missing_baseline" if gone == [game.baseline] else "missing_answer")
    empty = [side for side in (game.first, game.second) if chats.is_blank(side["text"] or "")]
    if any(side["model"] == game.baseline for side in empty):
        return Reading(None, "empty_baseline")
    if len(empty) == 1:
        return Reading("B>>A" if empty[0] is game.first else "A>>B", "empty_answer")
    if (game.first["text"] or "").split() == (game.second["text"] or "").split():
        return Reading("A=B", "identical")
    return None


def to_request(game: Game, rules: Rules) -> Request:
    """Build the prompt. The delimiters hold a token that no answer can know, keyed by the run seed and the pair."""
    token = delimiter(game, rules.seed)
    messages = rules.protocol.messages(
        rules.reader,
        token=token,
        question=question(game.task, rules.first_turn),
        answer_a=game.first["text"] or "",
        answer_b=game.second["text"] or "",
        evidence=_evidence(game, token),
        length=str(rules.reason_length),
    )
    schema = reply_schema(rules) if rules.reader == "json" else None
    return Request(
        game_id(game, rules), rules.op, messages, rules.sampling, game.repeat, schema=schema, body=rules.body
    )


def delimiter(game: Game, seed: int) -> str:
    """Return 8 hex digits that occur in neither answer: too many to guess, few enough tokens for a small judge."""
    texts = f"{game.first['text']}{game.second['text']}{game.task['messages']}"
    return code_for(texts, seed, content_id(game.task["id"], game.first["text"], game.second["text"]))


def code_for(texts: str, seed: int, key: str) -> str:
    """Return a code, drawn by seed and key, that does not occur in the texts."""
    k = 0
    while (code := f"{draw(seed, key, k, 'judge.delimiter') >> 32:08x}") in texts:
        k += 1
    return code


def reply_schema(rules: Rules) -> dict[str, Any]:
    """Return the JSON Schema of a structured reply: the reason first, so that the label follows from it."""
    reason: dict[str, Any] = {"type": "string"}
    if rules.reason_length:
        reason["maxLength"] = rules.reason_length
    return {
        "type": "object",
        "properties": {"reason": reason, "label": {"type": "string", "enum": list(rules.protocol.vocabulary)}},
        "required": ["reason", "label"],
        "additionalProperties": False,
    }


def prompt_tokens(messages: Sequence[Message]) -> int:
    """Return the estimated length of a prompt in tokens: a quarter of its characters."""
    return sum(len(message["content"]) for message in messages) // CHARACTERS_PER_TOKEN


def _label_schema(rules: Rules) -> dict[str, Any] | None:
    """Return the schema of a reply that is asked for the final label only."""
    if rules.reader != "json":
        return None
    label = {"type": "string", "enum": list(rules.protocol.vocabulary)}
    return {"type": "object", "properties": {"label": label}, "required": ["label"], "additionalProperties": False}


def read(replies: Sequence[Reply], rules: Rules, standing: Collection[str] = ()) -> Reading:
    """Return what the replies to one game say, or the state that says why nothing was read.

    `standing` are the labels that stand in the answers: a judge may be quoting them.
    """
    reply = replies[-1]
    if reply.error:
        return Reading(None, "skipped_length" if is_too_long(reply.error) else "api_error")
    how = ending(reply.finish_reason)
    cut = how == "cut"
    labels = rules.protocol.vocabulary
    match rules.reader:
        case "json":
            reading = read_json(reply.text, labels, cut, standing)
        case "text":
            reading = read_text(reply.text, labels, cut, standing)
        case "codearena":
            found = read_codearena([each.text for each in replies], final=len(replies) > 1)
            reading = found or Reading(None, "unparsed")
        case "arena-hard-v2":
            reading = read_arena_hard(reply.text)
        case "fastchat":
            reading = read_fastchat(reply.text)
    if reading.label is None and how == "blocked":
        return replace(reading, state="refused")
    return reading


def is_too_long(error: str) -> bool:
    """Return whether a server's error says that the prompt does not fit into its context."""
    return any(hint in error.lower() for hint in CONTEXT_ERRORS)


def game_id(game: Game, rules: Rules) -> str:
    """Return the id of a game, the same for every judge."""
    shown = [game.first["model"], game.first["text"], game.second["model"], game.second["text"]]
    return content_id("game", rules.protocol.name, game.task["id"], *shown, game.number, game.repeat)


def settings_digest(rules: Rules) -> str:
    """Return what a verdict depends on besides the texts, in 16 hex digits."""
    sampling = rules.sampling
    parts = [rules.op.prompt, rules.reader, sampling.temperature, sampling.max_tokens, sampling.top_p]
    more = [dict(rules.body)] if rules.body else []
    return content_id(*parts, rules.reason_length, rules.seed, rules.first_turn, *more)[:16]


def verdict(game: Game, judge_name: str, rules: Rules, reading: Reading, replies: Sequence[Reply]) -> Row:
    """Return the row of one game. `label`, `value` and `share` are from the side of `model_a`, the answer shown first."""
    task, last = game.task, replies[-1] if replies else Reply()
    texts = (game.first["text"] or "", game.second["text"] or "")
    row = {
        "id": content_id("verdict", judge_name, game_id(game, rules), settings_digest(rules)),
        "task_id": task["id"],
        "model_a": game.first["model"],
        "model_b": game.second["model"],
        "order": _order(game),
        "judge": judge_name,
        "protocol": rules.protocol.name,
        "label": reading.label,
        "state": reading.state,
        "game": game.number,
        "games": rules.games,
        "repeat": game.repeat,
        "value": None if reading.label is None else VALUES[reading.label],
        "baseline": game.baseline,
        "reason": reading.reason,
        "labels_found": list(reading.found),
        "judge_model": last.model,
        "finish_reason": last.finish_reason,
        "usage": usage_of(replies),
        "requests": [reply.key for reply in replies],
        "prompt_version": rules.op.prompt,
        "settings_sha": settings_digest(rules),
        "conversation": "first-turn" if rules.first_turn else "whole",
        "answer_a": game.first["id"],
        "answer_b": game.second["id"],
        "question_sha": question_sha(task),
        **_answers_sha(game),
        "style_a": style(texts[0]),
        "style_b": style(texts[1]),
        "lengths": [len(texts[0]), len(texts[1])],
    }
    row |= labels_of(task)
    if replies:
        row |= {"reply": replies[-1].text, **replies[-1].parts}
    if last.error:
        row["error"] = last.error
    if reading.state == "truncated":
        row["cut_in"] = cut_in(last)
    if game.evidence:
        row["with_executions"] = True
    if reading.share is not None:
        row["share"] = reading.share
    if rules.protocol.text:
        row["aggregate"] = rules.protocol.score
    if game.canary:
        row["canary"] = game.canary
    return row


def _answers_sha(game: Game) -> Row:
    """Return the digests of the answers; what is not there has none."""
    texts = {"answer_sha_a": game.first["text"], "answer_sha_b": game.second["text"]}
    return {name: answer_sha(text) for name, text in texts.items() if text is not None}


def _order(game: Game) -> str:
    if game.baseline is None:
        return ("given", "exchanged")[game.number]
    return "baseline_first" if game.first["model"] == game.baseline else "candidate_first"


def usage_of(replies: Sequence[Reply]) -> dict[str, int]:
    """Return the tokens of all replies together."""
    names = sorted({name for reply in replies for name in reply.usage})
    return {name: sum(reply.usage.get(name, 0) for reply in replies) for name in names}


def _evidence(game: Game, token: str) -> str:
    """Return what running the programs showed, as one block; empty if the run judges without."""
    if not game.evidence:
        return ""
    none = "not run"
    shown = [
        (name, game.evidence.get(str(side["id"] or ""), none)) for name, side in (("A", game.first), ("B", game.second))
    ]
    return "\n\n".join(
        [""]
        + [
            f"<run-of-answer-{name.lower()} {token}>\n{text}\n</run-of-answer-{name.lower()} {token}>"
            for name, text in shown
        ]
    )
