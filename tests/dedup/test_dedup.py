"""Copies and near copies: which are found, which one stays, and that the order of arrival changes nothing."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncode.schemas.records import Row
from syncode.stages.dedup.cluster import Clusters
from syncode.stages.dedup.run import dedup, ranking
from syncode.stages.dedup.settings import Dedup
from syncode.stages.dedup.sketch import BATCH, banding, signatures
from syncode.stages.dedup.texts import exact_keys, group, jaccard, shingles

TRUTH = Path(__file__).parents[2] / "../shared/data/dedup_truth/mccormick_minhash"
EXACT, NEAR, BOTH = (Dedup(method=method) for method in ("exact", "near", "both"))
WORDS = [f"word{number}" for number in range(400)]


def document(name: str, text: str, **more: object) -> Row:
    return {"id": name, "text": text, "source": {"kind": "path", "path": name}, **more}


def chat(name: str, question: str, answer: str) -> Row:
    messages = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return {"id": name, "messages": messages, "language": "python", "labels": {}, "lineage": []}


def drops(rows: list[Row], options: Dedup = BOTH) -> dict[str, str]:
    """Return the mark of each dropped row by its id."""
    result = list(dedup(rows, options))
    assert [row["id"] for row in result] == [row["id"] for row in rows], "every row comes out, in its place"
    return {row["id"]: row["drop"] for row in result if "drop" in row}


def edited(words: list[str], share: float, seed: int) -> str:
    """Return the words with a share of them replaced, in one place: 5-grams suffer little more than words."""
    count = round(len(words) * share)
    start = Random(seed).randrange(len(words) - count)
    return " ".join([*words[:start], *(f"new{seed}x{number}" for number in range(count)), *words[start + count :]])


def test_exact_copies_are_told_by_what_a_reader_sees() -> None:
    text = "def f():\n    return  1\n"
    same = ["def f():\r\n    return 1", "\n\ndef f():  \n    return 1\n\n\n"]
    other = ["def f():\n  return 1\n", "def F():\n    return 1\n"]
    rows = [document(f"b{number}", one) for number, one in enumerate([*same, *other])]
    marks = drops([document("a", text), *rows], EXACT)
    assert marks == {"b0": "dedup.exact: a", "b1": "dedup.exact: a"}


def test_near_copies_carry_the_kept_row_their_similarity_and_their_cluster() -> None:
    rows = [
        document("b", edited(WORDS, 0.1, 1)),
        document("a", " ".join(WORDS)),
        document("c", " ".join(reversed(WORDS))),
    ]
    (dropped,) = [row for row in dedup(rows, BOTH) if "drop" in row]
    true = jaccard(shingles(rows[0]["text"], 5), shingles(rows[1]["text"], 5))
    assert 0.7 < true < 1
    assert dropped == {
        **rows[0],
        "dup_of": "a",
        "cluster": "a",
        "jaccard": round(true, 4),
        "drop": f"dedup.near: a jaccard {true:.2f}",
    }


def test_a_pair_below_the_threshold_stays() -> None:
    rows = [document("a", " ".join(WORDS)), document("b", edited(WORDS, 0.3, 1))]
    similarity = jaccard(*(shingles(row["text"], 5) for row in rows))
    assert drops(rows, Dedup(threshold=similarity + 0.01)) == {}
    assert list(drops(rows, Dedup(threshold=similarity - 0.01))) == ["b"]


def test_at_a_threshold_of_one_the_same_words_are_copies() -> None:
    rows = [
        document("a", "one, two, three, four, five, six, seven"),
        document("b", "One two three four five six seven!"),
    ]
    assert list(drops([*rows, document("c", "one two three four five six eight")], Dedup(threshold=1.0))) == ["b"]


def test_a_row_is_dropped_only_for_a_kept_row_that_it_is_like_yet_the_chain_is_one_cluster() -> None:
    shifted = [" ".join(f"w{number}" for number in range(start, start + 100)) for start in (0, 12, 24)]
    rows = [document(name, text) for name, text in zip("acb", shifted, strict=True)]
    ends = jaccard(shingles(shifted[0], 5), shingles(shifted[2], 5))
    assert ends < 0.7 < jaccard(shingles(shifted[0], 5), shingles(shifted[1], 5))
    (dropped,) = [row for row in dedup(rows, BOTH) if "drop" in row]
    assert (dropped["id"], dropped["dup_of"], dropped["cluster"]) in {("c", "a", "a"), ("c", "b", "a")}


def test_chats_are_compared_by_question_and_by_the_code_of_the_answer() -> None:
    code = "```python\ndef total(values):\n    return sum(value for value in values if value)\n```"
    question = "How do I add up the numbers of a list in Python and leave out those that are None or zero, please?"
    rows = [
        chat("a", question, code),
        chat("b", question + "!", "Use `sum`."),
        chat("c", "Something else entirely", f"Sure:\n{code}\nDone."),
        chat("d", "Print it", "```python\nprint(x)\n```"),
        chat("e", "Show it", "```python\nprint(x)\n```"),
    ]
    marks = drops(rows)
    assert marks["c"] == "dedup.exact: a"
    assert marks["b"].startswith("dedup.near: a jaccard ")
    assert len(marks) == 2, "code too short to be anybody's own does not make a copy"


def calling(name: str, function: str, arguments: str = "{}") -> Row:
    call = {"id": name, "type": "function", "function": {"name": function, "arguments": arguments}}
    return {"role": "assistant", "content": "", "tool_calls": [call]}


def told(content: str) -> Row:
    return {"role": "tool", "content": content}


USER, CODE = {"role": "user", "content": "Fix the file, please, and say what was wrong with it."}, "x = 1\n" * 9
SAID, DONE = {"role": "assistant", "content": "Which?"}, {"role": "assistant", "content": f"```python\n{CODE}```"}
OTHER = {"role": "assistant", "content": "Done."}
TOOL = {"type": "function", "function": {"name": "read", "parameters": {}}}


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"messages": [USER, calling("1", "weather")]}, {"messages": [USER, calling("1", "delete_file")]}),
        ({"messages": [USER, calling("1", "read", '{"a":1}')]}, {"messages": [USER, calling("1", "read", '{"a":2}')]}),
        ({"messages": [USER, DONE], "tools": [TOOL]}, {"messages": [USER, DONE]}),
        ({"messages": [USER, DONE], "tools": [TOOL]}, {"messages": [USER, DONE], "tools": "a hammer"}),
        ({"messages": [USER, DONE], "system": "Be short."}, {"messages": [USER, DONE], "system": "Be long."}),
        ({"messages": [USER, DONE], "system": "Be short."}, {"messages": [USER, DONE]}),
        *(
            ({"messages": [*before, told("a"), end]}, {"messages": [*before, told("b"), end]})
            for before in ([USER, calling("1", "read")], [USER])
            for end in (DONE, OTHER)
        ),
        ({"messages": [USER, SAID, USER, DONE]}, {"messages": [USER, OTHER, USER, DONE]}),
        ({"messages": [USER, SAID, USER]}, {"messages": [USER, OTHER, USER]}),  # two tasks
        (
            {"task_id": "t", "model": "m", "messages": [USER, {**calling("1", "read"), "content": "I call."}]},
            {"task_id": "t", "model": "m", "messages": [USER, {**calling("1", "write"), "content": "I call."}]},
        ),
    ],
)
def test_chats_that_differ_besides_question_and_last_answer_are_no_copies(one: Row, two: Row) -> None:
    assert drops([{"id": "a", **one}, {"id": "b", **two}]) == {}
    assert drops([{"id": "a", **one}, {"id": "b", **one}]) == {"b": "dedup.exact: a"}


def test_chats_that_differ_in_ids_of_calls_and_thoughts_are_copies() -> None:
    result = {"role": "tool", "content": "3", "tool_call_id": "1"}
    one = [USER, calling("1", "add", '{"a":1,"b":2}'), result, DONE]
    two = [
        USER,
        {**calling("2", "add", '{"b": 2, "a": 1}'), "reasoning": "Hm."},
        {**result, "tool_call_id": "2"},
        OTHER,
    ]
    assert drops([{"id": "a", "messages": one}, {"id": "b", "messages": two}]) == {"b": "dedup.exact: a"}
    changed = {**USER, "content": f"Please: {USER['content']}"}
    asked = {"id": "b", "messages": [changed, *two[1:]]}
    assert drops([{"id": "a", "messages": one}, asked])["b"].startswith("dedup.near: a")


def test_the_best_by_the_users_field_is_kept_then_the_lowest_id() -> None:
    rows = [document(name, "x", labels={"stars": stars}) for name, stars in (("b", 2), ("c", 10), ("d", 10))]
    rows.insert(0, document("a", "x"))
    assert set(drops(rows, Dedup(keep_by="labels.stars")).values()) == {"dedup.exact: c"}
    assert set(drops(rows).values()) == {"dedup.exact: a"}
    ranks = ranking([{"id": "n"}, {"id": "t", "k": "z"}, {"id": "u", "k": "a"}, {"id": "z", "k": -1}], "k")
    assert ranks == [3, 1, 2, 0]


def test_rows_with_one_id_are_ordered_by_their_content() -> None:
    one, other = document("a", "x", n=1), document("a", "x", n=2)
    for rows in ([one, other], [other, one]):
        assert [row["n"] for row in dedup(rows, EXACT) if "drop" not in row] == [1]


def test_empty_and_short_texts() -> None:
    assert drops([document("a", "..."), document("b", "!!!")], NEAR) == {}
    assert drops([document("a", "one two"), document("b", "One, two!")], NEAR) == {"b": "dedup.near: a jaccard 1.00"}
    assert drops([]) == {}


def test_the_order_stays() -> None:
    rows = [document("b", "same"), document("x", "other"), document("a", "same")]
    assert drops(rows) == {"b": "dedup.exact: a"}


def test_chats_in_which_no_user_speaks_are_not_copies_for_that() -> None:
    said = [{"role": "assistant", "content": text} for text in ("One way is a loop.", "Another is a comprehension.")]
    rows = [{"id": str(number), "messages": [turn]} for number, turn in enumerate(said)]
    assert drops(rows) == {}
    assert drops([*rows, {"id": "2", "messages": [said[0]]}]) == {"2": "dedup.exact: 0"}
    assert drops([{"id": "a", "messages": []}, {"id": "b", "messages": []}]) == {}


def test_answers_are_copies_only_of_the_same_models_answers_to_the_same_task() -> None:
    code = "def add(first, second):\n    return first + second\n" * 2
    first = {"id": "a", "task_id": 7, "model": "m", "text": f"Here it is:\n```python\n{code}```"}
    others = [
        {**first, "id": "b", "task_id": 8},
        {**first, "id": "c", "model": "n"},
        {"id": "d", "text": first["text"]},
    ]
    assert drops([first, *others]) == {}
    assert drops([first, *others, {**first, "id": "e"}]) == {"e": "dedup.exact: a"}
    near = {**first, "id": "f", "text": f"{first['text']} Done."}
    assert drops([first, *others, near], NEAR) == {"f": "dedup.near: a jaccard 0.92"}
    files = [{"id": str(number), "task_id": "t", "solution": code} for number in range(2)]  # of EvalPlus
    assert drops(files) == {"1": "dedup.exact: 0"}


def test_rows_in_which_nothing_is_said_are_copies_of_nothing() -> None:
    rows = [document("a", ""), document("b", " \n"), {"id": "c", "messages": [{"role": "user", "content": ""}]}]
    unseen = [document("e", "\u200b"), document("f", "\u200b"), document("g", "</s>"), document("h", "</s>")]
    assert drops([*rows, {**rows[2], "id": "d"}, *unseen]) == {}


TEXTS = st.lists(st.sampled_from("abcd"), max_size=14).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS, max_size=14), st.randoms(use_true_random=False), st.sampled_from(["exact", "near", "both"]))
def test_the_order_of_arrival_changes_nothing(texts: list[str], random: Random, method: str) -> None:
    rows = [document(f"{number:02}", text, n=number % 3) for number, text in enumerate(texts)]
    shuffled = random.sample(rows, len(rows))
    options = Dedup(method=method, ngram=2, threshold=0.5, keep_by="n", num_perm=32)  # type: ignore[arg-type]
    one, other = ({row["id"]: row for row in dedup(order, options)} for order in (rows, shuffled))
    assert one == other
    kept = {name for name, row in one.items() if "drop" not in row}
    for row in one.values():
        if "drop" in row:
            assert row["dup_of"] in kept
            assert one[row["cluster"]]["n"] >= row["n"]
    if method != "near":
        keys = [key for name in kept for key in exact_keys(one[name], group(one[name]))]
        assert len(set(keys)) == len(keys)


@given(st.integers(1, 30), st.data())
def test_union_find_is_an_equivalence_named_by_its_least_member(size: int, data: st.DataObject) -> None:
    pairs = data.draw(st.lists(st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)), max_size=40))
    clusters = Clusters(size)
    labels = list(range(size))  # the slow truth: relabel everything at each pair
    for one, other in pairs:
        clusters.join(one, other)
        low, high = sorted((labels[one], labels[other]))
        labels = [low if label == high else label for label in labels]
    assert [clusters.find(item) for item in range(size)] == labels


@pytest.mark.parametrize(
    ("num_perm", "threshold"), [(128, 0.7), (128, 0.5), (256, 0.7), (64, 0.9), (16, 0.05), (128, 1.0)]
)
def test_bands_find_a_pair_at_the_threshold(num_perm: int, threshold: float) -> None:
    bands, rows = banding(num_perm, threshold)
    assert bands * rows <= num_perm
    assert 1 - (1 - threshold**rows) ** bands >= (0.9 if threshold > 0.05 else 0.5)


@pytest.mark.parametrize(
    ("num_perm", "threshold", "banded"),
    [
        (128, 0.7, (21, 6)),
        (128, 0.5, (42, 3)),
        (64, 0.9, (6, 10)),
        (128, 1.0, (2, 64)),  # the most rows that leave two bands
        (4, 0.9, (2, 2)),
        (16, 0.05, (16, 1)),
    ],
)
def test_the_most_rows_that_still_find_nine_pairs_of_ten_are_taken(
    num_perm: int, threshold: float, banded: tuple[int, int]
) -> None:
    assert banding(num_perm, threshold) == banded


def test_signatures_come_in_order_whatever_the_size_of_the_batch() -> None:
    sets = [{f"gram {number}", "shared"} for number in range(2 * BATCH + 1)]
    together = list(signatures(sets, 16))
    assert len(together) == len(sets)
    for number in (0, BATCH - 1, BATCH, 2 * BATCH):
        assert together[number] == next(signatures([sets[number]], 16))


def test_the_default_finds_nearly_all_pairs_above_the_threshold() -> None:
    """Recall and precision on pairs of known similarity; goldens of the figures in docs/curation.md."""
    random = Random(7)
    rows, pairs = [], []
    for number in range(200):
        words = [f"v{random.randrange(5000)}" for _ in range(120)]
        copy = edited(words, random.uniform(0.02, 0.25), number)
        rows += [document(f"{number:03}a", " ".join(words)), document(f"{number:03}b", copy)]
        pairs.append((rows[-2], rows[-1]))
    marks = drops(rows)
    above = [pair for pair in pairs if jaccard(*(shingles(row["text"], 5) for row in pair)) >= 0.7]
    found = [pair for pair in above if pair[1]["id"] in marks or pair[0]["id"] in marks]
    assert len(above) > 80
    assert len(found) / len(above) >= 0.95
    assert len(marks) == len(found), "nothing else is dropped"


@pytest.mark.shared
@pytest.mark.parametrize(("size", "plagiarised"), [(100, 5), (1000, 10)])
def test_plagiarised_articles_are_all_found_and_no_others(size: int, plagiarised: int) -> None:
    train = TRUTH / f"articles_{size}.train"
    lines = [line.partition(" ") for line in train.read_text().splitlines()]
    rows = [document(name, text) for name, _, text in lines]
    truth = {frozenset(line.split()) for line in (TRUTH / f"articles_{size}.truth").read_text().splitlines()}
    found = {frozenset((row["id"], row["dup_of"])) for row in dedup(rows, NEAR) if "drop" in row}
    assert len(truth) == plagiarised
    assert found == truth
