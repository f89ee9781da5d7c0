"""The pages say what the program does: what is generated is fresh, links lead somewhere, examples run, commands parse."""

import ast
import importlib.util
import inspect
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer

import attnclf
from attnclf import errors
from attnclf.cli.app import app
from attnclf.config import Config
from attnclf.results import AccountRule
from tests.conftest import ROOT, SAMPLE
from tests.contract.test_house import ROOMS
from tests.docs.markdown import SHELL, Fence, Page
from tests.models import write_bundle

README = "README.md"
DEVELOPMENT, MODELS = "docs/development.md", "docs/models.md"
WRITTEN = (
    README,
    "docs/accounts.md",
    "docs/attention.md",
    "docs/data.md",
    "docs/deployment.md",
    DEVELOPMENT,
    "docs/explanations.md",
    "docs/measurements.md",
    "docs/service.md",
    MODELS,
    "docs/tuning.md",
    "docs/scaling.md",
)
GENERATED = ("docs/commands.md", "docs/python.md", "docs/lessons.md")
PAGES = {str(path.relative_to(ROOT)): Page(path) for path in (ROOT / README, *sorted((ROOT / "docs").rglob("*.md")))}
COMMANDS: Any = typer.main.get_command(app)
LONGEST_README = 200  # lines


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(params=PAGES)
def page(request: pytest.FixtureRequest) -> Page:
    return PAGES[request.param]


def test_every_page_is_there() -> None:
    assert {*WRITTEN, *GENERATED} <= set(PAGES)


def test_generated_pages_are_fresh() -> None:
    for name, text in (script("make_docs").pages() | script("make_lessons").pages()).items():
        assert (ROOT / name).read_text(encoding="utf-8") == text, f"{name} is stale: run `make docs`"


def test_every_command_and_every_setting_has_its_place() -> None:
    assert {f"attnclf {name}" for name in COMMANDS.commands} <= {words for _, words in PAGES["docs/commands.md"].headings}
    settings = {name for section in Config().to_dict().values() for name in section}
    assert settings <= set(PAGES["docs/python.md"].spans)
    assert {f"`attnclf.{name}`" for name in attnclf.__all__} <= {words for _, words in PAGES["docs/python.md"].headings}


def test_the_readme_is_short() -> None:
    assert len(PAGES[README].text.splitlines()) <= LONGEST_README


def test_links_lead_somewhere(page: Page) -> None:
    for link in page.links:
        path, _, anchor = link.partition("#")
        target = (page.path.parent / path).resolve() if path else page.path
        assert target.exists(), f"{link}: no such file"
        if anchor and target.suffix == ".md":
            assert anchor in Page(target).anchors, f"{link}: no such heading"


def test_every_exit_code_is_told() -> None:
    told = {int(code) for code in re.findall(r"^\| `?(\d+)`? \|", PAGES[MODELS].text, re.MULTILINE)}
    kinds = {
        kind.exit_code for kind in vars(errors).values() if inspect.isclass(kind) and issubclass(kind, errors.AttnclfError)
    }
    assert told == {0, 1, 129, 130, 143} | kinds


def test_make_targets_exist(page: Page) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    shell = [line for fence in page.fences if fence.language in SHELL for line in fence.code.splitlines()]
    code = [*page.spans, *(re.sub(r"#.*", "", line) for line in shell)]
    named = {name for line in code for name in re.findall(r"(?:^|\s)make ([a-z-]+)", line)}
    assert named <= targets


def test_the_rooms_are_told_in_their_order() -> None:
    table = re.findall(r"^\| `(\w+)(?:/|\.py)?` \|", PAGES[DEVELOPMENT].text, re.MULTILINE)
    assert [name for name in table if name in ROOMS] == ROOMS


# Examples in Python.


TRAINING = ("attnclf.train(", "attnclf.AttentionClassifier(")


def python_of(page: Page) -> list[Fence]:
    return [fence for fence in page.fences if fence.language == "python"]


def trains(fence: Fence) -> bool:
    """Whether a fence is too slow to run here; one that is marked `e2e` runs all the same."""
    return any(call in fence.code for call in TRAINING) and "e2e" not in fence.info.split()


def run(page: Page, name: str, fences: list[Fence]) -> None:
    """Runs fences one after the other, as one program."""
    variables: dict[str, Any] = {"__name__": "__main__"}
    for fence in fences:
        lines_before = "\n" * (fence.line - 1)  # so that a traceback tells the page's own lines
        exec(compile(lines_before + fence.code, name, "exec", dont_inherit=True), variables)


EXAMPLES = [name for name, page in PAGES.items() if name != DEVELOPMENT and python_of(page)]


@pytest.mark.filterwarnings("ignore:.* nothing the model knows:UserWarning")  # it saw a few texts
@pytest.mark.parametrize("name", EXAMPLES)
def test_python_examples_run(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = AccountRule((0.1, -0.1), 1.0, 0.5, (0.5, 0.5), 9)
    write_bundle(tmp_path / "attnclf-model", level="word", labels=("fake", "real"), accounts=rule)
    shutil.copytree(SAMPLE, tmp_path / "sample_data")
    monkeypatch.chdir(tmp_path)
    run(PAGES[name], name, [fence for fence in python_of(PAGES[name]) if not trains(fence)])


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_that_train_name_settings_that_exist(name: str) -> None:
    for fence in filter(trains, python_of(PAGES[name])):
        for call in training_calls(ast.parse(fence.code)):
            own = {"model", "verbose", *inspect.signature(attnclf.train).parameters}
            given = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg and keyword.arg not in own}
            for setting, value in given.items():
                Config().override_flat({setting: ast.literal_eval(value)})  # UsageError for one that does not exist


def training_calls(tree: ast.AST) -> Iterator[ast.Call]:
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return (call for call in calls if f"{ast.unparse(call.func)}(" in TRAINING)


# Command lines.


def test_command_lines_parse(page: Page) -> None:
    for line, arguments in page.commands("attnclf"):
        where = f"{page.path.name}, line {line}: attnclf {' '.join(arguments)}"
        try:
            parse(arguments)
        except Exception as error:
            error.add_note(where)
            raise


def parse(arguments: list[str]) -> None:
    """Raises what the command line would, and runs nothing."""
    try:
        with COMMANDS.make_context("attnclf", list(arguments)) as context:
            name, command, rest = COMMANDS.resolve_command(context, [*context._protected_args, *context.args])
            with command.make_context(name, rest, parent=context):
                pass
    except typer.Exit:
        pass  # --help and --version end the program


def test_options_named_in_sentences_exist(page: Page) -> None:
    for span in page.spans:
        program, name, *words = [*span.split(), "", ""]
        if program == "attnclf" and re.fullmatch(r"[a-z]+", name):
            assert name in COMMANDS.commands, f"`{span}`"
            assert options_in(words) <= options_of(COMMANDS.commands[name]), f"`{span}`"
        elif program.startswith("--"):
            assert options_in([program]) <= set.union(*map(options_of, COMMANDS.commands.values())) | {"--version"}, f"`{span}`"


def options_in(words: list[str]) -> set[str]:
    return {word.split("=")[0] for word in words if re.fullmatch(r"--?[a-z][\w-]*(=.*)?", word)}


def options_of(command: Any) -> set[str]:
    return {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)} | {"--help", "-h"}
