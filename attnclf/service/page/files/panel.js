// One text and its answer: asked for while someone types, and only the answer to what stands there now is shown.
// Whatever comes from a text is set as text, never as HTML.

import { $, Problem, chosen, explained, make } from "./ask.js";

const PAUSE = 180; // milliseconds without a key before the text is asked for

const percent = p => `${(100 * p).toFixed(1)} %`;
const signed = points => `${points < 0 ? "−" : "+"}${Math.abs(points).toFixed(1)}`;

export class Panel {
  constructor() {
    this.element = $("#panel").content.cloneNode(true).firstElementChild;
    for (const name of ["answer", "decision", "text", "title", "scale", "without", "change", "remarks", "problem"])
      this[name] = $(`.${name}`, this.element);
    this.shares = $(".shares tbody", this.element);
    this.field = $("textarea", this.element);
    this.gone = new Set(); // the places of pieces that are left out
    this.asking = new Map(); // what is being asked, to be given up when the text changes
    this.field.addEventListener("input", () => this.later());
    this.text.addEventListener("click", event => this.toggle(event.target.closest("[role=button]")));
    this.text.addEventListener("keydown", event => this.key(event));
    $(".restore", this.element).addEventListener("click", () => this.restore());
    $(".keep", this.element).addEventListener("click", () => this.keep());
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(), PAUSE);
  }

  // Asks, giving up what was asked for the same purpose before: its answer would be stale.
  async fresh(purpose, text, show) {
    this.asking.get(purpose)?.abort();
    const control = new AbortController();
    this.asking.set(purpose, control);
    try {
      const found = await explained(text, control.signal);
      if (this.asking.get(purpose) !== control) return;
      this.problem.textContent = "";
      show(found);
    } catch (error) {
      if (this.asking.get(purpose) !== control || error.name === "AbortError") return;
      if (!(error instanceof Problem)) throw error;
      this.problem.textContent = error.message;
      if (purpose === "text") this.answer.hidden = true; // it is that to an earlier text
    } finally {
      if (this.asking.get(purpose) === control) this.asking.delete(purpose);
      this.element.classList.toggle("waiting", this.asking.size > 0);
    }
  }

  now() {
    clearTimeout(this.timer);
    const text = this.field.value;
    for (const control of this.asking.values()) control.abort();
    this.asking.clear();
    if (!text.trim()) {
      this.answer.hidden = true;
      this.problem.textContent = "";
      this.element.classList.remove("waiting");
      return;
    }
    this.element.classList.add("waiting");
    this.fresh("text", text, found => {
      this.asked = text;
      this.found = found;
      this.gone.clear();
      this.show();
    });
  }

  show() {
    const { found } = this;
    this.answer.hidden = false;
    this.decision.replaceChildren(make("bdi", { textContent: found.label }), ` ${percent(found.probability)}`);
    this.shares.replaceChildren(...found.probabilities.map(([label, p]) => this.share(label, p)));
    this.paint();
    this.without.hidden = true;
  }

  share(label, p) {
    const name = make("th", { scope: "row" }, make("bdi", { textContent: label }));
    const row = make("tr", {}, name, make("td", {}, make("div", { className: "bar" })), make("td", { className: "n" }));
    row.dataset.label = label;
    this.fill(row, p);
    return row;
  }

  fill(row, p, change = "") {
    $(".bar", row).style.width = `${100 * p}%`;
    row.cells[2].textContent = percent(p) + change;
  }

  paint() {
    const method = chosen("method");
    const { found } = this;
    let place = 0;
    let start = 0;
    this.text.replaceChildren(...found.pieces.map(piece => {
      const span = make("span", { textContent: piece.text });
      span.dataset.start = start;
      start += piece.length;
      if (piece.unread) span.className = "unread";
      if (!piece.scores) return span;
      span.className = [piece.classes[method], piece.unknown ? "unknown" : ""].filter(Boolean).join(" ");
      span.dataset.scores = piece.scores;
      span.dataset.place = place;
      span.dataset.length = piece.length;
      span.setAttribute("role", "button");
      span.tabIndex = place === 0 ? 0 : -1; // one stop for Tab; arrows go on from there
      this.mark(span, this.gone.has(place));
      place += 1;
      return span;
    }));
    this.title.textContent = found.titles[method];
    this.scale.textContent = found.legends[method];
    const remarks = [...found.remarks, ...found.tried, ...found.trusted[method]];
    this.remarks.replaceChildren(...remarks.map(remark => make("li", { textContent: remark })));
  }

  // Leaving pieces out.

  get buttons() {
    return [...this.text.querySelectorAll("[role=button]")];
  }

  mark(span, gone) {
    span.classList.toggle("gone", gone);
    span.setAttribute("aria-pressed", gone);
  }

  toggle(span) {
    if (!span) return;
    const place = Number(span.dataset.place);
    if (!this.gone.delete(place)) this.gone.add(place);
    this.mark(span, this.gone.has(place));
    this.stop(span);
    this.compare();
  }

  stop(span) {
    for (const other of this.buttons) other.tabIndex = -1;
    span.tabIndex = 0;
  }

  key(event) {
    const { buttons } = this;
    const at = buttons.indexOf(event.target);
    if (at < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    const ahead = getComputedStyle(this.text).direction === "rtl" ? -1 : 1;
    const steps = { ArrowRight: ahead, ArrowLeft: -ahead, Home: -at, End: buttons.length - 1 - at };
    if (event.key in steps) {
      const next = buttons[Math.min(buttons.length - 1, Math.max(0, at + steps[event.key]))];
      this.stop(next);
      next.focus();
    } else if (["Enter", " ", "Delete", "Backspace"].includes(event.key)) this.toggle(event.target);
    else return;
    event.preventDefault();
  }

  // The text without the pieces that are gone. Places count code points, as the service does.
  get rest() {
    const letters = [...this.asked];
    for (const span of this.buttons.filter(one => this.gone.has(Number(one.dataset.place))).reverse()) {
      const start = Number(span.dataset.start);
      letters.splice(start, Number(span.dataset.length));
      if (letters[start] === " " && (start === 0 || letters[start - 1] === " ")) letters.splice(start, 1);
    }
    return letters.join("");
  }

  compare() {
    const before = this.found;
    const names = this.buttons.filter(one => this.gone.has(Number(one.dataset.place))).map(one => `“${one.textContent}”`);
    if (!names.length) {
      this.asking.get("without")?.abort();
      this.asking.delete("without");
      this.without.hidden = true;
      for (const row of this.shares.rows) this.fill(row, this.shareOf(before, row.dataset.label));
      return;
    }
    this.element.classList.add("waiting");
    this.fresh("without", this.rest, after => {
      if (this.found !== before) return;
      if (after.model !== before.model) return this.renew();
      const other = after.label === before.label ? "still" : "now";
      this.change.replaceChildren(
        "Without ", make("bdi", { textContent: names.join(" and ") }), `: ${other} `,
        make("strong", {}, make("bdi", { textContent: after.label })), ` ${percent(after.probability)}.`);
      for (const row of this.shares.rows) {
        const [p, q] = [before, after].map(one => this.shareOf(one, row.dataset.label));
        this.fill(row, q, ` (${signed(100 * (q - p))})`);
      }
      this.without.hidden = false;
    });
  }

  // Another model has taken the place of the one that answered: what the two say must not be compared.
  renew() {
    this.element.classList.add("waiting");
    this.fresh("text", this.asked, found => {
      this.found = found;
      this.gone.clear();
      this.show();
      this.problem.textContent = "The model was replaced: this is what the new one says of the whole text.";
    });
  }

  shareOf(found, label) {
    return found.probabilities.find(([name]) => name === label)?.[1] ?? 0;
  }

  restore() {
    this.gone.clear();
    for (const span of this.buttons) this.mark(span, false);
    this.compare();
    this.buttons.find(span => span.tabIndex === 0)?.focus();
  }

  keep() {
    this.field.value = this.rest;
    this.now();
    this.field.focus();
  }
}
