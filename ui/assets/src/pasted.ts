// Links pasted as text: each is looked up by what records are called, or by their code.
import { one, word } from "./dom";
import { send, type Hit } from "./net";
import { writeField } from "./values";

const AT_ONCE = 6;

const found = new Map<string, Promise<Hit[]>>();
const waiting: (() => void)[] = [];
let asking = 0;
const looking = new Set<Promise<void>>();

/** Waits until everything that was pasted is found, or known not to be there. */
export async function lookedUp(): Promise<void> {
  while (looking.size) await Promise.all(looking);
}

/** Puts the record of these words into a picker; where it is not sure which, says so beside it. */
export async function find(picker: HTMLElement, text: string): Promise<void> {
  const done = put(picker, text);
  looking.add(done);
  await done;
  looking.delete(done);
}

async function put(picker: HTMLElement, text: string): Promise<void> {
  const cell = picker.closest<HTMLElement>("[data-field]");
  const input = one<HTMLInputElement>("[data-picker-text]", picker);
  if (!cell || !input) return;
  writeField(cell, "", text);
  delete input.dataset["unusable"];
  if (!text) return;
  // Until it is known which record is meant, nothing is saved in its place.
  input.dataset["unusable"] = word("lookingFor", { text });
  const hits = await look(picker.dataset["url"] ?? "", text);
  if (input.value !== text) return;
  const hit = meant(hits, text);
  if (!hit) {
    input.dataset["unusable"] = word(hits.length ? "severalFound" : "noneFound", { text });
    cell.classList.add("has-error");
    const note = one(".field-note", cell);
    if (note) note.textContent = input.dataset["unusable"];
    return;
  }
  delete input.dataset["unusable"];
  input.dataset["title"] = hit.title;
  writeField(cell, picker.dataset["several"] === undefined ? hit.id : `${hit.of}:${hit.id}`, hit.title);
  one("[data-link]", picker)?.dispatchEvent(new CustomEvent("chosen", { bubbles: true, detail: "pasted" }));
}

/** The one record that is called so, or has it as one of the words that tell it apart. */
function meant(hits: Hit[], text: string): Hit | undefined {
  const named = hits.filter((hit) => hit.title === text);
  const coded = hits.filter((hit) => hit.detail.split(/\s*[·,，]\s*/).includes(text));
  return [named, coded, hits].find((some) => some.length === 1)?.[0];
}

function look(url: string, text: string): Promise<Hit[]> {
  const key = `${url} ${text}`;
  let answer = found.get(key);
  if (!answer) {
    answer = inTurn(async () => (await send(url, { text, this: {} })).body.hits ?? []);
    found.set(key, answer);
    // What was made meanwhile is found the next time.
    void answer.then(() => window.setTimeout(() => found.delete(key), 5000));
  }
  return answer;
}

/** Asks for some at once, the others after them. */
async function inTurn<T>(ask: () => Promise<T>): Promise<T> {
  if (asking >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  asking += 1;
  try {
    return await ask();
  } finally {
    asking -= 1;
    waiting.shift()?.();
  }
}
