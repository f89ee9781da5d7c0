"""`lesson` as a user calls it, with a lesson that was not trained: the list, the answers, the page, what is refused."""

import errno
import json
import subprocess
import sys
from pathlib import Path

import pytest

from attnclf.cli import lesson as lesson_command
from attnclf.lessons import LESSONS
from attnclf.results import Note, StageStarted, StepEnded
from attnclf.results.lessons import HeatMap, KnownAnswer, LessonResult, Scored, Taught
from tests.cli.conftest import Failing

FOUND = Taught(
    (Scored("plain", {"right": 0.25}),),
    (KnownAnswer("it is right", "0.250", False),),
    (HeatMap.of("a map", ["q"], ["a", "b"], [[0.75, 0.25]]),),
    weights=b"learned",
)


class FakeTaught:
    """Keeps what it is asked, tells of an epoch, and answers at once; or raises `error`."""

    def __init__(self) -> None:
        self.calls: list[tuple] = []
        self.error: BaseException | None = None

    def __call__(self, name, settings, quick, on_event, importing):
        self.calls.append((name, settings, quick))
        on_event(StageStarted("plain"))
        on_event(StepEnded(1, 2, 3, 4, 0.5))
        on_event(Note("plain, epoch 1/2: loss 0.5", detail=True))
        on_event(Note("plain: 2 epochs in 1 s", topic="trained"))
        if self.error:
            raise self.error
        return LessonResult(name, "what it is", dict(settings), quick, 1.0, FOUND)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeTaught:
    fake = FakeTaught()
    monkeypatch.setattr(lesson_command, "taught", fake)
    monkeypatch.chdir(tmp_path)
    return fake


def test_without_a_name_all_are_listed(run) -> None:
    code, out, err = run("lesson")
    assert (code, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == ["lesson", *LESSONS.names()]
    _, out, _ = run("lesson", "--json")
    assert [one["name"] for one in json.loads(out)] == LESSONS.names()


def test_the_list_imports_no_keras() -> None:
    code = "import sys, attnclf.lessons\nprint(*({'keras', 'tensorflow', 'pandas', 'sklearn'} & set(sys.modules)))"
    assert not subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_a_lesson_prints_scores_answers_and_numbers_where_there_is_no_colour(run, fake: FakeTaught) -> None:
    code, out, err = run("lesson", "addition", "--quick", "--seed", 3, "--attention", "dot")
    assert code == 0
    assert fake.calls == [("addition", {"attention": "dot", "seed": 3}, True)]
    text, _, rest = out.partition("\n\n" + " " * 6)
    assert "These are the keys, with which q_i is compared, and the values that are averaged" in " ".join(text.split())
    assert [line.split() for line in rest.splitlines() if line] == [
        ["right"],
        ["plain", "0.250"],
        ["quick", "form,", "attention", "dot,", "seed", "3;", "1", "seconds"],
        ["lost", "it", "is", "right:", "0.250"],
        ["a", "map"],
        ["a", "b"],
        ["q", ".75", ".25"],
    ]
    quick = (
        "digits 2, rows 4,000, epochs 7, batch 32; not trained here: the reversed sum, the network that hands its states over"
    )
    assert err == f"quick form    {quick}\ntrained       plain: 2 epochs in 1 s\n"
    assert "\x1b" not in out + err


def test_verbose_tells_of_each_epoch(run, fake: FakeTaught) -> None:
    _, _, err = run("lesson", "focus", "-v")
    assert "plain, epoch 1/2: loss 0.5\n" in err


def test_json_is_one_object_and_a_page_is_written_too(run, fake: FakeTaught) -> None:
    code, out, _ = run("lesson", "focus", "--json", "--html", "focus.html")
    found = json.loads(out)
    assert code == 0
    assert (found["lesson"], found["held"], found["table"][0]["scores"]) == ("focus", False, {"right": 0.25})
    assert found["examples"][0]["weights"] == [[0.75, 0.25]]
    assert "a map" in Path("focus.html").read_text(encoding="utf-8")


def test_what_was_learned_is_saved_and_how_to_begin_with_it_is_said(run, fake: FakeTaught) -> None:
    code, out, err = run("lesson", "blanks", "--save", "w.safetensors", "--json")
    assert code == 0
    assert Path("w.safetensors").read_bytes() == b"learned"
    assert "learned" not in out
    assert "attnclf train DATA --encoder transformer --init w.safetensors" in " ".join(err.split())


def test_what_was_learned_is_saved_where_the_result_finds_no_room(
    run, fake: FakeTaught, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout", Failing(errno.ENOSPC))
    code, _, err = run("lesson", "blanks", "--save", "w.safetensors", "--html", "x.html", "--json")
    assert (code, "cannot write standard output" in err) == (3, True)
    assert Path("w.safetensors").read_bytes() == b"learned"
    assert "a map" in Path("x.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("adition",), 2, "did you mean 'addition'?"),
        (("focus", "--attention", "dot"), 2, "in the lesson focus there is no --attention to choose"),
        (("addition", "--attention", "simple"), 2, "the lesson addition has no --attention simple"),
        (("addition", "--html", "none/x.html"), 3, "there is no folder none"),
        (("addition", "--html", "."), 3, "it is a directory"),
        (("addition", "--save", "w"), 2, "the lesson addition has no weights to --save"),
        (("blanks", "--save", "none/w"), 3, "name another file with --save"),
        (("blanks", "--save", "w.gz"), 2, "--save w.gz would be compressed, and --init reads no such file"),
        (("blanks", "--attention", "dot"), 2, "in the lesson blanks there is no --attention to choose"),
        (("addition", "--seed", "-1"), 2, "--seed"),
        (("--quick", "--html", "x.html"), 2, "these options are of a lesson, and none is named"),
        (("blanks", "--save", "x", "--html", "./x"), 2, "--save and --html are both x"),
        (("focus", "--html", "x.zip"), 3, "zip archives are not written"),
        (("focus", "--html", "x" * 300), 3, "cannot write"),
        (("focus", "--html", "/proc/x.html"), 3, "name another file with --html"),
        (("--attention", "dot"), 2, "these options are of a lesson, and none is named"),
        (("--seed", "0"), 2, "these options are of a lesson, and none is named"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_trained(
    run, fake: FakeTaught, arguments, code: int, says: str
) -> None:
    ended, out, err = run("lesson", *arguments)
    assert (ended, out, fake.calls) == (code, "", [])
    assert says in err


def test_an_interrupt_keeps_nothing(run, fake: FakeTaught) -> None:
    fake.error = KeyboardInterrupt()
    code, out, err = run("lesson", "focus", "--html", "focus.html", "--json")
    assert (code, out) == (130, "")
    assert err.endswith("interrupted; a lesson keeps nothing\n")
    assert not Path("focus.html").exists()
