"""Writes train.csv and test.csv: synthetic posts of real and fake accounts, in Korean and English.

    python make_posts.py [FOLDER]

Who writes what is in `attnclf.lessons.posts`, where lessons find the posts without these files.
"""

import csv
import sys
from pathlib import Path

from attnclf.lessons.posts.accounts import all_accounts


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for part, accounts in all_accounts().items():
        with (folder / f"{part}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(("account", "text", "label"))
            writer.writerows((account.name, post, account.label) for account in accounts for post in account.posts)


if __name__ == "__main__":
    main()
