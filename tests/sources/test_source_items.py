"""Folders and files as items: order, what is passed over, and that all of it is counted."""

import gzip
import os
from pathlib import Path

import pytest

from syncode.errors import DataError, UsageError
from syncode.schemas.records import Row
from syncode.sources import items, load
from syncode.sources.licenses import Licenses, name_license

MOST = 1_000_000


def tree(root: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def found(root: Path) -> list[Row]:
    return list(items([str(root)], MOST))


def test_files_come_in_sorted_order_with_the_path_below_the_root(tmp_path: Path) -> None:
    tree(tmp_path, {"b.py": b"1", "a/z.py": b"1", "a/b/c.py": b"1", "a.py": b"1"})
    rows = found(tmp_path)
    assert [row["name"] for row in rows] == ["a.py", "b.py", "a/z.py", "a/b/c.py"]
    assert [Path(row["path"]) for row in rows] == [tmp_path / row["name"] for row in rows]
    assert found(tmp_path) == rows


def test_what_is_passed_over_is_an_item_with_its_reason(tmp_path: Path) -> None:
    tree(tmp_path, {".git/config": b"x", ".env": b"secret", "CVS/Root": b"x", "a.py": b"1"})
    os.mkfifo(tmp_path / "pipe")
    problems = {row["name"]: row.get("problem", "").partition(":")[0] for row in found(tmp_path)}
    assert problems == {".git": "hidden", ".env": "hidden", "CVS": "hidden", "pipe": "special", "a.py": ""}


def test_a_link_is_never_followed_inside_a_folder_but_is_when_named(tmp_path: Path) -> None:
    outside = tree(tmp_path / "outside", {"secret.py": b"1"})
    inside = tree(tmp_path / "inside", {"a.py": b"1"})
    (inside / "out").symlink_to(outside)
    (inside / "loop").symlink_to(inside)
    (inside / "b.py").symlink_to(inside / "a.py")
    rows = found(inside)
    assert [row["name"] for row in rows if "problem" not in row] == ["a.py"]
    assert sorted(row["name"] for row in rows if row.get("problem", "").startswith("link")) == ["b.py", "loop", "out"]
    assert [row["name"] for row in found(inside / "out")] == ["secret.py"]


def test_a_name_that_is_not_utf8_is_reported_not_fatal(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.py")).write_bytes(b"1")
    (tmp_path / "naïve name.py").write_bytes(b"1")
    first, second = sorted(found(tmp_path), key=lambda row: row["name"])
    assert first["name"] == "caf\\xe9.py"
    assert first["problem"].startswith("unreadable")
    assert second["name"] == "naïve name.py"
    assert load(second, MOST) == b"1"


def test_no_path_is_a_usage_error_and_a_missing_one_a_data_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing to crawl"):
        list(items([], MOST))
    with pytest.raises(DataError, match="no such file"):
        list(items([str(tmp_path / "gone")], MOST))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="is a device, pipe or socket"):
        list(items([str(tmp_path / "pipe")], MOST))


def test_gz_is_decompressed_and_a_bomb_stops_at_the_limit(tmp_path: Path) -> None:
    (tmp_path / "page.html.gz").write_bytes(gzip.compress(b"<p>x"))
    (tmp_path / "bomb.txt.gz").write_bytes(gzip.compress(b"0" * 50_000_000))
    (tmp_path / "cut.txt.gz").write_bytes(gzip.compress(os.urandom(5000))[:-900])
    rows = {row["name"]: row for row in found(tmp_path)}
    assert load(rows["page.html.gz"], MOST) == b"<p>x"
    assert len(load(rows["bomb.txt.gz"], MOST)) == MOST + 1
    with pytest.raises(DataError, match=r"^bad_gzip: "):
        load(rows["cut.txt.gz"], MOST)


def test_a_file_that_goes_away_is_an_error_with_a_rule(tmp_path: Path) -> None:
    (row,) = found(tree(tmp_path, {"a.py": b"1"}))
    (tmp_path / "a.py").unlink()
    with pytest.raises(DataError, match=r"^unreadable: No such file"):
        load(row, MOST)


MIT = b"Copyright (c) 2026 A. Nobody\n\nPermission is hereby granted, free of charge, to any\nperson obtaining a copy\n"


def test_the_nearest_license_file_counts_up_to_the_border_of_a_package(tmp_path: Path) -> None:
    tree(
        tmp_path,
        {
            "p/LICENSE": MIT,
            "p/src/a.py": b"1",
            "p/other/COPYING.txt": b"  Apache License\n   Version 2.0, January 2004\n",
            "p/other/b.py": b"1",
            "p/vendor/c.py": b"1",
            "p/vendor/x/d.py": b"1",
        },
    )
    licenses = Licenses()
    near = {
        name: licenses.near(str(tmp_path / "p" / name))
        for name in ("src/a.py", "other/b.py", "vendor/c.py", "vendor/x/d.py")
    }
    assert near == {"src/a.py": "MIT", "other/b.py": "Apache-2.0", "vendor/c.py": None, "vendor/x/d.py": None}


def test_the_standard_library_and_installed_packages_are_told_apart(tmp_path: Path) -> None:
    library = tmp_path / "lib" / "python3.11"
    tree(library, {"LICENSE.txt": b"PYTHON SOFTWARE FOUNDATION LICENSE VERSION 2\n", "json/a.py": b"1"})
    assert Licenses().near(str(library / "json" / "a.py")) == "Python-2.0"
    assert Licenses().near(str(library / "site-packages" / "any" / "a.py")) is None


def test_a_licence_above_the_top_of_a_clone_is_another_works(tmp_path: Path) -> None:
    tree(tmp_path, {"LICENSE": MIT, "clone/.git/HEAD": b"", "clone/src/a.py": b"1", "plain/src/a.py": b"1"})
    assert Licenses().near(str(tmp_path / "plain" / "src" / "a.py")) == "MIT"
    assert Licenses().near(str(tmp_path / "clone" / "src" / "a.py")) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("SPDX-License-Identifier: MIT OR Apache-2.0\n", "MIT OR Apache-2.0"),
        ("                    GNU GENERAL PUBLIC LICENSE\n                       Version 2, June 1991", "GPL-2.0"),
        ("GNU LESSER GENERAL PUBLIC LICENSE\n Version 2.1, February 1999", "LGPL-2.1"),
        ("All rights reserved.", None),
    ],
)
def test_licenses_are_named_by_their_wording(text: str, name: str | None) -> None:
    assert name_license(text) == name
