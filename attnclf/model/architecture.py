"""The sizes and parts of a trained classifier: enough to build it in Keras, ONNX or NumPy."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TypeVar

from attnclf.config import Level, ModelConfig, TextConfig
from attnclf.errors import UsageError
from attnclf.model.encoders import ENCODERS, Encoder
from attnclf.model.mechanisms import MECHANISMS, Mechanism, Sizes
from attnclf.model.normalizers import NORMALIZERS

A = TypeVar("A")
CHARACTER_WINDOW = 5
WORD_UNITS, CHARACTER_UNITS = 64, 128
OPTIONAL = ("layers", "heads", "normalizer", "shared", "sampling")  # settings that only some parts have


@dataclass(frozen=True)
class Architecture:
    """Embedding (V, E) → encoder (D) → attention by the mechanism, over values (D′) → linear head (D″, K).

    * `vocabulary`: how many ids have a vector. At word level a token's vector is composed of the vectors of its features.
    * `features`: how many ids the linear model has weights for. Ids from `ngrams` on are pairs of words. `features`
      and `ngrams` are 0 at character level, which has no linear model.
    * `values`: a second, local encoder of the same vectors. None means that attention pools the encoder's own states.
    * `concatenated`: attention pools the states and the local values, concatenated.
    * `upper`: the encoder of sentences, if the text is read sentence by sentence; otherwise None.
    * `input_attention`: the mechanism that weights the token vectors before they are encoded, or None.
    * `positions`: the largest number of tokens read per text.
    """

    vocabulary: int
    ngrams: int
    features: int
    labels: int
    embedding: int
    dropout: float
    encoder: Encoder
    mechanism: Mechanism
    values: Encoder | None
    concatenated: bool
    upper: Encoder | None
    input_attention: Mechanism | None
    positions: int

    @classmethod
    def of(
        cls,
        config: ModelConfig,
        level: Level,
        vocabulary: int,
        features: int,
        labels: int,
        positions: int = TextConfig.max_length,
    ) -> "Architecture":
        """The parts that `config` names, built for the sizes of a reader.

        Local values are a projection of a single word, or a window of five characters, because one character says little.
        Raises UsageError if `config` names a part that does not exist, or parts that make no sense together.
        """
        units = config.units or (CHARACTER_UNITS if level == "char" else WORD_UNITS)
        optional = {name: value for name in OPTIONAL if (value := getattr(config, name)) != ""}
        encoder = ENCODERS.make(config.encoder, {**optional, "units": units})
        mechanism = MECHANISMS.make(config.attention, {**optional, "units": config.attention_units})
        _check_settings(config)
        _ = NORMALIZERS[config.normalizer or "softmax"]
        kind = config.values if config.values != "auto" else "local" if mechanism.uses_states(encoder.final_steps) else "states"
        window = CHARACTER_WINDOW if level == "char" else 1
        values = ENCODERS.make("window", {"units": config.values_units, "width": window}) if kind != "states" else None
        upper = getattr(encoder, "upper", None)
        first = MECHANISMS.make("additive", {"units": config.attention_units}) if config.input_attention else None
        ngrams = vocabulary if features else 0
        vocabulary = min(vocabulary, config.embedded) if features else vocabulary  # at word level, rarer ids have no vector
        architecture = cls(
            vocabulary=vocabulary,
            ngrams=ngrams,
            features=features,
            labels=labels,
            embedding=config.embedding,
            dropout=config.dropout,
            encoder=encoder,
            mechanism=mechanism,
            values=values,
            concatenated=kind == "both",
            upper=upper,
            input_attention=first,
            positions=positions,
        )
        mechanism.check(architecture.sizes)
        if upper and (
            architecture.groups > 1 or not mechanism.uses_states(encoder.final_steps) or config.attention in ("hard", "qkv")
        ):
            raise UsageError(
                f"hierarchical attention needs one score for each token, which {config.attention} does not give",
                hint="take another `attention`, such as additive, or gate with `shared=True`",
            )
        return architecture

    @property
    def sizes(self) -> Sizes:
        """The sizes that the mechanism is built for."""
        local, states = self.values.dim if self.values else 0, self.encoder.dim
        kind = "states" if not self.values else "both" if self.concatenated else "local"
        values = {"states": states, "local": local, "both": states + local}[kind]
        return Sizes(states, values, kind, self.encoder.final_steps, positions=self.positions)

    @property
    def groups(self) -> int:
        """G, the number of attention weights per token."""
        return self.mechanism.groups(self.sizes)

    @property
    def pooled(self) -> int:
        """D″, the size of the pooled vector."""
        return self.mechanism.pooled(self.sizes)

    @property
    def encoders(self) -> dict[str, Encoder]:
        """Every encoder, keyed by the name of its part."""
        parts = {"encoder": self.encoder, "values": self.values, "sentences": self.upper}
        return {name: encoder for name, encoder in parts.items() if encoder}

    @property
    def mechanisms(self) -> dict[str, tuple[Mechanism, Sizes]]:
        """Every mechanism and the sizes it is built for, keyed by the name of its part."""
        parts = {"attention": (self.mechanism, self.sizes)}
        if self.upper:
            states = self.upper.dim
            parts["sentence_attention"] = (
                self.mechanism,
                Sizes(states, states, "states", self.upper.final_steps, positions=self.positions),
            )
        if self.input_attention:
            parts["input_attention"] = (self.input_attention, Sizes(self.embedding, self.embedding, positions=self.positions))
        return parts

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every weight array, keyed by the name of the array."""
        inputs = {"encoder": self.embedding, "values": self.embedding, "sentences": self.encoder.dim}
        shapes: dict[str, tuple[int, ...]] = {"embedding.table": (self.vocabulary, self.embedding)}
        for name, encoder in self.encoders.items():
            shapes |= {f"{name}.{array}": shape for array, shape in encoder.weights(inputs[name]).items()}
        for name, (mechanism, sizes) in self.mechanisms.items():
            shapes |= {f"{name}.{array}": shape for array, shape in mechanism.weights(sizes).items()}
        if self.features:
            shapes["linear.table"] = (self.features, self.labels + 1)
        return shapes | {"head.W": (self.pooled, self.labels), "head.b": (self.labels,)}


def _check_settings(config: ModelConfig) -> None:
    """Raises UsageError for a setting that neither the encoder nor the mechanism has."""
    for name, having in settings_of_others(config).items():
        raise UsageError(
            f"`{name}` is no setting of the encoder {config.encoder}, nor of {config.attention} attention",
            hint=f"it is for {', '.join(having)}",
        )


def settings_of_others(config: ModelConfig) -> dict[str, list[str]]:
    """The settings that are not the defaults, and that neither the encoder nor the mechanism has; for each, the parts that
    have it. Raises UsageError for a part that does not exist."""
    defaults = {field.name: field.default for field in fields(ModelConfig)}
    known = ENCODERS.settings_of(config.encoder) | MECHANISMS.settings_of(config.attention)
    return {
        name: [part for kind in (ENCODERS, MECHANISMS) for part in kind.names() if name in kind.settings_of(part)]
        for name in OPTIONAL
        if getattr(config, name) != defaults[name] and name not in known
    }


def part(weights: Mapping[str, A], name: str) -> dict[str, A]:
    """The arrays of one part: `part({"head.W": W, "encoder.…": …}, "head") == {"W": W}`."""
    return {key.removeprefix(f"{name}."): value for key, value in weights.items() if key.startswith(f"{name}.")}
