"""Training killed at random moments, and resumed each time until it is done: is the model the same, to the bit?

    python -m tests.benchmarks.resuming [--data TABLE] [--kills 30] [--seed 0] [-- OPTIONS OF TRAIN]

A training runs once without an interruption. Then it begins anew, and is killed (SIGKILL) at a moment drawn from the time
that the first one took; it is resumed, and killed again in the same way, until it ends before its moment comes. Its model is
compared with the first one, and another round begins, until there were enough kills. It is said what was being done at each.
"""

import argparse
import hashlib
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

SETTINGS = ["--epochs", "3", "--size", "small", "--no-baseline", "--device", "cpu"]
FILES = ("weights.safetensors", "model.onnx", "words.onnx", "features.safetensors", "tokenizer.json", "texts.bin")
START = "starting"
# The beginning of a line of `train -v`, and what is being done after it.
PHASES = {
    "data ": "reading the table",
    "resume ": "reading the checkpoint",
    "reading the texts": "reading the texts",
    "device ": "reading the texts",
    "fitting the linear model": "fitting the linear model",
    "building the network": "building the network",
    "epoch ": "training the network",
    "network ": "finishing",
    "model ": "ending",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.resuming", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=Path, default=Path("sample_data/train.csv"))
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("settings", nargs="*", default=SETTINGS, help="options of train")
    options = parser.parse_args()
    command = [sys.executable, "-m", "attnclf", "train", str(options.data), "-v", *options.settings]
    draw, kills, rounds, others = random.Random(options.seed), Counter[str](), 0, 0
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        run(command, Path(folder) / "unbroken", None)
        seconds = time.monotonic() - started
        expected = content(Path(folder) / "unbroken")
        print(f"without an interruption: {seconds:.0f} s", flush=True)
        while kills.total() < options.kills:
            model, rounds = Path(folder) / f"round {rounds}", rounds + 1
            phases: list[str] = []
            while (phase := run([*command, "--resume"], model, draw.uniform(0, seconds))) is not None:
                phases.append(phase)
            kills.update(phases)
            same = content(model) == expected and not list(model.parent.glob(f".{model.name}*"))
            others += not same
            print(f"{'the same' if same else 'ANOTHER'} model after kills while {', '.join(phases) or 'nothing'}", flush=True)
    print(f"{kills.total()} kills in {rounds} trainings, {others} of which ended with another model")
    for phase, count in kills.most_common():
        print(f"{count:4}  {phase}")
    sys.exit(1 if others else 0)


def run(command: list[str], model: Path, after: float | None) -> str | None:
    """Trains, and kills that after so many seconds. What was being done then; None if it ended before."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen([*command, "-m", str(model)], stdout=subprocess.DEVNULL, stderr=said)
        try:
            process.wait(after)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        said.seek(0)
        lines = said.read().decode("utf-8", "replace").splitlines()
        if process.returncode == 0:
            return None
        if process.returncode > 0:
            raise SystemExit("\n".join(lines))
    phase = START
    for line in lines:
        phase = next((name for start, name in PHASES.items() if line.startswith(start)), phase)
    return phase


def content(model: Path) -> dict[str, object]:
    """What two trainings that do the same have alike: the files, and the history but for its seconds."""
    files: dict[str, object] = {name: hashlib.sha256((model / name).read_bytes()).hexdigest() for name in FILES}
    lines = [json.loads(line) for line in (model / "history.jsonl").read_text(encoding="utf-8").splitlines()]
    return files | {"history": [{name: value for name, value in line.items() if name != "seconds"} for line in lines]}


if __name__ == "__main__":
    main()
