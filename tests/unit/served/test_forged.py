"""A model whose checksums are right, and whose files are not what attnclf writes: one error that names the file, soon."""

import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load, save

from attnclf.bundle import FILES
from attnclf.bundle.manifest import checksum_of, encoded, self_checksum
from attnclf.errors import ModelError
from attnclf.served.model import ServedModel
from attnclf.served.session import Session, too_old
from attnclf.served.wire import OPERATORS

Forge = Callable[[Path], None]
SECONDS, MEGABYTES = 2, 300  # of a command that refuses a model


def sign(path: Path, **changed: Any) -> None:
    """Makes sizes and checksums right again, with some values of the manifest changed; None takes one away."""
    manifest = json.loads((path / "bundle.json").read_bytes()) if not changed.pop("whole", False) else {}
    manifest.pop("checksum", None)
    there = [name for name in FILES if (path / name).is_file()]
    manifest["files"] = {name: checksum_of((path / name).read_bytes()) for name in there}
    manifest["sizes"] = {name: (path / name).stat().st_size for name in there}
    manifest |= changed
    manifest = {name: value for name, value in manifest.items() if value is not None}
    (path / "bundle.json").write_bytes(encoded(manifest | {"checksum": self_checksum(manifest)}))


def tokenizer(change: Callable[[dict[str, Any]], None]) -> Forge:
    def forge(path: Path) -> None:
        values = json.loads((path / "tokenizer.json").read_bytes())
        change(values)
        (path / "tokenizer.json").write_text(json.dumps(values), encoding="utf-8")

    return forge


def graph(change: Callable[[onnx.ModelProto], None], name: str = "model.onnx") -> Forge:
    def forge(path: Path) -> None:
        model = onnx.load(path / name)
        change(model)
        (path / name).write_bytes(model.SerializeToString())

    return forge


def weights(change: Callable[[dict[str, Any]], None], name: str = "weights.safetensors") -> Forge:
    def forge(path: Path) -> None:
        arrays = {key: array.copy() for key, array in load((path / name).read_bytes()).items()}
        change(arrays)
        (path / name).write_bytes(save(arrays))

    return forge


def content(name: str, data: bytes) -> Forge:
    return lambda path: (path / name).write_bytes(data) and None


def loop(model: onnx.ModelProto) -> None:
    """Runs nearly for ever."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["on"])],
        "body",
        [helper.make_tensor_value_info("i", TensorProto.INT64, []), helper.make_tensor_value_info("go", TensorProto.BOOL, [])],
        [helper.make_tensor_value_info("on", TensorProto.BOOL, [])],
    )
    model.graph.initializer.append(numpy_helper.from_array(np.array(2**62, np.int64), "times"))
    model.graph.initializer.append(numpy_helper.from_array(np.array(True), "yes"))
    model.graph.node.append(helper.make_node("Loop", ["times", "yes"], [], body=body))


def external(model: onnx.ModelProto) -> None:
    """Reads another file."""
    array = TensorProto(name="passwords", data_type=TensorProto.FLOAT, dims=[4], data_location=TensorProto.EXTERNAL)
    array.external_data.add(key="location", value="../../../../etc/passwd")
    model.graph.initializer.append(array)


def changed_constant(model: onnx.ModelProto, value: float) -> None:
    for node in model.graph.node:
        for attribute in node.attribute:
            if attribute.t.data_type == TensorProto.FLOAT and len(attribute.t.raw_data) > 64:
                array = numpy_helper.to_array(attribute.t).copy()
                array.flat[0] = value
                attribute.t.raw_data = array.tobytes()
                return
    raise AssertionError("no array to forge")


def foreign(model: onnx.ModelProto) -> None:
    model.graph.node[0].domain = "com.microsoft"


def operator(model: onnx.ModelProto) -> None:
    model.graph.node.append(helper.make_node("RandomNormal", [], ["noise"], shape=[100_000, 100_000]))


def another_output(model: onnx.ModelProto) -> None:
    model.graph.output[0].name = "other"


CHARACTERS: dict[str, tuple[str, Forge]] = {
    "padding": ("tokenizer.json", tokenizer(lambda t: t.update(padding={"strategy": {"Fixed": 10**9}, "direction": "Right",
                "pad_to_multiple_of": None, "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]"}))),
    "replacing": ("tokenizer.json", tokenizer(lambda t: t.update(normalizer={"type": "Replace", "pattern": {"String": "a"},
                  "content": "a" * 1_000_000}))),
    "added tokens": ("tokenizer.json", tokenizer(lambda t: t.update(added_tokens=[{"id": 0, "content": "x"}]))),
    "another pattern": ("tokenizer.json", tokenizer(lambda t: t.update(pre_tokenizer={"type": "Split", "pattern":
                        {"Regex": "(a*)*b"}, "behavior": "Removed", "invert": True}))),
    "no truncation": ("tokenizer.json", tokenizer(lambda t: t.update(truncation=None))),
    "another truncation": ("tokenizer.json", tokenizer(lambda t: t["truncation"].update(max_length=10**9))),
    "merges": ("tokenizer.json", tokenizer(lambda t: t["model"].update(merges=[["a", "b"]]))),
    "no vocabulary": ("tokenizer.json", tokenizer(lambda t: t["model"].pop("vocab"))),
    "ids of a wrong type": ("tokenizer.json", tokenizer(lambda t: t["model"]["vocab"].update(a="1"))),
    "ids with a gap": ("tokenizer.json", tokenizer(lambda t: t["model"]["vocab"].update({"\u1234": 10**6}))),
    "words": ("tokenizer.json", tokenizer(lambda t: t["model"]["vocab"].update({"word": len(t["model"]["vocab"])}))),
    "no JSON": ("tokenizer.json", content("tokenizer.json", b"\xff\xfe")),
    "a list": ("tokenizer.json", content("tokenizer.json", b"[]")),
    "nested": ("tokenizer.json", content("tokenizer.json", b"[" * 1_000_000)),
    "a loop": ("model.onnx", graph(loop)),
    "external data": ("model.onnx", graph(external)),
    "not a number": ("model.onnx", graph(lambda model: changed_constant(model, np.nan))),
    "infinite": ("model.onnx", graph(lambda model: changed_constant(model, np.inf))),
    "a foreign operator": ("model.onnx", graph(foreign)),
    "an operator of its own": ("model.onnx", graph(operator)),
    "another opset": ("model.onnx", graph(lambda model: model.opset_import[0].__setattr__("version", 99))),
    "another output": ("model.onnx", graph(another_output)),
    "no graph": ("model.onnx", content("model.onnx", b"")),
    "no ONNX": ("model.onnx", content("model.onnx", b"\xff" * 100)),
    "a graph cut short": ("model.onnx", lambda path: (path / "model.onnx").write_bytes(
                          (path / "model.onnx").read_bytes()[:-9]) and None),
    "an extra file": ("extra.bin", lambda path: (path / "extra.bin").touch()),
}  # fmt: skip


def no_pairs(arrays: dict[str, Any]) -> None:
    arrays["kinds"] = arrays["kinds"][::-1].copy()


def crowded(arrays: dict[str, Any]) -> None:
    """Every search for a word passes a million slots."""
    arrays["hashes"] = np.arange(1, 1_000_001, dtype=np.uint64)
    arrays["kinds"] = np.zeros(1_000_000, np.uint8)


def twice(arrays: dict[str, Any]) -> None:
    arrays["hashes"][1] = arrays["hashes"][0]


WORDS: dict[str, tuple[str, Forge]] = {
    "wrong types": ("features.safetensors", weights(lambda a: a.update(hashes=a["hashes"].astype(np.float32)),
                    "features.safetensors")),
    "no kinds": ("features.safetensors", weights(lambda a: a.pop("kinds"), "features.safetensors")),
    "fewer kinds": ("features.safetensors", weights(lambda a: a.update(kinds=a["kinds"][:-1]), "features.safetensors")),
    "another order": ("features.safetensors", weights(no_pairs, "features.safetensors")),
    "a hash twice": ("features.safetensors", weights(twice, "features.safetensors")),
    "crowded hashes": ("features.safetensors", weights(crowded, "features.safetensors")),
    "no arrays": ("features.safetensors", content("features.safetensors", b"\xff" * 64)),
    "a pattern without end": ("tokenizer.json", CHARACTERS["another pattern"][1]),
    "a vocabulary of words": ("tokenizer.json", CHARACTERS["words"][1]),
    "a loop for words": ("words.onnx", graph(loop, "words.onnx")),
    "no words": ("words.onnx", content("words.onnx", b"")),
    "a graph of texts for words": ("onnx", lambda path: shutil.copy(path / "model.onnx", path / "words.onnx") and None),
}  # fmt: skip


def forged(model: Path, folder: Path, forge: Forge) -> Path:
    """A forged copy of a model, with the checksums that fit it."""
    path = Path(shutil.copytree(model, folder / "m"))
    forge(path)
    sign(path)
    return path


@pytest.mark.parametrize("name", CHARACTERS)
def test_a_forged_file_is_refused_by_its_name(bundle_path: Path, tmp_path: Path, name: str) -> None:
    file, forge = CHARACTERS[name]
    path = forged(bundle_path, tmp_path, forge)
    with pytest.raises(ModelError, match=file) as refused:
        ServedModel.load(path)
    assert str(path) in refused.value.message


@pytest.mark.parametrize("name", WORDS)
def test_a_forged_file_of_words_is_refused_by_its_name(word_bundle_path: Path, tmp_path: Path, name: str) -> None:
    file, forge = WORDS[name]
    path = forged(word_bundle_path, tmp_path, forge)
    with pytest.raises(ModelError, match=file):
        ServedModel.load(path)


LATE: dict[str, Forge] = {
    "NaN": weights(lambda a: a["head.b"].fill(np.nan)),
    "another shape": weights(lambda a: a.update({"head.b": a["head.b"][:-1]})),
    "another type": weights(lambda a: a.update({"head.b": a["head.b"].astype(np.float64)})),
    "one too few": weights(lambda a: a.pop("head.b")),
    "one too many": weights(lambda a: a.update(more=a["head.b"])),
    "no arrays": content("weights.safetensors", b"\xff" * 64),
}


@pytest.mark.parametrize("name", LATE)
def test_forged_weights_are_refused_when_they_are_read(bundle_path: Path, tmp_path: Path, name: str) -> None:
    path = Path(shutil.copytree(bundle_path, tmp_path / "m"))
    LATE[name](path)
    sign(path)
    served = ServedModel.load(path)
    with pytest.raises(ModelError, match=r"weights\.safetensors"):
        served.weights()


@pytest.mark.parametrize("lines", [b"{", b"3\n", b"\xff\n", b"[" * 100_000])
def test_a_forged_history_is_refused_when_it_is_read(bundle_path: Path, tmp_path: Path, lines: bytes) -> None:
    path = Path(shutil.copytree(bundle_path, tmp_path / "m"))
    (path / "history.jsonl").write_bytes(lines)
    sign(path)
    with pytest.raises(ModelError, match=r"history\.jsonl"):
        ServedModel.load(path).bundle.history()


MANIFESTS: dict[str, dict[str, Any]] = {
    "no sizes": {"sizes": None},
    "sizes of text": {"sizes": dict.fromkeys(FILES, "1")},
    "negative sizes": {"sizes": dict.fromkeys(FILES, -1)},
    "other sizes": {"sizes": dict.fromkeys(FILES, 1)},
    "files elsewhere": {"files": {"../../etc/passwd": "sha256:"}, "sizes": {"../../etc/passwd": 1}},
    "labels of another type": {"labels": [1, 2, 3]},
    "the same label twice": {"labels": ["a", "a", "b"]},
    "other labels": {"labels": ["a", "b"]},
    "no labels": {"labels": []},
    "labels that are no numbers": {"labels": ["a", "b", "c"], "label_type": "int"},
    "a configuration of text": {"config": "small"},
    "half a configuration": {"config": {"text": {}}},
    "a configuration of lists": {"config": {"text": [], "model": [], "data": [], "training": []}},
    "settings of wrong types": {"config": {"text": {"level": [], "max_length": {}}}},
    "a long text": {"config": {"text": {"max_length": 10**12}}},
    "names of inputs": {"onnx_inputs": {"ids": 3}},
    "other inputs": {"onnx_inputs": {"ids": "identities"}},
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_forged_manifest_is_refused(bundle_path: Path, tmp_path: Path, name: str) -> None:
    path = Path(shutil.copytree(bundle_path, tmp_path / "m"))
    sign(path, **MANIFESTS[name])
    with pytest.raises(ModelError, match=str(path)):
        ServedModel.load(path)


def pipe(path: Path) -> None:
    (path / "model.onnx").unlink()
    os.mkfifo(path / "model.onnx")


def device(path: Path) -> None:
    (path / "tokenizer.json").unlink()
    (path / "tokenizer.json").symlink_to("/dev/zero")


def endless_manifest(path: Path) -> None:
    (path / "bundle.json").unlink()
    (path / "bundle.json").symlink_to("/dev/zero")


def large_manifest(path: Path) -> None:
    sign(path, scores={"more": ["x" * 100] * 300_000})
    assert (path / "bundle.json").stat().st_size > 30_000_000


def many_values(path: Path) -> None:
    sign(path, scores={"more": [[]] * 1_000_000})


def nested_manifest(path: Path) -> None:
    text = (path / "bundle.json").read_text(encoding="utf-8")
    (path / "bundle.json").write_text(text.replace('"scores": {', '"scores": {"x": ' + "[" * 200_000, 1), encoding="utf-8")


def large_file(path: Path) -> None:
    """A file of a terabyte, nearly all of it a hole."""
    os.truncate(path / "weights.safetensors", 2**40)


def linked_to_itself(path: Path) -> None:
    (path / "model.onnx").unlink()
    (path / "model.onnx").symlink_to("model.onnx")


def signed(name: str) -> Forge:
    def forge(path: Path) -> None:
        CHARACTERS[name][1](path)
        sign(path)

    return forge


MACHINE: dict[str, tuple[str, Forge]] = {
    "a pipe": ("model.onnx", pipe),
    "a device": ("tokenizer.json", device),
    "a manifest without end": ("bundle.json", endless_manifest),
    "a manifest of 30 MB": ("bundle.json", large_manifest),
    "a manifest of many values": ("bundle.json", many_values),
    "a nested manifest": ("bundle.json", nested_manifest),
    "a file of a terabyte": ("weights.safetensors", large_file),
    "a link to itself": ("model.onnx", linked_to_itself),
    **{name: (CHARACTERS[name][0], signed(name)) for name in ("padding", "replacing", "a loop")},
}


# A command that leaves its peak memory in KB in a file. What its parent used before it began is not counted.
MEASURED = """
import atexit, re, sys
from pathlib import Path
file = Path(sys.argv.pop(1))
atexit.register(lambda: file.write_text(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]))
from attnclf.cli import main
main()
"""


@pytest.mark.parametrize("name", MACHINE)
def test_a_forged_model_cannot_take_the_machine(bundle_path: Path, tmp_path: Path, name: str) -> None:
    file, forge = MACHINE[name]
    path = Path(shutil.copytree(bundle_path, tmp_path / "m"))
    forge(path)
    peak = tmp_path / "peak"
    command = [sys.executable, "-c", MEASURED, str(peak), "predict", "a text " * 100, "-m", str(path)]
    limit = (SECONDS * 5, SECONDS * 5)  # so that a failing test ends
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, limit),  # noqa: PLW1509
    )
    assert process.stderr is not None
    assert process.stdout is not None
    said = process.stderr.read().decode()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    process.stdout.close()
    assert (process.returncode, file in said, "Traceback" in said) == (4, True, False), said
    assert used.ru_utime + used.ru_stime < SECONDS
    assert int(peak.read_text()) < MEGABYTES * 1024


def test_a_runtime_that_is_too_old_is_told_apart(bundle_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = bytearray((bundle_path / "model.onnx").read_bytes())
    assert content[:2] == b"\x08\x0a"  # the version of the format, which a new one raises
    content[1] = 99
    with pytest.raises(ModelError, match=r"is too old for model\.onnx") as refused:
        Session(bytes(content), None)
    assert "pip install -U onnxruntime" in refused.value.hint
    assert not too_old("Protobuf parsing failed.")


def test_every_operator_that_may_be_read_is_one_of_onnx() -> None:
    for name in OPERATORS:
        onnx.defs.get_schema(name, 21, "")
