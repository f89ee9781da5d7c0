"""The page that goes with exported graphs: how to call them from another language."""

from collections.abc import Mapping
from typing import Any

from attnclf.results import share
from attnclf.results.exported import Quantisation
from attnclf.served.model import ServedModel

MARK = "<!-- attnclf export onnx -->"

OPENING = """\
{mark}
# A text classifier as ONNX graphs

Labels: {labels}. Exported by attnclf {attnclf} from the model `{model}`.

| file | what it is |
|---|---|
| `model.onnx` | ids and what stands below → logits, attention, contributions |
{words}| `attnclf.json` | labels, and the numbers that the steps below name |
| `tokenizer.json` | text → tokens, for the library [tokenizers](https://github.com/huggingface/tokenizers) |
{features}| `examples.jsonl` | texts with their tokens, logits and contributions, to check a program by |
| `reader.mjs`, `predict.mjs` | all of it in JavaScript |

## In Node.js

```sh
npm install
node predict.mjs "a text"
node predict.mjs --check     # by how much do its numbers differ from attnclf's?
```

`Classifier` of `predict.mjs` answers texts in a program: `await (await Classifier.open()).predict("a text")`.

## In any other language

`reader.mjs` has every step below in a few lines. Check yours with `examples.jsonl`: the same tokens, and numbers that differ by
at most {tolerance:g}.

1. Replace half characters (lone surrogates) by U+FFFD, and normalise to NFC.
"""

CHARACTERS = """\
2. Every code point is a token. Keep the first `longest`. While there are more than both numbers of `window` together, drop a
   last one whose id is among `blank_ids`. A text without tokens has one, with the id 1.
3. The id of a token is that of `model.vocab` in `tokenizer.json`, or 1.
4. Of T tokens the network reads W: all, or the first `window[0]` and the last `window[1]` if there are more than both.
5. Run `model.onnx` with `ids` (B, W) and `lengths` (B), the numbers W, both int32. Pad `ids` on the right with 0.
"""

WORDS = """\
2. A token is a word, or any other code point that is not in `space_ranges`. A word is a run of code points in `word_ranges`,
   with the runs that follow it behind an apostrophe (' or ’). The ranges are [first, last]. Keep the first `longest` tokens. A
   text without tokens has one, the empty word.
3. A word's form is the token in lower case. All arithmetic below is on unsigned 64-bit integers and wraps around.
   * mix(x): x = (x ^ (x >> 30)) · BF58476D1CE4E5B9; x = (x ^ (x >> 27)) · 94D049BB133111EB; x ^ (x >> 31) (hexadecimal).
   * The hash of a word: mix(Σ_i (c_i + 1) · F^(i+1) ^ F) over the code points c_0, c_1 … of `<word>`, with the marks < and >;
     F = C2B2AE3D27D4EB4F.
   * The hash of an n-gram c_1 … c_n: mix of h, where h = c_1, and then h = h · 9E3779B97F4A7C15 + c_i for each of the others.
   * The hash of a pair: mix(first · D6E8FEB86659FD93 + second) of the hashes of two words; 0 stands before the first word.
4. The features of a word: the hash of the word; and of the first 30 code points of the word, between < and >, the n-grams of 1
   to 5 code points, without the marks by themselves. If one of these code points is a Hangul syllable (AC00 to D7A3): the
   n-grams of 1 to 3, and those of 3 to 6 letters. A syllable s has the letters 1100 + i / 588, 1161 + i mod 588 / 28 and
   11A7 + i mod 28, where i = s − AC00; any other code point is one letter.
5. `features.safetensors` holds `hashes` (unsigned 64-bit, little-endian) behind 8 bytes with the length of a JSON header. The
   hash in place i is the feature i + 2. The ids of a word are those of its hashes that are there: each once, rising, the first
   128; 1 if there is none. They stand in rows of 8, filled up with 0.
6. Run `words.onnx` with `features` (R, 8) and `words` (R), both int32: the rows of several words one after the other, and the
   number of each row's word. It returns a row of `vectors` and a row of `weights` for each word.
7. Of T tokens the network reads W: all, or the first `window[0]` and the last `window[1]` if there are more than both.
8. Run `model.onnx` with
   * `ids` (B, W) int32, of which only the shape is read, and `lengths` (B) int32, the numbers W
   * `vectors` (B, W, ·) of the tokens that the network reads
   * `weights` (B, T, ·) of all tokens
   * `pairs` (B, T) int32: the feature of the pair of each word with the one before it, or 0
   * `word_shares` (B, T) float32: 1 / n, where n is how often the token, as it is written, is in the text
   * `pair_shares` (B, T) float32: likewise, of the numbers in `pairs`

   Pad on the right with 0.
"""

CLOSING = """\

What `model.onnx` returns, in the order of `labels`:

* `logits` (B, K). Softmax makes probabilities of them, at the base rates of training.{shares}
* `attention` (B, W), which sums to 1.
* `contributions` (B, W, K): what each token that the network reads adds to the logits.{linear}

The contributions sum to the logits{additive}. So the evidence of a token for one label against another is the difference of its
two contributions.

What is not here: verdicts on accounts, explanation methods other than evidence and attention, and words put together from
characters.
"""

INT8 = """\

## int8

The table of vectors and the network are in int8, quantised by ONNX Runtime. On {rows:,} rows of {source}, one core:

| | float32 | int8 |
|---|---|---|
| graphs | {before.bytes:,} bytes | {after.bytes:,} bytes |
| texts a second | {before.texts_per_second:,.0f} | {after.texts_per_second:,.0f} |
| accuracy | {accuracy} | {quantised_accuracy} |
| log loss | {before.log_loss:.4f} | {after.log_loss:.4f} |

{changed:.2%} of the rows have another label. An answer depends a little on the texts that are answered with it in one batch.
"""


def guide(served: ServedModel, facts: Mapping[str, Any], quantisation: Quantisation | None) -> str:
    """The page, in Markdown; `facts` are those of `attnclf.json`."""
    words = facts["level"] == "word"
    opening = OPENING.format(
        mark=MARK,
        labels=", ".join(f"`{label}`" for label in served.labels),
        attnclf=facts["attnclf"],
        model=facts["model"],
        tolerance=facts["tolerance"],
        words="| `words.onnx` | the features of a word → its vector, and its weights in the linear model |\n" if words else "",
        features="| `features.safetensors` | the n-grams, words and word pairs that it knows, as hashes |\n" if words else "",
    )
    shares = " `shares` are these base rates; to answer for others, add log(other / share) to each logit."
    gap = f" up to {quantisation.largest_gap:.0e}" if quantisation else ", up to rounding"
    linear = "\n* `linear` (B, T, K): what each token adds to them by the linear model. It comes on top." if words else ""
    closing = CLOSING.format(shares=shares if facts["shares"] else "", linear=linear, additive=gap)
    return opening + (WORDS if words else CHARACTERS) + closing + (_int8(quantisation) if quantisation else "")


def _int8(found: Quantisation) -> str:
    return INT8.format(
        rows=found.rows,
        source=found.source,
        before=found.before,
        after=found.after,
        changed=found.changed,
        accuracy=share(found.before.accuracy, found.rows),
        quantised_accuracy=share(found.after.accuracy, found.rows),
    )
