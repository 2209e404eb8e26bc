"""The one table of rules: what is measured, within which limits, for which rows, and who set the limit."""

import math
from dataclasses import asdict, dataclass, replace

from syncode.errors import UsageError, meant, nearest
from syncode.schemas.records import Row
from syncode.stages.filter import chat, code, text, web
from syncode.stages.filter.view import Kind, Measure, Side

MANIFEST = 2  # rises with every change of a rule or a limit

_CODE: tuple[Kind, ...] = ("code",)
_WEB: tuple[Kind, ...] = ("web",)
_SAMPLE: tuple[Kind, ...] = ("sample",)
_QUESTION: tuple[Side, ...] = ("question",)
_EITHER: tuple[Side, ...] = ("question", "answer")
_DATA = ("data", "markup")  # kinds of language
_OPENCODER = "OpenCoder opc_data_filtering"


@dataclass(frozen=True)
class Rule:
    """A row is dropped where its measure is below `low` or above `high`.

    `but_not` names languages, or kinds of language (`data`, `markup`), that the rule leaves alone. `source` says who set the
    limit. `of` are the sides of a chat that are measured: the rule leaves chats alone that have none of them.
    """

    id: str
    measure: Measure
    kinds: tuple[Kind, ...]
    low: float | None = None
    high: float | None = None
    source: str = _OPENCODER
    but_not: tuple[str, ...] = ()
    of: tuple[Side, ...] = ("answer",)

    def as_row(self) -> Row:
        """Return the rule as it is printed."""
        row = {key: value for key, value in asdict(self).items() if key != "measure"}
        measured = " ".join((self.measure.__doc__ or "").split())
        return {
            "id": self.id,
            "measure": measured.removeprefix("Return ").partition(". ")[0].rstrip("."),
            **row,
            "manifest": MANIFEST,
        }


RULES: tuple[Rule, ...] = (
    # Files of source code, and where it says so the code of an answer: the minima of files do not fit answers, shares do.
    Rule("code.num_chars", text.num_chars, _CODE, low=50),
    Rule("code.num_words", text.num_words, _CODE, low=30),
    Rule("code.num_lines", text.num_lines, _CODE, low=10, high=100_000),
    Rule("code.size_file_byte", text.num_bytes, _CODE, high=3_000_000),
    Rule("code.num_chars_line_max", text.num_chars_line_max, ("code", "sample"), high=1000),
    Rule("code.num_chars_line_mean", text.num_chars_line_mean, _CODE, low=5, high=100),
    Rule("code.mean_word_length", text.mean_word_length, _CODE, low=2, high=10),
    Rule("code.frac_chars_replacement_symbols", text.frac_chars_replacement_symbols, ("code", "sample"), high=0.01),
    Rule("code.frac_chars_alphabet", text.frac_chars_alphabet, _CODE, low=0.5, but_not=_DATA),
    Rule("code.frac_chars_digital", text.frac_chars_digital, _CODE, high=0.2, but_not=("sql", "data", "markup")),
    Rule("code.frac_chars_whitespace", text.frac_chars_whitespace, _CODE, high=0.5),
    Rule("code.frac_lines_dupe_lines", text.frac_lines_dupe_lines, ("code", "sample"), high=0.7, but_not=_DATA),
    Rule("code.frac_chars_top_2grams", text.frac_chars_top_2grams, _CODE, high=0.20),
    Rule("code.frac_chars_top_4grams", text.frac_chars_top_4grams, _CODE, high=0.16),
    Rule("code.frac_chars_dupe_5grams", text.frac_chars_dupe_5grams, _CODE, high=0.80, but_not=_DATA),
    Rule("code.frac_chars_dupe_10grams", text.frac_chars_dupe_10grams, _CODE, high=0.60, but_not=_DATA),
    Rule("code.frac_chars_hex_words", text.frac_chars_hex_words, ("code", "sample"), high=0.4),
    Rule("code.frac_chars_long_word_length", text.frac_chars_long_word_length, ("code", "sample"), high=0.4, but_not=("html",)),
    Rule("code.frac_chars_string_length", code.frac_chars_string_length, _CODE, high=0.6, but_not=(*_DATA, "bash")),
    Rule("code.frac_chars_comments", code.frac_chars_comments, _CODE, high=0.8, but_not=("html",)),
    Rule("code.frac_lines_prompt_comments", code.frac_lines_prompt_comments, _CODE, high=0.01, but_not=("html", "data")),
    Rule("code.frac_lines_assert", code.frac_lines_assert, _CODE, high=0.4, but_not=(*_DATA, "bash", "go")),
    Rule("code.cate_autogen", code.cate_autogen, _CODE, high=0),
    Rule("code.cate_xml_start", code.cate_xml_start, _CODE, high=0, source="StarCoder", but_not=_DATA),
    Rule("code.cate_ast", code.cate_ast, ("code", "sample"), high=0),
    # Pages and Markdown.
    Rule("doc.num_chars", text.num_chars, _WEB, low=50),
    Rule("doc.num_words", text.num_words, _WEB, low=50, high=100_000, source="OpenCoder, DCLM"),
    Rule("doc.num_lines", text.num_lines, _WEB, low=10),
    Rule("doc.num_sentences", web.num_sentences, _WEB, low=2),
    Rule("doc.mean_word_length", text.mean_word_length, _WEB, low=3, high=10),
    Rule("doc.entropy_unigram", text.entropy_unigram, _WEB, low=3),
    Rule("doc.frac_lines_start_with_bullet", web.frac_lines_start_with_bullet, _WEB, high=0.9),
    Rule("doc.frac_lines_end_with_readmore", web.frac_lines_end_with_readmore, _WEB, high=0.3),
    Rule("doc.frac_words_all_caps", web.frac_words_all_caps, _WEB, high=0.5),
    Rule("doc.frac_lines_dupe_lines", text.frac_lines_dupe_lines, _WEB, high=0.60),
    Rule("doc.frac_chars_dupe_10grams", text.frac_chars_dupe_10grams, _WEB, high=0.60),
    Rule("doc.frac_chars_top_2grams", text.frac_chars_top_2grams, _WEB, high=0.20),
    Rule("doc.frac_chars_hex_words", text.frac_chars_hex_words, _WEB, high=0.4),
    Rule("doc.frac_chars_replacement_symbols", text.frac_chars_replacement_symbols, _WEB, high=0.01),
    Rule("doc.frac_chars_alphabet", text.frac_chars_alphabet, _WEB, low=0.5),
    Rule("doc.frac_chars_digital", text.frac_chars_digital, _WEB, high=0.2),
    Rule("doc.frac_chars_whitespace", text.frac_chars_whitespace, _WEB, high=0.5),
    Rule("doc.symbol_ratio", web.symbol_ratio, _WEB, high=0.1, source="DCLM, RefinedWeb"),
    Rule("doc.stop_words", web.stop_words, _WEB, low=2, source="DCLM, RefinedWeb"),
    # Instruction records.
    Rule("inst.question_words", chat.question_words, _SAMPLE, low=4, of=_QUESTION, source="Self-Instruct; no upper bound: ours"),
    Rule("inst.question_tokens", chat.question_tokens, _SAMPLE, high=3200, of=_QUESTION, source="OpenCodeReasoning"),
    Rule("inst.external_ref", chat.external_ref, _SAMPLE, high=0, of=_QUESTION, source="OpenThoughts"),
    Rule("inst.empty", chat.empty, _SAMPLE, high=0, source="ours"),
    Rule("inst.answer_words", chat.answer_words, _SAMPLE, low=5, source="ours"),
    Rule("inst.refusal", chat.refusal, _SAMPLE, high=0, source="WizardCoder's Evol-Instruct"),
    Rule("inst.no_fence", chat.no_fence, _SAMPLE, high=0, source="arXiv 2412.05210"),
    Rule("inst.truncated", chat.truncated, _SAMPLE, high=0, source="Magicoder"),
    Rule("inst.leaked_prompt", chat.leaked_prompt, _SAMPLE, high=0, of=_EITHER, source="WizardCoder's Evol-Instruct"),
    Rule("inst.code_lines", chat.code_lines, _SAMPLE, low=3, source="ours"),
    Rule("inst.code_chars", chat.code_chars, _SAMPLE, low=30, source="ours"),
    Rule("inst.placeholder", code.num_placeholders, _SAMPLE, high=0, source="StarCoder2 self-align"),
    Rule("inst.answer_is_question", chat.answer_is_question, _SAMPLE, high=0, source="ours"),
    Rule("inst.tests_only", chat.tests_only, _SAMPLE, high=0, source="ours"),
    Rule("inst.wrong_language", chat.wrong_language, _SAMPLE, high=0, source="ours"),
)  # fmt: skip


def chosen(overrides: tuple[str, ...], skip: tuple[str, ...]) -> tuple[Rule, ...]:
    """Return the table with limits overridden (`ID=LIMIT`, `ID=LOW..HIGH`) and rules left out.

    A single LIMIT replaces the one limit that a rule has. Raises UsageError for an unknown id and an unreadable limit.
    """
    known = {rule.id: rule for rule in RULES}
    for override in overrides:
        name, sign, limit = override.partition("=")
        if not sign:
            raise UsageError(f"--rule {override}: it should be ID=LIMIT or ID=LOW..HIGH")
        known[name] = _limited(_known(known, name, "--rule"), limit)
    for name in skip:
        _known(known, name, "--skip")
        if any(override.partition("=")[0] == name for override in overrides):
            raise UsageError(f"--rule {name} has no effect with --skip {name}: leave one of them out")
    return tuple(rule for rule in known.values() if rule.id not in skip)


def _known(known: dict[str, Rule], name: str, flag: str) -> Rule:
    if name not in known:
        near = meant(nearest(name, known))
        raise UsageError(f"{flag}: there is no rule {name!r}{near} (syncode filter --rules prints the table)")
    return known[name]


def _limited(rule: Rule, limit: str) -> Rule:
    low, dots, high = limit.partition("..")
    try:
        if dots:
            least, most = _limit(low) if low else None, _limit(high) if high else None
            if least is not None and most is not None and least > most:
                raise UsageError(f"--rule {rule.id}={limit}: no measure is within these limits")
            return replace(rule, low=least, high=most, source="command line")
        if rule.low is not None and rule.high is not None:
            raise UsageError(f"--rule {rule.id}={limit}: it has two limits, write LOW..HIGH")
        side = "low" if rule.low is not None else "high"
        return replace(rule, **{side: _limit(limit)}, source="command line")  # type: ignore[arg-type]
    except ValueError as error:
        raise UsageError(f"--rule {rule.id}={limit}: the limit is no number") from error


def _limit(text: str) -> float:
    limit = float(text)
    if math.isnan(limit):  # no measure would ever be outside it
        raise ValueError(text)
    return limit
