// node predict.mjs TEXT …            a line of JSON for each text
// node predict.mjs --check [FILE]    are the answers those that attnclf gives? FILE has lines as examples.jsonl has
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as ort from "onnxruntime-node";
import { Reader, shares } from "./reader.mjs";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));
const float = (data, ...shape) => new ort.Tensor("float32", data, shape);
const int = (data, ...shape) => new ort.Tensor("int32", Int32Array.from(data), shape);

export class Classifier {
  static async open(folder = FOLDER) {
    const found = new Classifier();
    found.reader = new Reader(folder);
    found.model = await ort.InferenceSession.create(join(folder, "model.onnx"));
    if (found.reader.facts.level === "word") found.words = await ort.InferenceSession.create(join(folder, "words.onnx"));
    return found;
  }

  // The answer for one text. The contributions [token][label] and the logits at the base rates of training: the first sum
  // to the second.
  async predict(text) {
    const { labels } = this.reader.facts;
    const tokens = this.reader.tokens(text);
    const places = this.reader.positions(tokens.length);
    const inputs = this.words ? await this.ofWords(tokens, places) : this.ofCharacters(tokens, places);
    const outputs = await this.model.run({ ...inputs, lengths: int([places.length], 1) });
    const logits = Array.from(outputs.logits.data);
    const cells = (output, row) => Array.from(output.data.slice(row * labels.length, (row + 1) * labels.length));
    const contributions = tokens.map((_, place) => (outputs.linear ? cells(outputs.linear, place) : labels.map(() => 0)));
    places.forEach((place, row) => {
      cells(outputs.contributions, row).forEach((value, label) => (contributions[place][label] += value));
    });
    const attention = tokens.map(() => 0);
    places.forEach((place, row) => (attention[place] = outputs.attention.data[row]));
    const highest = Math.max(...logits);
    const powers = logits.map((logit) => Math.exp(logit - highest));
    const sum = powers.reduce((a, b) => a + b);
    const probabilities = powers.map((power) => power / sum);
    return { label: labels[logits.indexOf(highest)], probabilities, logits, tokens, attention, contributions };
  }

  ofCharacters(tokens, places) {
    const ids = tokens.map(this.reader.characterId);
    return { ids: int(places.map((place) => ids[place]), 1, places.length) };
  }

  async ofWords(tokens, places) {
    const words = tokens.map((token) => token.toLowerCase());
    const distinct = [...new Set(words)];
    const number = new Map(distinct.map((word, at) => [word, at]));
    const { features, words: owners } = this.reader.wordInputs(distinct);
    const found = await this.words.run({
      features: int(features, owners.length, features.length / owners.length),
      words: int(owners, owners.length),
    });
    const of = (output, some) => {
      const width = output.dims[1];
      const rows = some.map((word) => output.data.slice(number.get(word) * width, (number.get(word) + 1) * width));
      return float(Float32Array.from(rows.flatMap((row) => Array.from(row))), 1, some.length, width);
    };
    const pairs = this.reader.pairIds(words);
    return {
      ids: int(places.map(() => 0), 1, places.length), // only its shape is read
      vectors: of(found.vectors, places.map((place) => words[place])),
      weights: of(found.weights, words),
      pairs: int(pairs, 1, pairs.length),
      word_shares: float(shares(tokens), 1, tokens.length),
      pair_shares: float(shares(pairs), 1, pairs.length),
    };
  }
}

async function check(classifier, path) {
  let most = 0;
  let wrong = 0;
  const examples = readFileSync(path, "utf8").split("\n").filter((line) => line.trim()).map((line) => JSON.parse(line));
  if (!examples.length) throw new Error(`${path} holds no examples`);
  for (const { text, tokens, logits, contributions } of examples) {
    const found = await classifier.predict(text);
    const same = JSON.stringify(found.tokens) === JSON.stringify(tokens);
    if (!same) console.error(`other tokens in ${JSON.stringify(text)}: ${JSON.stringify(found.tokens)}`);
    wrong += same ? 0 : 1;
    const expected = [...logits, ...contributions.flat()];
    [...found.logits, ...found.contributions.flat()].forEach((number, at) => {
      most = Math.max(most, Math.abs(number - expected[at]));
    });
  }
  console.log(JSON.stringify({ texts: examples.length, other_tokens: wrong, largest_difference: most }));
  process.exitCode = wrong === 0 && most <= classifier.reader.facts.tolerance ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [first, ...rest] = process.argv.slice(2);
  try {
    if (first === undefined) throw new Error("no text given: node predict.mjs TEXT …, or node predict.mjs --check [FILE]");
    const classifier = await Classifier.open();
    if (first === "--check") await check(classifier, rest[0] ?? join(FOLDER, "examples.jsonl"));
    else for (const text of process.argv.slice(2)) console.log(JSON.stringify(await classifier.predict(text)));
  } catch (error) {
    console.error(`error: ${error.message}`);
    process.exitCode = 2;
  }
}
