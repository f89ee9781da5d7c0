"""The pages as a browser shows them: complete, calm, inside their width, whatever the text holds."""

import itertools
import json
from dataclasses import replace

import numpy as np
import pytest

from attnclf.explain import by_word, diagnose, explain, measure_in_modes, measure_plausibility, overview, with_counterfactuals
from attnclf.render import html
from attnclf.render.account_pages import Listed, index_page, page_name
from attnclf.render.overview import overview_page
from attnclf.render.report import report_page
from attnclf.results import Measured
from attnclf.scoring.metrics import calibration, report
from attnclf.served.model import ServedModel
from attnclf.visible import visible
from tests.browser.conftest import Look

HOSTILE = '<script>parent.hacked = 1</script><img src=x onerror="parent.hacked=1"> \x1b[31m\u202eevil\u0000 \'"&amp; <b>'
TEXTS = [
    "get 1000 followers fast, link in bio 🔥",
    "오늘 성수동에서 라떼 마셨는데 너무 좋았다ㅋㅋ 👩‍👩‍👧‍👦",
    "مرحبا بكم في المقهى والقهوة ممتازة",
    HOSTILE,
    "",
]
TEXTS_OF_PAGE = '[...page.querySelectorAll(".text")].map(e => e.textContent)'
OVERFLOW = "page.documentElement.scrollWidth - page.documentElement.clientWidth"


def each(*probes: str) -> str:
    """One probe of several expressions: a browser takes longer to start than to answer."""
    return f"return [{', '.join(probes)}]"


def page_of(served: ServedModel, texts: list[str], methods: tuple[str, ...] = ("attention", "evidence")) -> str:
    results = with_counterfactuals(served, explain(served, texts, methods=methods))
    return "".join(html.page(results, methods))


@pytest.fixture(scope="module")
def report_of(served_words: ServedModel) -> str:
    """A report with everything on it."""
    texts = TEXTS[:4] * 10
    probabilities = np.random.default_rng(0).dirichlet([1, 1, 1], len(texts))
    targets = np.arange(len(texts)) % 3
    probabilities[targets == 0] = [0.9, 0.05, 0.05]  # a full cell
    labels = ("fake", "<b>real</b>", "shop" * 12)
    explained = [("fake", by_word(result)) for result in explain(served_words, TEXTS[:3], target="real", against="shop")]
    people = measure_plausibility(served_words, TEXTS[:2], [[(4, 8)], [(0, 2)]], 2)
    measured = Measured(
        tuple(measure_in_modes(served_words, TEXTS[:3])), diagnose(served_words, TEXTS[:3], [0, 1, 2]), people, additivity=0.0
    )
    history = [{"epoch": n, "loss": 1 / n, "log_loss": 0.5, "macro_f1": 0.5, "accuracy": 0.6} for n in (1, 2, 3)]
    bins = calibration(targets, probabilities)
    return "".join(report_page(report(labels, targets, probabilities), HOSTILE, bins, history, measured, Measured(), explained))


@pytest.mark.parametrize("level", ["served", "served_words"])
def test_every_text_is_there_and_nothing_runs(look: Look, level: str, request: pytest.FixtureRequest) -> None:
    page = page_of(request.getfixturevalue(level), TEXTS)
    inside = 'page.querySelectorAll("script, img, link, b, [src], [href]").length'
    loaded = 'view.performance.getEntriesByType("resource").length'
    texts, *others = look(page, each(TEXTS_OF_PAGE, inside, loaded, "window.hacked === undefined"))
    assert texts == [visible(text) for text in TEXTS for _ in range(2)]
    assert others == [0, 0, True]


@pytest.mark.parametrize("width", [320, 900])
def test_nothing_is_wider_than_the_window(look: Look, width: int, served: ServedModel, report_of: str) -> None:
    for page in (page_of(served, [*TEXTS, "가" * 400, "x" * 400]), report_of):
        assert look(page, f"return {OVERFLOW}", width) <= 0


def test_a_token_shows_its_numbers_when_it_has_the_focus(look: Look, served_words: ServedModel) -> None:
    (result,) = explain(served_words, TEXTS[:1])
    probe = """
      const tokens = [...page.querySelectorAll("[tabindex]")], last = tokens[tokens.length - 1];
      const before = view.getComputedStyle(last, "::after").content;
      last.focus();
      const style = view.getComputedStyle(last, "::after");
      return [before, style.content, last.dataset.scores, page.activeElement === last, style.position,
              page.documentElement.scrollWidth - page.documentElement.clientWidth];"""
    for width in (320, 900):
        before, content, scores, focused, position, overflow = look("".join(html.page([result], ("evidence",))), probe, width)
        assert before == "none"
        assert json.loads(content) == scores
        assert scores.startswith("evidence ")
        assert (focused, position) == (True, "absolute")
        assert overflow <= 0


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_word_can_be_read(look: Look, dark: bool, served: ServedModel, report_of: str) -> None:
    """The contrast of every element's text with what it stands on is at least 4.5 (WCAG 2 AA), and follows the scheme."""
    probe = """
      const channel = c => (c /= 255) <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
      const light = ([r, g, b]) => .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b);
      const numbers = text => text.match(/[\\d.]+/g).map(Number);
      const ground = e => {  // what stands behind e: a colour, or one that lets through what is below it
        const c = view.getComputedStyle(e).backgroundColor, n = numbers(c);
        if (c.startsWith("rgb(")) return n;
        const below = ground(e.parentElement), a = n[3];
        return c.startsWith("color(srgb") ? [0, 1, 2].map(i => 255 * n[i] * a + below[i] * (1 - a)) : below; };
      let least = 99;
      for (const e of page.querySelectorAll("body *")) {
        if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || e.closest("svg")) continue;
        const [a, b] = [light(numbers(view.getComputedStyle(e).color)), light(ground(e))].sort((x, y) => x - y);
        least = Math.min(least, (b + .05) / (a + .05));
      }
      return [least, light(ground(page.body))];"""
    for page in (page_of(served, TEXTS), report_of):
        least, background = look(page, probe, dark=dark)
        assert least >= 4.5
        assert (background < 0.1) == dark


def test_pointing_at_a_token_shows_what_its_focus_does(look: Look, served_words: ServedModel) -> None:
    probe = """
      return [...page.styleSheets[0].cssRules].map(r => r.selectorText || "").filter(s => s.includes("::after"))"""
    assert look(page_of(served_words, TEXTS[:1]), probe) == [".text span[data-scores]:is(:hover, :focus)::after"]


def test_a_report_says_how_far_explanations_can_be_trusted(look: Look, report_of: str) -> None:
    headings = look(report_of, 'return [...page.querySelectorAll("h3")].map(e => e.textContent)')
    for start in ("faithfulness (3 texts, words deleted", "can attention explain", "against people (2 texts"):
        assert any(heading.startswith(start) for heading in headings), start


def test_text_stands_in_its_own_direction(look: Look, served_words: ServedModel) -> None:
    probe = 'return [...page.querySelectorAll(".text")].map(e => view.getComputedStyle(e).direction)'
    assert look(page_of(served_words, TEXTS[:3], ("evidence",)), probe) == ["ltr", "ltr", "rtl"]


def test_a_text_of_a_hundred_thousand_characters(look: Look, served_words: ServedModel) -> None:
    text = "좋아요 정말 1000 DM <b> 🔥 " * 5_000
    assert len(text) >= 100_000
    texts, overflow = look(page_of(served_words, [text], ("evidence",)), each(TEXTS_OF_PAGE, OVERFLOW))
    assert texts == [text]
    assert overflow <= 0


def test_charts_are_drawn_and_described(look: Look, report_of: str) -> None:
    probe = """
      return [...page.querySelectorAll("svg")].map(e => [e.getBoundingClientRect().width > 100,
        e.getBoundingClientRect().height > 80, e.getAttribute("role"), !!e.querySelector("polyline")])"""
    charts = look(report_of, probe)
    assert charts == [[True, True, "img", True]] * 3


def test_the_overview_shows_each_label(look: Look, served_words: ServedModel) -> None:
    page = "".join(overview_page(overview(served_words, TEXTS)))
    scripts, overflow = look(page, each('page.querySelectorAll("script").length', OVERFLOW), 320)
    assert scripts == 0
    assert overflow <= 0


ACCOUNTS = [HOSTILE, "ann", "x" * 300, "가" * 200, "مرحبا"]


@pytest.fixture(scope="module")
def index_of_accounts() -> str:
    shares = np.random.default_rng(0).dirichlet([1, 1, 1], len(ACCOUNTS)).tolist()
    labels = ("fake", "<b>real</b>", "shop")
    listed = [
        Listed(
            name, f"undecided (above no threshold; fake {p[0]:.3f})", "undecided", dict(zip(labels, p, strict=True)), 1_000, {}
        )
        for name, p in zip(ACCOUNTS, shares, strict=True)
    ]
    return "".join(index_page(listed, "<b>real</b>"))


@pytest.mark.parametrize("width", [320, 900])
def test_an_index_of_accounts_is_inside_the_window_and_leads_to_pages(look: Look, width: int, index_of_accounts: str) -> None:
    of_links = '[...page.querySelectorAll("a")].map(e => [e.getAttribute("href"), e.textContent])'
    of_shares = '[...page.querySelectorAll(".share")].map(e => Number(e.textContent))'
    probes = (OVERFLOW, of_links, 'page.querySelectorAll("script, img, b").length', of_shares)
    overflow, links, others, shares = look(index_of_accounts, each(*probes), width)
    assert overflow <= 0
    assert sorted(links) == sorted([page_name(name), visible(name)] for name in ACCOUNTS)
    assert others == 0
    assert shares == sorted(shares, reverse=True)


def test_each_post_of_an_account_stands_below_the_one_before(look: Look, served: ServedModel) -> None:
    (result,) = explain(served, [f"{TEXTS[0]}\n{TEXTS[2]}\n{HOSTILE}"])
    page = "".join(html.page([replace(result, by="post")], ("evidence",)))
    boxes = '[...page.querySelectorAll(".text")].map(e => e.getBoundingClientRect()).map(box => [box.top, box.bottom])'
    direction = 'view.getComputedStyle(page.querySelectorAll(".text")[1]).direction'
    texts, places, second = look(page, each(TEXTS_OF_PAGE, boxes, direction))
    assert texts == [visible(text) for text in (TEXTS[0], TEXTS[2], HOSTILE)]
    assert all(above[1] < below[0] for above, below in itertools.pairwise(places))
    assert second == "rtl"
