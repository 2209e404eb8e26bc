"""An agreement report as text for people: one table for each kind of row, with a sentence on how to read it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from syncode.reports.sections import Section, told
from syncode.reports.tables import number, one_line, percent
from syncode.schemas.records import Row


def _range(row: Row, low: str, high: str, form: Callable[[float | None], str] = percent) -> str:
    return "-" if row[low] is None else f"{form(row[low])} to {form(row[high])}"


SECTIONS: dict[str, Section] = {
    "judge": Section(
        "Each judge with itself: same answer preferred when the answers change places; decisions for the first place. In %.",
        {
            "consistent": lambda row: percent(row["consistency"]),
            "judge": lambda row: row["judge"] or "(unnamed)",
            "95 %": lambda row: _range(row, "consistency_low", "consistency_high"),
            "double games": lambda row: str(row["both_read"]),
            "flips": lambda row: str(row["flips"]),
            "first place": lambda row: percent(row["first_share"]),
            "95 % ": lambda row: _range(row, "first_low", "first_high"),
            "games": lambda row: str(row["games"]),
            "missing": lambda row: str(row["missing"]),
        },
    ),
    "canary": Section(
        "Canaries, pairs with a known verdict: how often the judge held out, in %.",
        {
            "held": lambda row: percent(row["share"]),
            "canary": lambda row: f"{row['canary']}: {row['judge'] or '(unnamed)'}",
            "95 %": lambda row: _range(row, "low", "high"),
            "of": lambda row: str(row["of"]),
            "missing": lambda row: str(row["missing"]),
        },
    ),
    "repeat": Section(
        "Asked again in the same order: how often the verdict stays, and how much more the exchange of places flips it. In %.",
        {
            "steady": lambda row: percent(row["share"]),
            "judge": lambda row: row["judge"],
            "95 %": lambda row: _range(row, "low", "high"),
            "of": lambda row: str(row["of"]),
            "position flip": lambda row: percent(row["position_flip"]),
        },
    ),
    "raters": Section(
        "Every two raters: raw agreement in %, and chance-corrected.",
        {
            "agree": lambda row: percent(row["agreement"]),
            "raters": lambda row: f"{row['first']} / {row['second']}",
            "n": lambda row: str(row["n"]),
            "kappa": lambda row: number(row["kappa"]),
            "95 %": lambda row: _range(row, "kappa_low", "kappa_high", number),
            "linear": lambda row: number(row["kappa_linear"]),
            "AC1": lambda row: number(row["ac1"]),
            "decided": lambda row: f"{row['decided_agree']}/{row['decided']}",
            "rule": lambda row: row["rule"],
        },
        frozenset({"rule"}),  # a plain table of ratings has units and no rule
    ),
    "panel": Section(
        "All raters together: Krippendorff's alpha; one vote against the majority of the others is the ceiling for a judge.",
        {
            "alpha": lambda row: number(row["alpha_nominal"]),
            "raters": lambda row: f"{row['raters']} {'people' if row.get('people') else 'raters'}",
            "95 %": lambda row: _range(row, "alpha_low", "alpha_high", number),
            "ordinal": lambda row: number(row["alpha_ordinal"]),
            "units": lambda row: str(row["units"]),
            "ceiling": lambda row: percent(row.get("ceiling")),
        },
    ),
    "panel_rater": Section(
        "Each rater against all others together, weighed by how well they do (Dawid and Skene), in %; weight: bits per label.",
        {
            "agrees": lambda row: percent(row["share"]),
            "rater": lambda row: row["rater"] or "(unnamed)",
            "95 %": lambda row: _range(row, "low", "high"),
            "of": lambda row: str(row["of"]),
            "weight": lambda row: number(row["weight"], 2),
            "its 95 %": lambda row: _range(row, "weight_low", "weight_high", partial(number, places=2)),
        },
    ),
    "gold": Section(
        "Judges against the right label: accuracy in % with its error by question, bounds for what is missing, and the rule by "
        "which both orders count.",
        {
            "right": lambda row: percent(row["accuracy"]),
            "judge": lambda row: f"{row['judge']} / {row['gold']}",
            "error": lambda row: percent(row["accuracy_error"]),
            "n": lambda row: str(row["n"]),
            "coverage": lambda row: percent(row["coverage"]),
            "bounds": lambda row: _range(row, "bound_low", "bound_high"),
            "kappa": lambda row: number(row["kappa"]),
            "AC1": lambda row: number(row["ac1"]),
            "macro F1": lambda row: number(row["macro_f1"]),
            "rule": lambda row: row["rule"],
        },
    ),
    "gold_difference": Section(
        "Differences of accuracy, paired by question, in %.",
        {
            "gap": lambda row: percent(row["difference"]),
            "judges": lambda row: f"{row['first']} - {row['second']}",
            "error": lambda row: percent(row["error"]),
            "p": lambda row: number(row["p"], 4),
            "Holm": lambda row: number(row["holm"], 4),
            "only one right": lambda row: f"{row['only_first']}:{row['only_second']}",
            "McNemar": lambda row: number(row["mcnemar"], 4),
        },
    ),
    "corrected": Section(
        "Win rates in %: people on the labelled pairs, the judge on all, and the prediction-powered estimate.",
        {
            "corrected": lambda row: percent(row["corrected"]),
            "model": lambda row: f"{row['model']} by {row['judge']}",
            "95 %": lambda row: _range(row, "low", "high"),
            "people": lambda row: f"{percent(row['people'])} +- {percent(row['people_error'])}",
            "judge": lambda row: percent(row["judge_mean"]),
            "trust": lambda row: number(row["power"]),
            "n": lambda row: f"{row['labelled']}+{row['unlabelled']}",
            "labels_needed": lambda row: "-" if row.get("labels_needed") is None else str(row["labels_needed"]),
        },
        optional=frozenset({"labels_needed"}),
    ),
    "system": Section(
        "Rankings of the models: rank correlation, with intervals over drawn questions.",
        {
            "Spearman": lambda row: number(row["spearman"]),
            "rankings": lambda row: f"{row['first']} / {row['second']}",
            "95 %": lambda row: _range(row, "spearman_low_questions", "spearman_high_questions", number),
            "Kendall": lambda row: number(row["kendall"]),
            "models": lambda row: str(row["models"]),
            "pairs alike": lambda row: percent(row["pairs_alike"]),
        },
    ),
    "style": Section(
        "The answer with more of a feature preferred, in % of the decided games in which the answers differ in it.",
        {
            "share": lambda row: percent(row["share"]),
            "judge": lambda row: f"{row['feature']}: {row['judge'] or '(unnamed)'}",
            "95 %": lambda row: _range(row, "low", "high"),
            "of": lambda row: str(row["of"]),
            "tests": lambda row: percent(row.get("tests_share")),
            "exceeds": lambda row: {True: "yes", False: "no", None: "-"}[row["exceeds"]],
        },
    ),
    "self_preference": Section(
        "How much more than judges of other families a judge prefers its own, in %.",
        {
            "excess": lambda row: percent(row["excess"]),
            "judge": lambda row: f"{row['judge']} ({row['family']})",
            "95 %": lambda row: _range(row, "low", "high"),
            "n": lambda row: str(row["n"]),
            "equal results": lambda row: percent(row.get("equal_excess")),
        },
    ),
    "prefers_failing": Section(
        "One answer passes its tests, the other fails: the failing one preferred, in % of the decided games.",
        {
            "share": lambda row: percent(row["share"]),
            "judge": lambda row: row["judge"] + (f", failing: {row['failing_model']}" if row["failing_model"] else ""),
            "95 %": lambda row: _range(row, "low", "high"),
            "of": lambda row: str(row["of"]),
            "words longer": lambda row: number(row["longer_when_failing"], 0),
        },
    ),
}


def as_text(rows: Sequence[Row]) -> str:
    """Return one table for each kind of row that there is, below a heading for each value of `--by`."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(", ".join(f"{name}: {value}" for name, value in row.get("by", {}).items()), []).append(row)
    if list(groups) == [""]:
        return _tables(rows)
    return "\n\n\n".join(f"=== {one_line(name)} ===\n\n{_tables(mine)}" for name, mine in groups.items())


def _tables(rows: Sequence[Row]) -> str:
    parts = [f"{row['why']}." for row in rows if row["kind"] == "nothing"]
    parts += [
        f"{row['rows']} of {row['of']} verdicts and labels have no digests: whether they are on the same texts as the others is "
        "not known."
        for row in rows
        if row["kind"] == "undigested"
    ]
    return "\n\n\n".join(part for part in (*parts, told(SECTIONS, rows)) if part)
