"""Lessons: what attention does beyond classification, each a small model that is trained in minutes and looked at.

Every module of this folder is imported, and so registered, without Keras. A new lesson only needs a file here. What several
lessons need of Keras is in `networks`, which lessons import when they run. No part of the classifier imports this package.
"""

from importlib import import_module
from pkgutil import iter_modules

from attnclf.lessons.base import LESSONS as LESSONS
from attnclf.lessons.base import SYMBOLS as SYMBOLS
from attnclf.lessons.base import Lesson as Lesson
from attnclf.lessons.base import check_saves as check_saves
from attnclf.lessons.base import minutes_of as minutes_of
from attnclf.lessons.base import shortened as shortened
from attnclf.lessons.base import text_of as text_of
from attnclf.lessons.base import with_a_choice as with_a_choice

for _module in iter_modules(__path__):
    if not _module.ispkg:
        import_module(f"{__name__}.{_module.name}")
