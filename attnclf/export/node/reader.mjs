// Texts become what the graphs read. README.md says each step in words; nothing here needs a library.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const ROW = 8; // ids of features in a row
const [NGRAM, WORD, PAIR] = [0x9e3779b97f4a7c15n, 0xc2b2ae3d27d4eb4fn, 0xd6e8feb86659fd93n];
const wrapped = (number) => BigInt.asUintN(64, number);

function mixed(x) {
  x = wrapped((x ^ (x >> 30n)) * 0xbf58476d1ce4e5b9n);
  x = wrapped((x ^ (x >> 27n)) * 0x94d049bb133111ebn);
  return x ^ (x >> 31n);
}

const codes = (text) => Array.from(text, (character) => BigInt(character.codePointAt(0)));
const isSyllable = (code) => code >= 0xac00n && code <= 0xd7a3n;

// The hash of a whole word, in lower case.
export function wordHash(word) {
  let sum = 0n;
  let power = 1n;
  for (const code of codes(`<${word}>`)) {
    power = wrapped(power * WORD);
    sum = wrapped(sum + (code + 1n) * power);
  }
  return mixed(sum ^ WORD);
}

// The hash of a word with the word before it; before the first word of a text stands 0.
export const pairHash = (first, second) => mixed(wrapped(first * PAIR + second));

function* slices(characters, shortest, longest) {
  for (let start = 0; start < characters.length; start += 1) {
    let rolling = characters[start];
    for (let size = 2; size <= longest && start + size <= characters.length; size += 1) {
      rolling = wrapped(rolling * NGRAM + characters[start + size - 1]);
      if (size >= shortest) yield mixed(rolling);
    }
  }
}

function letters(characters) {
  return characters.flatMap((code) => {
    if (!isSyllable(code)) return [code];
    const index = code - 0xac00n;
    return [0x1100n + index / 588n, 0x1161n + (index % 588n) / 28n, 0x11a7n + (index % 28n)];
  });
}

// The hashes of all features of a word: the word itself, and of its first `longest` characters the n-grams, and those of
// the letters of Hangul.
export function* featureHashes(word, longest) {
  const characters = codes(`<${Array.from(word).slice(0, longest).join("")}>`);
  const hangul = characters.some(isSyllable);
  yield wordHash(word);
  yield* characters.slice(1, -1).map(mixed);
  yield* slices(characters, 2, hangul ? 3 : 5);
  if (hangul) yield* slices(letters(characters), 3, 6);
}

export class Reader {
  constructor(folder) {
    this.facts = JSON.parse(readFileSync(join(folder, "attnclf.json"), "utf8"));
    if (this.facts.level === "char") {
      this.vocabulary = new Map(Object.entries(JSON.parse(readFileSync(join(folder, "tokenizer.json"), "utf8")).model.vocab));
      this.blank = new Set(this.facts.blank_ids);
    } else {
      this.ids = readFeatures(join(folder, "features.safetensors"));
      const of = (ranges) => ranges.map(([a, b]) => `\\u{${a.toString(16)}}-\\u{${b.toString(16)}}`).join("");
      const [word, space] = [of(this.facts.word_ranges), of(this.facts.space_ranges)];
      this.words = new RegExp(`[${word}]+(?:['’][${word}]+)*|[^${word}${space}]`, "gu");
    }
  }

  // Which of a text's tokens the network reads: all, or its start and its end.
  positions(length) {
    const [start, end] = this.facts.window;
    const all = Array.from({ length }, (_, place) => place);
    return length <= start + end ? all : [...all.slice(0, start), ...all.slice(length - end)];
  }

  // The tokens of a text; one that is empty where the text is.
  tokens(text) {
    const whole = text.toWellFormed().normalize("NFC");
    if (this.facts.level === "word") return (whole.match(this.words) ?? [""]).slice(0, this.facts.longest);
    const characters = Array.from(whole).slice(0, this.facts.longest);
    const size = this.facts.window[0] + this.facts.window[1];
    while (characters.length > size && this.blank.has(this.vocabulary.get(characters.at(-1)))) characters.pop();
    return characters.length ? characters : [""];
  }

  // The ids of a character (1: not in the vocabulary), or of the features of a word: rising, without 0.
  characterId = (character) => this.vocabulary.get(character) ?? 1;

  featureIds(word) {
    const found = new Set();
    for (const hash of featureHashes(word, this.facts.longest_word)) if (this.ids.has(hash)) found.add(this.ids.get(hash));
    return found.size ? [...found].sort((a, b) => a - b).slice(0, this.facts.most_ngrams) : [1];
  }

  // What words.onnx reads of different words: `features` (R, 8), and of which word each row is.
  wordInputs(words) {
    const rows = [];
    const owners = [];
    words.forEach((word, number) => {
      const ids = this.featureIds(word);
      for (let at = 0; at < ids.length; at += ROW) {
        rows.push(...Array.from({ length: ROW }, (_, place) => ids[at + place] ?? 0));
        owners.push(number);
      }
    });
    return { features: Int32Array.from(rows), words: Int32Array.from(owners) };
  }

  // For each token the id of its pair with the word before it (0: not in the vocabulary).
  pairIds(words) {
    let before = 0n;
    return words.map((word) => {
      const hash = wordHash(word);
      const pair = pairHash(before, hash);
      before = hash;
      return this.ids.get(pair) ?? 0;
    });
  }
}

// 1 / n for each of some things, where n is how often it occurs among them.
export function shares(things) {
  const counts = new Map();
  for (const thing of things) counts.set(thing, (counts.get(thing) ?? 0) + 1);
  return Float32Array.from(things, (thing) => 1 / counts.get(thing));
}

// The vocabulary of features: the hash in place i has the id i + 2.
function readFeatures(path) {
  const content = readFileSync(path);
  const size = Number(content.readBigUInt64LE(0));
  const [start, end] = JSON.parse(content.toString("utf8", 8, 8 + size)).hashes.data_offsets;
  const found = new Map();
  for (let at = start; at < end; at += 8) found.set(content.readBigUInt64LE(8 + size + at), (at - start) / 8 + 2);
  return found;
}
