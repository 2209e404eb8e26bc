"""No file that a command line reads is written, and none is written twice, whichever options name them."""

import re
from pathlib import Path

import pytest

from syncode import cli
from syncode.commands.options import options_of

FILES = (
    "an.jsonl", "t.jsonl", "before.jsonl", "x", "e.jsonl", "w.toml", "v.jsonl", "p.toml", "old.jsonl", "key.csv",
    "shards/part-1.jsonl", "shards/deep/part-2.JSONL", "src/main.py", "m.toml", "chat.jinja", ".syncode/journal.db", "run.toml",
)  # fmt: skip


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("execute an.jsonl --tasks t.jsonl --rejects t.jsonl -o out", "--rejects t.jsonl would overwrite t.jsonl, which --tasks"),
        ("execute an.jsonl --cache c -o c", "--output and --cache would both go to c"),
        ("execute an.jsonl --cache t.jsonl --tasks ./t.jsonl", "--cache t.jsonl would overwrite ./t.jsonl, which --tasks reads"),
        ("execute score e.jsonl --tasks t.jsonl -o t.jsonl", "--output t.jsonl would overwrite t.jsonl, which --tasks reads"),
        ("judge an.jsonl --baseline before.jsonl --rejects before.jsonl", "which --baseline reads"),
        ("judge an.jsonl --tasks t.jsonl -o t.jsonl", "which --tasks reads"),
        ("judge an.jsonl --with-executions e.jsonl --summary e.jsonl", "which --with-executions reads"),
        ("judge an.jsonl --weights w.toml -o w.toml", "which --weights reads"),
        ("judge an.jsonl --judge mock:m.toml -o m.toml", "--output m.toml would overwrite m.toml, which --judge reads"),
        ("generate t.jsonl --model mock:m.toml --rejects m.toml", "which --model reads"),
        ("generate t.jsonl --prices p.toml --summary p.toml", "which --prices reads"),
        ("generate t.jsonl --journal jj.jsonl -o jj.jsonl", "--output and --journal would both go to jj.jsonl"),
        ("generate t.jsonl --rejects .syncode/journal.db", "--rejects and --journal would both go to .syncode/journal.db"),
        ("execute --tasks -", "--tasks - and SOURCE cannot both come from stdin: name a file for one of them"),
        ("agree sample v.jsonl --tasks - --answers -", "--tasks - and --answers cannot both come from stdin"),
        ("generate t.jsonl -o t.jsonl", "--output t.jsonl would overwrite t.jsonl, which SOURCE reads"),
        ("leaderboard v.jsonl --format html --tasks t.jsonl --summary t.jsonl", "which --tasks reads"),
        ("leaderboard v.jsonl --format html --answers an.jsonl -o link", "--output link would overwrite an.jsonl, which"),
        ("filter an.jsonl --against t.jsonl --rejects hard", "--rejects hard would overwrite t.jsonl, which --against reads"),
        ("filter an.jsonl --against shards --rejects shards/part-1.jsonl", "which --against reads"),
        ("stats an.jsonl --rejected old.jsonl -o old.jsonl", "which --rejected reads"),
        ("agree v.jsonl --key key.csv -o key.csv", "which --key reads"),
        ("agree sample v.jsonl --tasks x --key x", "--key x would overwrite x, which --tasks reads"),
        ("agree sample v.jsonl --tasks t.jsonl --answers an.jsonl --page an.jsonl", "which --answers reads"),
        ("agree sample v.jsonl --key sheet.csv -o sheet.csv", "--output and --key would both go to sheet.csv"),
        ("agree sample v.jsonl --page p --key p", "--key and --page would both go to p"),
        ("agree sample v.jsonl --key -", "--output and --key would both go to stdout"),
        ("agree ratings key.csv -o key.csv", "which SOURCE reads"),
        ("dedup shards/*.jsonl --rejects shards/part-1.jsonl", "would overwrite shards/part-1.jsonl, which SOURCE reads"),
        ("dedup shards --rejects shards/deep/part-2.JSONL", "would overwrite shards/deep/part-2.JSONL, which SOURCE reads"),
        ("dedup shards -o shards/part-1.jsonl", "which SOURCE reads"),
        ("crawl src --rejects src/main.py", "--rejects src/main.py would overwrite src/main.py, which SOURCE reads"),
        ("journal --prices p.toml -o p.toml", "which --prices reads"),
        ("journal export .syncode/journal.db -o .syncode/journal.db", "which SOURCE reads"),
        ("journal export -o .syncode/journal.db", "would overwrite .syncode/journal.db, which this command reads"),
        ("train an.jsonl --then t.jsonl --rejects t.jsonl -o run --lr 1", "which --then reads"),
        ("train an.jsonl --template chat.jinja --summary chat.jinja -o run --lr 1", "which --template reads"),
        ("train plan --recipe run.toml --rejects old.jsonl", "would overwrite old.jsonl, which run.toml reads"),
        ("train export src -o src", "--output src would overwrite src, which RUN reads"),
        ("train an.jsonl --recipe p.toml --rejects p.toml -o run", "which --recipe reads"),
    ],
)  # fmt: skip
def test_a_file_that_is_read_is_not_written(
    line: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in FILES:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(f"{name}\n")
    Path("run.toml").write_text('[[stage]]\ndata = ["old.jsonl"]\n[stage.schedule]\nlr = 1e-4\n')
    Path("link").symlink_to("an.jsonl")
    Path("hard").hardlink_to("t.jsonl")
    before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    assert cli.run(line.split()) == 2
    captured = capsys.readouterr()
    assert told in captured.err and captured.out == ""
    assert {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()} == before


def test_what_stdin_comes_from_and_stdout_goes_to_counts_too(tmp_path: Path, shell: object) -> None:
    (tmp_path / "rows.jsonl").write_text('{"text": "a"}\n')
    for line in ("syncode dedup < rows.jsonl --rejects rows.jsonl", "syncode dedup rows.jsonl >> rows.jsonl"):
        ran = shell(line)  # type: ignore[operator]
        assert (ran.code, ran.out) == (2, b"")
        assert b"would overwrite" in ran.err and b"reads" in ran.err
    assert (tmp_path / "rows.jsonl").read_text() == '{"text": "a"}\n'


def test_devices_and_folders_without_the_file_are_no_clash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    Path("data/a.jsonl").write_text('{"text": "a"}\n')
    again = ["dedup", "data", "-o", "data/_kept.jsonl", "--quiet"]
    assert cli.run([*again, "--rejects", "/dev/null", "--summary", "/dev/null"]) == 0
    assert cli.run(again) == 0  # a name that is not read as a shard
    assert Path("data/_kept.jsonl").read_text() == Path("data/a.jsonl").read_text()
    assert capsys.readouterr().err == ""


NO_FILES = {"vllm_python", "output"}
"""A program that is started; and an `output` whose command says itself what it is."""


def test_every_option_that_names_a_file_says_how_it_is_used() -> None:
    for name in cli.COMMANDS:
        for option in options_of(cli.load(name)):
            words = f"{option.metavar} {option.help}"
            if (
                option.kind in (str, Path)
                and option.name not in NO_FILES
                and re.search(r"(?i)\bfiles?\b|rows?:", words)
            ):
                assert option.file, f"{name} {option.said} names a file: {option.help}"
            assert option.name not in ("source", "output") or option.file
