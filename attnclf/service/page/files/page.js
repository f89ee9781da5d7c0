// The page of the service: one panel or two, the token, and a file that is dropped.

import { $, Problem, access, ask, make } from "./ask.js";
import { Panel } from "./panel.js";

const panels = [new Panel(), new Panel()];
const compare = $("#compare");
$("#panels").append(panels[0].element);
compare.addEventListener("click", () => {
  const two = !panels[1].element.isConnected;
  document.body.classList.toggle("two", two);
  compare.setAttribute("aria-pressed", two);
  if (two) {
    $("#panels").append(panels[1].element);
    panels[1].field.focus();
  } else panels[1].element.remove();
});
$("#method").addEventListener("change", () => panels.filter(panel => panel.found).forEach(panel => panel.paint()));
$("#by").addEventListener("change", () => panels.forEach(panel => panel.now()));
access.form.addEventListener("submit", event => event.preventDefault());
access.field.addEventListener("input", () => {
  sessionStorage.setItem(access.kept, access.field.value.trim());
  panels.forEach(panel => panel.later());
});
panels[0].now(); // a browser may have kept the text of a page that was loaded again
if (!access.form.hidden && !access.field.value) access.field.focus();
else panels[0].field.focus();

// A whole file.

const zone = $("#drop");
const said = $("#file-answer");
let address = "";
let asking; // for the last file that was dropped; what is asked for another is given up

async function label([file, ...more]) {
  asking?.abort();
  const control = asking = new AbortController();
  said.className = "";
  said.textContent = `Labelling ${file.name} …`;
  URL.revokeObjectURL(address);
  try {
    if (more.length) throw new Problem("Drop one file at a time.");
    await file.slice(0, 1).arrayBuffer().catch(() => {
      throw new Problem(`${file.name} cannot be read. Is it a folder? Drop a file.`);
    });
    const answer = await ask(`page/file?name=${encodeURIComponent(file.name)}`, file, {
      headers: { "content-type": "application/octet-stream" },
      signal: control.signal,
    });
    const summary = JSON.parse(answer.headers.get("x-attnclf-summary"));
    const content = await answer.blob();
    if (asking !== control) return;
    address = URL.createObjectURL(content);
    const name = file.name.replace(/\.[^.]*$/, "") + ".labelled.csv";
    const counts = summary.labels.map(([name, count]) => `${name} ${count.toLocaleString("en")}`).join(", ");
    const link = make("a", { href: address, download: name, textContent: `Download ${name}` });
    said.replaceChildren(`${summary.rows.toLocaleString("en")} rows: `, make("bdi", { textContent: counts }), ". ", link,
      ...summary.remarks.flatMap(remark => [make("br"), remark]));
    link.focus();
  } catch (error) {
    if (asking !== control) return;
    if (!(error instanceof Problem)) throw error;
    said.className = "problem";
    said.textContent = error.message;
  }
}

$("#file").addEventListener("change", event => {
  if (event.target.files.length) label([...event.target.files]);
  event.target.value = "";
});
for (const name of ["dragenter", "dragover"])
  addEventListener(name, event => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    zone.classList.add("over");
  });
addEventListener("dragleave", event => {
  if (!event.relatedTarget) zone.classList.remove("over");
});
addEventListener("drop", event => {
  if (!event.dataTransfer?.files.length) return;
  event.preventDefault();
  zone.classList.remove("over");
  label([...event.dataTransfer.files]);
});
