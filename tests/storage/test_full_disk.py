"""A full disk is told with the name of the file, ends with exit code 3, and nothing half-written stays behind."""

import json
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

COPY = Path(__file__).parent / "copy_rows.py"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system of 256 KB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a tmpfs of 256 KB needs root")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """Two megabytes that do not compress well."""
    import random

    draw = random.Random(1)
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps({"id": str(n), "text": draw.randbytes(500).hex()}) + "\n" for n in range(2000)))
    return path


@pytest.mark.parametrize("suffix", ["jsonl", "jsonl.gz", "jsonl.zst", "jsonl.bz2", "jsonl.xz", "json", "parquet"])
@pytest.mark.parametrize("options", ["-o disk/out.{}", "--rejects disk/out.{}", "-o out.jsonl --rejects disk/out.{}"])
def test_a_full_disk(
    small_disk: Path, rows: Path, shell: Callable[..., Any], suffix: str, options: str, tmp_path: Path
) -> None:
    discard = "--discard" if "rejects" in options else ""
    ran = shell(
        f"{shlex.quote(sys.executable)} {shlex.quote(str(COPY))} rows.jsonl {options.format(suffix)} {discard} | cat > seen.jsonl"
    )
    assert ran.code == 3
    assert ran.err == f"syncode copy: disk/out.{suffix}: No space left on device\n".encode()
    assert list(small_disk.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["disk", "rows.jsonl", "seen.jsonl"]


def test_a_full_disk_behind_stdout(shell: Callable[..., Any], rows: Path) -> None:
    ran = shell(f"{shlex.quote(sys.executable)} {shlex.quote(str(COPY))} rows.jsonl > /dev/full")
    assert (ran.code, ran.err) == (3, b"syncode copy: <stdout>: No space left on device\n")


def test_a_disk_that_only_the_columns_overfill(shell: Callable[..., Any], small_disk: Path, tmp_path: Path) -> None:
    """The rows fit, and then the Parquet file beside them does not."""
    import random

    draw = random.Random(2)
    texts = (draw.randbytes(500).hex() for _ in range(200))
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps({"id": "1", "text": text}) + "\n" for text in texts))
    ran = shell(f"{shlex.quote(sys.executable)} {shlex.quote(str(COPY))} rows.jsonl -o disk/out.parquet")
    assert (ran.code, ran.err) == (3, b"syncode copy: disk/out.parquet: No space left on device\n")
    assert list(small_disk.iterdir()) == []
