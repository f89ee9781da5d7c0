// How the page asks the service, with a token where there is one.

const KEPT = "attnclf-token"; // where the token is kept until the tab is closed

export const $ = (selector, within = document) => within.querySelector(selector);
export const make = (name, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};
export const chosen = name => $(`input[name=${name}]:checked`).value;
export const access = { form: $("#access"), field: $("#token"), problem: $("#access-problem"), kept: KEPT };
access.field.value = sessionStorage.getItem(KEPT) ?? "";

// What a person is told.
export class Problem extends Error {}

export async function ask(path, body, options = {}) {
  const token = access.field.value.trim();
  if (/[^\x21-\x7e]/.test(token)) { // which no header can hold
    access.problem.textContent = "This is no token: those of a service have only letters, digits and signs of ASCII.";
    throw new Problem("The service asks for a token.");
  }
  const headers = { ...options.headers, ...(token ? { authorization: `Bearer ${token}` } : {}) };
  let answer;
  try {
    answer = await fetch(path, { method: "POST", body, headers, signal: options.signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem("The service does not answer.");
  }
  if (answer.ok) {
    access.problem.textContent = "";
    return answer;
  }
  if (answer.status === 401) {
    access.form.hidden = false;
    access.problem.textContent = token ? "This token is not the right one." : "";
    throw new Problem("The service asks for a token.");
  }
  let said = `The service answered ${answer.status}.`;
  try {
    const { error } = await answer.json();
    said = [error.message, error.hint].filter(Boolean).join("\n");
  } catch { /* a proxy's own words are of no use here */ }
  throw new Problem(said);
}

export const explained = async (text, signal) => {
  const body = JSON.stringify({ text, by: chosen("by") });
  return (await ask("page/text", body, { signal, headers: { "content-type": "application/json" } })).json();
};
