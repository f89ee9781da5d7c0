"""The sample is what its generator writes, and what its README says."""

import csv
import itertools
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from attnclf.lessons.posts.accounts import KINDS, all_accounts
from tests.conftest import SAMPLE

PARTS = ("train", "test")


def rows_of(part: str) -> list[dict[str, str]]:
    with (SAMPLE / f"{part}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def labels_of(part: str) -> dict[str, str]:
    return {row["account"]: row["label"] for row in rows_of(part)}


def test_the_generator_writes_the_same_bytes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, SAMPLE / "make_posts.py", tmp_path], check=True)
    for part in PARTS:
        assert (tmp_path / f"{part}.csv").read_bytes() == (SAMPLE / f"{part}.csv").read_bytes()


@pytest.mark.parametrize("part", PARTS)
def test_the_posts_of_an_account_stand_together_and_have_one_label(part: str) -> None:
    together = [name for name, _ in itertools.groupby(rows_of(part), key=lambda row: (row["account"], row["label"]))]
    assert len(together) == len(labels_of(part))
    sizes = Counter(row["account"] for row in rows_of(part)).values()
    assert 1 == min(sizes) < max(sizes) <= 30


def test_no_account_is_in_both_files() -> None:
    assert not labels_of("train").keys() & labels_of("test").keys()


@pytest.mark.parametrize("part", PARTS)
def test_the_readme_tells_the_size_of_each_file(part: str) -> None:
    accounts, rows = len(labels_of(part)), len(rows_of(part))
    told = re.search(rf"`{part}\.csv` \((\d+) (?:other )?accounts, ([\d,]+) rows\)", readme())
    assert told is not None
    assert (int(told[1]), told[2]) == (accounts, f"{rows:,}")


def test_the_readme_tells_the_kinds_and_the_wrong_labels() -> None:
    shares = {name: (kind.label, f"{kind.share:.0%}") for name, kind in KINDS.items()}
    told = re.findall(r"^\| (\w+) \| (real|fake) \| (\d+) % \|", readme(), re.MULTILINE)
    assert {name: (label, f"{share}%") for name, label, share in told} == shares
    accounts = [account for part in all_accounts().values() for account in part]
    wrong = {account.name for account in accounts if account.label != KINDS[account.kind].label}
    assert set(re.findall(r"[\w.]+_\d{3}", readme())) == wrong


def readme() -> str:
    return (SAMPLE / "README.md").read_text(encoding="utf-8")
