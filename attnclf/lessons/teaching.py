"""A lesson by its name, as a person asks for it, and what comes of it."""

import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from typing import cast

from attnclf.errors import UsageError
from attnclf.installation.back_ends import check_back_end
from attnclf.lessons.base import LESSONS, Lesson, check_choice
from attnclf.results import Note, OnEvent
from attnclf.results.events import ignore
from attnclf.results.lessons import LessonResult, Value


def lesson_of(name: str, settings: Mapping[str, Value], quick: bool = False) -> Lesson:
    """The lesson called `name`, with `settings` in place of its own; with `quick`, in its quick form.

    Raises UsageError if there is no such lesson, if it has no such setting, or no such attention.
    """
    known = LESSONS.settings_of(name)
    if "attention" in settings:
        check_choice(name, str(settings["attention"]))
    for setting in settings:
        if setting not in known:
            raise UsageError(f"in the lesson {name} there is no `{setting}` to choose", hint="leave it out")
    kind = cast(type[Lesson], LESSONS[name])
    return LESSONS.make(name, {**(kind.quick if quick else {}), **settings})


def taught(
    name: str,
    settings: Mapping[str, Value],
    quick: bool = False,
    on_event: OnEvent = ignore,
    importing: AbstractContextManager[None] | None = None,
) -> LessonResult:
    """Runs a lesson; the same `seed` gives the same scores on the same machine. Raises UsageError as `lesson_of` does.

    `importing` is a context for the start of Keras.
    """
    lesson = lesson_of(name, settings, quick)
    check_back_end()
    with importing or nullcontext():
        import keras

        from attnclf.trainable import backend
    on_event(Note(f"seed {lesson.seed}; Keras {keras.__version__} on {keras.backend.backend()}", topic=name))
    backend.make_repeatable(lesson.seed)
    started = time.monotonic()
    with backend.without_retracing_warnings():
        found = lesson.teach(on_event)
    return LessonResult(name, LESSONS.meanings[name], asdict(lesson), quick, time.monotonic() - started, found)  # type: ignore[call-overload]
