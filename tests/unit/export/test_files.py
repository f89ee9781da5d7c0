"""The files of an export: what JavaScript reads of texts is what the readers read, and the page holds what was promised."""

import json
import shutil
import subprocess
from pathlib import Path
from unicodedata import normalize

import numpy as np
import pytest

from attnclf.config import TextConfig
from attnclf.data.columns import joined_columns
from attnclf.errors import UsageError
from attnclf.export.examples import TEXTS, examples_of
from attnclf.export.files import NAMES, check_exportable, facts_of, onnx_files
from attnclf.export.quantised import graphs_of
from attnclf.reading.alphabet import alphabet
from attnclf.reading.ngrams import hashes, hashes_of_words, pair_hashes
from attnclf.reading.readers import WordReader, build_reader
from attnclf.reading.tokens import normalised
from attnclf.results.exported import Measure, Quantisation
from attnclf.served.model import ServedModel
from tests.models import write_bundle

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="needs Node.js")


@pytest.fixture(scope="module", params=["char", "word"])
def exported(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[ServedModel, Path]:
    """A model that reads few tokens, and its export."""
    folder = tmp_path_factory.mktemp("export")
    served = ServedModel.load(write_bundle(folder / "model", level=request.param, max_length=12, longest=60).path)
    (folder / "onnx").mkdir()
    for name, content in onnx_files(served, graphs_of(served), served).items():
        (folder / "onnx" / name).write_bytes(content)
    return served, folder / "onnx"


def node(folder: Path, code: str, value: object) -> object:
    """What a function of JavaScript, with the reader of the folder as `reader`, makes of a value."""
    script = (
        f"import * as all from {json.dumps((folder / 'reader.mjs').as_uri())};\nimport {{ readFileSync }} from 'node:fs';\n"
        f"const reader = new all.Reader({json.dumps(str(folder))});\nconst value = JSON.parse(readFileSync(0, 'utf8'));\n"
        f"console.log(JSON.stringify(({code})(value), (_, v) => typeof v === 'bigint' ? String(v) : v));"
    )
    ended = subprocess.run(
        [NODE or "node", "--input-type=module", "-e", script],
        input=json.dumps(value),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


@needs_node
def test_javascript_finds_the_same_tokens_at_the_same_places(exported: tuple[ServedModel, Path]) -> None:
    served, folder = exported
    texts = [*TEXTS, "long " * 40, "half \ud83d a character", " " * 70 + "x"]
    expected = served.reader.encode(texts)
    found = node(folder, "(texts) => texts.map((text) => reader.tokens(text))", texts)
    whole = [text.replace("\ud83d", "\ufffd") for text in texts]
    assert found == [[normalize("NFC", text[a:b]) for a, b in one.spans] for text, one in zip(whole, expected, strict=True)]
    lengths = [1, 11, 12, 13, 40]
    places = node(folder, "(lengths) => lengths.map((length) => reader.positions(length))", lengths)
    assert places == [served.reader.window.positions(length).tolist() for length in lengths]


@needs_node
def test_javascript_hashes_as_python_does(exported: tuple[ServedModel, Path]) -> None:
    _, folder = exported
    words = ["", "a", "don't", "오늘은", "ㅋㅋ값이", "x" * 40, "<>", "👍🏽", "é", "supercalifragilistic"]
    found = node(folder, "(words) => words.map((word) => [...all.featureHashes(word, 30)])", words)
    codes, owners = hashes(words, 30)
    expected = [sorted(map(str, codes[owners == number].tolist())) for number in range(len(words))]
    assert [sorted(some) for some in found] == expected  # type: ignore[attr-defined]
    whole = hashes_of_words(words)
    assert node(folder, "(words) => words.map(all.wordHash)", words) == list(map(str, whole.tolist()))
    pairs = pair_hashes(np.append(np.uint64(0), whole[:-1]), whole)
    code = "(words) => words.map((word, i) => all.pairHash(i ? all.wordHash(words[i - 1]) : 0n, all.wordHash(word)))"
    assert node(folder, code, words) == list(map(str, pairs.tolist()))


@needs_node
def test_javascript_reads_the_same_ids(exported: tuple[ServedModel, Path]) -> None:
    served, folder = exported
    (ids,) = served.reader.ids([TEXTS[2]])[0]
    words = served.reader.encode([TEXTS[2]])[0].spans
    tokens = [TEXTS[2][a:b] for a, b in words]
    if not isinstance(served.reader, WordReader):
        assert node(folder, "(tokens) => tokens.map(reader.characterId)", tokens) == ids.tolist()
        return
    inputs = served.reader.word_features(ids)
    found = node(folder, "(w) => { const i = reader.wordInputs(w); return [[...i.features], [...i.words]]; }", tokens)
    assert found == [inputs["features"].ravel().tolist(), inputs["words"].tolist()]
    known = served.reader.pair_ids([ids])
    assert node(folder, "(words) => reader.pairIds(words)", normalised(tokens)) == known.tolist()
    assert known.any()


@needs_node
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "no text given"),
        (["--check", "empty.jsonl"], "empty.jsonl holds no examples"),
        (["--check", "none"], "no such file"),
    ],
)
def test_a_check_of_nothing_does_not_pass(
    exported: tuple[ServedModel, Path], tmp_path: Path, arguments: list[str], says: str
) -> None:
    library = tmp_path / "node_modules" / "onnxruntime-node"
    library.mkdir(parents=True)
    (library / "package.json").write_text('{"type": "module", "exports": "./index.js"}', encoding="utf-8")
    (library / "index.js").write_text("export const InferenceSession = { create: async () => null };", encoding="utf-8")
    shutil.copytree(exported[1], tmp_path / "out")
    (tmp_path / "empty.jsonl").write_text("\n", encoding="utf-8")
    command = [NODE or "node", "out/predict.mjs", *arguments]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", check=False)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("error: ")
    assert says in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_the_page_and_the_facts_are_of_this_model(exported: tuple[ServedModel, Path]) -> None:
    served, folder = exported
    level = served.bundle.config.text.level
    page = (folder / "README.md").read_text(encoding="utf-8")
    assert all(f"`{label}`" in page for label in served.labels)
    names = {path.name for path in folder.iterdir()}
    assert names == (NAMES if level == "word" else NAMES - {"words.onnx", "features.safetensors"})
    assert {name for name in NAMES if f"`{name}`" in page} == names - {"README.md", "package.json"}
    facts = json.loads((folder / "attnclf.json").read_text(encoding="utf-8"))
    assert facts == json.loads(json.dumps(facts_of(served, None)))
    assert (facts["window"], facts["longest"], facts["labels"]) == ([6, 6], 60, list(served.labels))


def test_how_columns_of_texts_are_joined_is_said_and_shown(tmp_path: Path) -> None:
    served = ServedModel.load(write_bundle(tmp_path / "m", text_col=["title", "body"]).path)
    found = onnx_files(served, graphs_of(served), served)
    facts = json.loads(found["attnclf.json"])
    assert facts["columns"] == ["title", "body"]
    joined = joined_columns(TEXTS[:2])
    assert joined == facts["separator"].join(TEXTS[:2])
    assert joined in [json.loads(line)["text"] for line in found["examples.jsonl"].splitlines()]
    assert "1. A text is the values of `columns`, in their order, with `separator` between" in found["README.md"].decode()


def test_labels_stay_code_on_the_page(tmp_path: Path) -> None:
    served = ServedModel.load(write_bundle(tmp_path / "m", labels=("a`b", "c\x1b[2J\n# d", "e")).path)
    page = onnx_files(served, graphs_of(served), served)["README.md"].decode()
    assert "Labels: `a'b`, `c\\x1b[2J" in page
    assert "\n# d" not in page
    assert "\x1b" not in page


def test_examples_are_what_the_model_says_and_sum_to_it(exported: tuple[ServedModel, Path]) -> None:
    served, _ = exported
    for line in examples_of(served).decode().splitlines():
        example = json.loads(line)
        assert example["logits"] == pytest.approx(served.logits([example["text"]])[0][0].tolist(), abs=1e-5)
        assert np.sum(example["contributions"], axis=0) == pytest.approx(example["logits"], abs=1e-4)
        assert len(example["tokens"]) == len(example["contributions"])
    assert len(example["tokens"]) > served.limits.window.size


def test_the_alphabet_is_that_of_the_reader() -> None:
    found = alphabet()
    letters = {chr(code) for first, last in found.words for code in range(first, last + 1)}
    spaces = {chr(code) for first, last in found.spaces for code in range(first, last + 1)}
    assert {"a", "_", "9", "é", "가", "ㅋ", "\u0301", "²", "Ⓐ"} <= letters
    assert spaces == {" ", *"\t\n\x0b\x0c\r\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000", *map(chr, range(0x2000, 0x200B))}
    assert not letters & {"👍", "-", "’", "\u200d", "\ufffd"}
    reader = build_reader(["a"], TextConfig(level="word"))
    for text in ("a²b", "a\u200db", "a\u1680b", "aⒶb"):
        spans = reader.encode([text])[0].spans
        assert (len(spans) == 1) == (text[1] in letters)


def test_no_gap_is_below_the_precision_of_float32() -> None:
    one = Measure(1, 1.0, 1.0, 0.1)
    assert [Quantisation("a", 1, one, one, 0.0, gap, 1).gap for gap in (0.0, 2e-6)] == ["1e-07", "2e-06"]


def test_graphs_that_read_sentences_are_refused(tmp_path: Path) -> None:
    served = ServedModel.load(write_bundle(tmp_path / "m", level="word", encoder="hierarchical").path)
    with pytest.raises(UsageError, match="reads texts by sentences"):
        check_exportable(served)
