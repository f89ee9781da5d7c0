"""Laws for any text at all: offsets slice the original, HTML and JSON give the text back, evidence sums to the decision."""

import html as html_library
import json
import re

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from attnclf.explain import by_word, explain
from attnclf.render import html, records
from attnclf.render.segments import segments
from attnclf.served.model import ServedModel
from attnclf.visible import UNSAFE, visible

ANY = st.text(max_size=60)
TRICKY = st.text(
    st.sampled_from("a 좋ㅋ\u1112\u1161\u11ab\u0301e👩\u200d👧🏽🇰🇷\u202e\x1b\n\t<&\u200b\ufeff\0아DM1"), max_size=60
)
TEXTS = ANY | TRICKY


@settings(max_examples=150, deadline=None)
@given(text=TEXTS)
@example(text="\U0001d15e")  # NFC takes it apart: two tokens with the same span
@example(text="\U0001d15ea")  # and the second piece is of one word with the letter
@pytest.mark.parametrize("level", ["char", "word"])
def test_spans_slice_the_original_text(served: ServedModel, served_words: ServedModel, level: str, text: str) -> None:
    model = served if level == "char" else served_words
    (encoded,) = model.reader.encode([text])
    assert len(encoded.ids) == len(encoded.spans) >= 1
    assert encoded.end <= len(text)
    previous = (0, 0)
    for start, end in encoded.spans:
        assert (start, end) == previous or previous[1] <= start <= end <= len(text)
        previous = start, end
    if level == "char" and encoded.end == len(text):
        assert "".join(text[a:b] for a, b in dict.fromkeys(encoded.spans)) == text


@settings(max_examples=100, deadline=None)
@given(text=TEXTS)
def test_evidence_sums_to_the_log_odds_and_attention_to_one(served: ServedModel, text: str) -> None:
    (result,) = explain(served, [text])
    for unit in (result, by_word(result)):
        assert sum(t.evidence for t in unit.tokens) == pytest.approx(result.log_odds, abs=1e-4)
        assert sum(t.attention for t in unit.tokens) == pytest.approx(1, abs=1e-5)


@settings(max_examples=100, deadline=None)
@given(text=TEXTS)
def test_segments_join_to_the_text(served: ServedModel, text: str) -> None:
    (result,) = explain(served, [text])
    for unit in (result, by_word(result)):
        assert "".join(segment.text for segment in segments(unit)) == text


@settings(max_examples=100, deadline=None)
@given(text=TEXTS)
def test_html_gives_the_visible_text_back(served: ServedModel, text: str) -> None:
    (result,) = explain(served, [text])
    (shown,) = re.findall(r'<p class="text" dir="auto">(.*?)</p>', html.article(result, ("evidence",)), re.DOTALL)
    assert html_library.unescape(re.sub(r"<[^>]*>", "", shown)) == visible(text)


@settings(max_examples=100, deadline=None)
@given(text=st.text(st.characters(), max_size=60))
def test_json_gives_the_text_back_and_holds_nothing_unsafe(served: ServedModel, text: str) -> None:
    line = records.explanation_record(explain(served, [text])[0])
    assert json.loads(line)["text"] == text
    assert not UNSAFE.search(line)


@settings(max_examples=50, deadline=None)
@given(texts=st.lists(TEXTS, max_size=8))
def test_one_answer_for_each_text_whatever_its_company(served: ServedModel, texts: list[str]) -> None:
    logits, known, truncated = served.logits(texts)
    assert logits.shape == (len(texts), 3)
    assert len(known) == len(truncated) == len(texts)
    for text, row in zip(texts, logits, strict=True):
        assert np.abs(served.logits([text])[0][0] - row).max() <= 1e-5
