"""Finds the weights: of the linear model, of the network in Keras, and of their mix; writes graphs and checks them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from attnclf.checkpoint import Checkpoints
from attnclf.config import Config
from attnclf.linear.mixing import fit_mixing_weights
from attnclf.linear.model import LinearModel
from attnclf.model.architecture import Architecture
from attnclf.model.pretrained import Pretrained
from attnclf.ragged import Ragged
from attnclf.reading.base import Reader
from attnclf.reading.readers import WordReader
from attnclf.reading.sentences import SentenceReader
from attnclf.reading.windows import ReadingLimits
from attnclf.results import EpochScores, LeftOut, Note, OnEvent, StageStarted, counted, softmax
from attnclf.scoring import metrics
from attnclf.training.agreement import check_agreement
from attnclf.training.linear_fitting import fitted_linear_model, linear_shares, refitted_linear_model
from attnclf.training.preparation import example_weights
from attnclf.training.record import Record
from attnclf.training.splitting import SplitPart
from attnclf.training.together import state_of_first

if TYPE_CHECKING:
    from attnclf.trainable.group import Group


@dataclass(frozen=True)
class Fitted:
    """The weights and what serves them.

    `weights` by name; `graphs` by file name; `history` has a record of each epoch. `unseen_graphs` hold the same network with
    a linear model that has not seen the validation rows; `logits` (N, K) are their logits of these rows.
    `network` (N, K) are the network's own logits. `linear` is the linear model before its refit, None where there is none.
    `begun` says which weights the network began with; empty where all were random.
    """

    weights: dict[str, NDArray[np.float32]]
    graphs: dict[str, bytes]
    unseen_graphs: dict[str, bytes]
    logits: NDArray[np.float32]
    network: NDArray[np.float32]
    linear: LinearModel | None
    mixing_weights: tuple[float, float]
    begun: str
    history: list[dict[str, Any]]

    @property
    def best_epoch(self) -> int:
        """The epoch whose weights were kept, counted from 1."""
        return int(max(line["epoch"] for line in self.history if line["best"]))


def fit_weights(
    labels: Sequence[str],
    reader: Reader,
    train_part: SplitPart,
    valid_part: SplitPart,
    config: Config,
    on_event: OnEvent,
    checkpoints: Checkpoints,
    refit_linear: bool,
    group: "Group",
    pretrained: Pretrained | None = None,
) -> Fitted | None:
    """Fits the linear model, trains the network, and mixes the two. Keras' back end has been started.

    It begins where `checkpoints` stands, and keeps there what it has done. With `refit_linear` the linear model is at the end
    fitted to the validation rows too. The network begins with weights that are `pretrained`, if there are any. Of a group,
    process 0 alone fits linear models, keeps and returns something.
    """
    from attnclf.served.graph import build_graphs
    from attnclf.trainable import backend
    from attnclf.trainable.fit import Examples, fit, logits

    ids, valid_ids = _read(reader, train_part, valid_part, config, on_event)
    token_ids, valid_token_ids = reader.token_ids(ids), reader.token_ids(valid_ids)
    word_reader = reader.inside if isinstance(reader, SentenceReader) else reader
    train, valid = (token_ids, train_part), (valid_token_ids, valid_part)
    if isinstance(word_reader, WordReader) and config.model.linear and group.leads:
        fitted_linear_model(word_reader, train, valid, len(labels), checkpoints, on_event)
    state = state_of_first(group, checkpoints.state)
    linear = state.linear

    def validate(network: NDArray[np.floating]) -> tuple[EpochScores, tuple[float, float]]:
        both, mixing_weights = _mixed(network, linear, valid_part.targets)
        right = both.argmax(axis=1) == valid_part.targets
        log_loss = metrics.log_loss(valid_part.targets, softmax(both))
        scores = EpochScores(log_loss, metrics.macro_f1(valid_part.targets, both), float(right.mean()))
        return scores, mixing_weights

    on_event(StageStarted("building the network"))
    record = Record(checkpoints, on_event)
    architecture = Architecture.of(
        config.model, config.text.level, reader.vocabulary, reader.features, len(labels), config.text.max_length
    )
    weights_of_rows = example_weights(train_part.targets, len(labels), config.training)
    shares = linear_shares(reader, ids, linear, on_event) if config.training.align else None
    examples = Examples(ids, train_part.targets, weights_of_rows, shares)
    with backend.without_retracing_warnings():
        model = fit(
            architecture,
            reader,
            examples,
            valid_ids,
            validate,
            config.training,
            on_event=record,
            started=checkpoints.started,
            state=state.network,
            keep=record.keep if checkpoints.on else None,
            begin=record.beginning(pretrained, word_reader, architecture.vocabulary),
            group=group,
        )
        network = logits(model, reader, valid_ids, group)
        group.leave()
        if not group.leads:
            return None
        both, mixing_weights = _mixed(network, linear, valid_part.targets)
        alone = model.arrays()
        weights = alone | _with_linear_model(alone, linear, mixing_weights)
        graphs = unseen_graphs = build_graphs(architecture, weights)
        if isinstance(word_reader, WordReader) and linear is not None and refit_linear:
            refitted = refitted_linear_model(linear, word_reader, train, valid, checkpoints, on_event)
            weights = alone | _with_linear_model(alone, refitted, mixing_weights)
            graphs = build_graphs(architecture, weights)
        check_agreement(model, weights, graphs, reader, valid_ids)
    fitted = Fitted(
        weights,
        graphs,
        unseen_graphs,
        logits=np.asarray(both, np.float32),
        network=network,
        linear=linear,
        mixing_weights=mixing_weights,
        begun=record.begun,
        history=record.history,
    )
    epochs = counted(len(record.history), "epoch", "epochs")
    what = f"{epochs} in {record.seconds:.0f} s, of which epoch {fitted.best_epoch} was kept"
    on_event(Note(what, topic="network"))
    on_event(Note("network {:.2f}, linear model {:.2f}".format(*mixing_weights), topic="mixing", detail=True))
    return fitted


def _read(
    reader: Reader, train_part: SplitPart, valid_part: SplitPart, config: Config, on_event: OnEvent
) -> tuple[Ragged, Ragged]:
    """The ids of the texts of both parts. Says where the network does not read all of the training texts."""
    ids, truncated = reader.ids(train_part.texts)
    limits = ReadingLimits.of(config)
    left_out = Counter(limits.left_out(ids.lengths, truncated))
    if left_out[LeftOut.GAP]:
        what = f"{limits.of_longer(left_out[LeftOut.GAP])}; with a higher `max_length` it reads more"
        on_event(Note(what, warning=not limits.gap_is_read, topic="data"))
    if left_out[LeftOut.GAP_AND_TAIL]:
        on_event(Note(limits.of_longest(left_out[LeftOut.GAP_AND_TAIL]), warning=True, topic="data"))
    valid_ids, _ = reader.ids(valid_part.texts)
    reader.forget_spellings()
    return ids, valid_ids


def _mixed(
    network: NDArray[np.floating], linear: LinearModel | None, targets: NDArray[np.int32]
) -> tuple[NDArray[np.floating], tuple[float, float]]:
    """Logits of the network and the linear model together, if there is one, and the mixing weights that the validation rows
    give them."""
    if linear is None:
        a, _ = fit_mixing_weights(network, np.zeros_like(network), targets, usual=(1.0, 1.0))
        return a * network, (a, 0.0)
    a, b = fit_mixing_weights(network, linear.logits, targets)
    return a * network + b * linear.logits, (a, b)


def _with_linear_model(
    weights: Mapping[str, NDArray[np.float32]], linear: LinearModel | None, mixing_weights: tuple[float, float]
) -> dict[str, NDArray[np.float32]]:
    """The weights of the network's head, and of the linear model if there is one, times their mixing weights."""
    a, b = mixing_weights
    head = {"head.W": a * weights["head.W"], "head.b": a * weights["head.b"]}
    if linear is None:
        return head
    table = np.hstack([b * linear.table[:, :-1], linear.table[:, -1:]])
    return head | {"head.b": head["head.b"] + b * linear.bias, "linear.table": table}
