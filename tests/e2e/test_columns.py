"""Two columns of texts: a title that decides, and a body of noise."""

import random
from pathlib import Path

import pandas as pd
import pytest

import attnclf


@pytest.mark.filterwarnings("ignore:the name of the label 'bad' stands in:UserWarning")
def test_a_title_that_decides_beside_a_body_of_noise(tmp_path: Path) -> None:
    chance = random.Random(0)
    titles = {"good": ["great thing", "lovely day", "so kind"], "bad": ["awful thing", "bad day", "so rude"]}
    noise = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta"]
    labels = ["good", "bad"] * 120
    frame = pd.DataFrame(
        {
            "body": [" ".join(chance.choices(noise, k=10)) for _ in labels],
            "title": [chance.choice(titles[label]) for label in labels],
            "label": labels,
        }
    )
    frame.to_parquet(tmp_path / "posts.parquet")
    settings = {
        "text_col": ["title", "body"],
        "size": "small",
        "encoder": "embedding",
        "epochs": 2,
        "baseline": False,
        "level": "word",
        "verbose": 0,
    }
    clf = attnclf.train(tmp_path / "posts.parquet", tmp_path / "m", **settings)
    assert clf.scores["validation"]["accuracy"] == 1.0
    assert clf.score(frame, labels) == 1.0
    why = clf.explain("great thing ␞ alpha beta", by="word")
    evidence = {"title": 0.0, "body": 0.0, "": 0.0}
    for word in why.tokens:
        evidence[why.column_of(word)] += word.evidence
    assert evidence["title"] > 10 * abs(evidence["body"])
