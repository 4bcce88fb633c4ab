// The page of what waits to be sent: what each says, why one was refused, and every way on from there.
import { all, make, one, toast, word } from "./dom";
import { put as putBack } from "./draft";
import { drop, put, waitingOf, type Waiting } from "./kept";
import type { Saved } from "./form";
import { sendWaiting, who } from "./offline";

const MEND = "joinery.mend";

export async function startWaiting(): Promise<void> {
  const page = one("[data-waiting]");
  if (!page) return;
  document.addEventListener("sent", () => void draw(page));
  await draw(page);
  one("[data-send-all]")?.addEventListener("click", () => void sendWaiting().then(() => draw(page)));
}

let drawing = 0;

async function draw(page: HTMLElement): Promise<void> {
  const turn = ++drawing;
  const waiting = await waitingOf(who()).catch(() => []);
  if (turn !== drawing) return;
  const list = one("[data-waiting-list]", page);
  list?.replaceChildren(...waiting.map((each) => line(page, each)));
  list?.toggleAttribute("hidden", !waiting.length);
  one("[data-waiting-none]", page)?.toggleAttribute("hidden", waiting.length > 0);
  one("[data-send-all]")?.toggleAttribute("disabled", !waiting.some((each) => each.state === "waiting"));
}

function line(page: HTMLElement, waiting: Waiting): HTMLElement {
  const at = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" }).format(new Date(waiting.at));
  const state = make("span", { class: `mark ${waiting.state === "refused" ? "tone-red" : "tone-orange"}` }, word(waiting.state === "refused" ? "refused" : "waits"));
  const text = make("div", { class: "waiting-text" }, make("b", {}, waiting.title), make("small", {}, `${waiting.kind} · ${at}`));
  if (waiting.message) text.append(make("p", { class: "waiting-why" }, waiting.message));
  text.append(make("dl", {}, ...Object.values(waiting.shown).slice(0, 8).map((each) => make("dd", {}, each.title))));
  const mend = make("button", { type: "button", class: "btn btn-sm" }, word("openAndMend"));
  const away = make("button", { type: "button", class: "btn btn-sm btn-quiet" }, word("discard"));
  mend.addEventListener("click", () => {
    sessionStorage.setItem(MEND, JSON.stringify(waiting));
    location.assign(waiting.page);
  });
  away.addEventListener("click", () => {
    void drop(waiting.id).then(() => draw(page));
    toast(word("discarded"), { label: word("undo"), act: () => void put(waiting).then(() => draw(page)) });
  });
  return make("li", { class: "waiting-line" }, state, text, make("span", { class: "waiting-acts" }, mend, away));
}

/** Puts what was kept back into its form, once; saving it there takes the place of what waits. */
export async function mendWaiting(form: HTMLFormElement): Promise<void> {
  const kept = sessionStorage.getItem(MEND);
  const waiting = kept ? (JSON.parse(kept) as Waiting) : null;
  if (!waiting || waiting.url !== form.dataset["save"]) return;
  sessionStorage.removeItem(MEND);
  for (const [name, held] of Object.entries(waiting.shown)) {
    const field = one(`.field[data-field="${CSS.escape(name)}"]`, form);
    if (!field) continue;
    putBack(field, held);
    for (const input of all<HTMLInputElement>("[data-input]", field)) input.dispatchEvent(new Event("input", { bubbles: true }));
  }
  const drawn = one("[data-form-problem]", form);
  if (drawn && waiting.message) {
    drawn.textContent = waiting.message;
    drawn.hidden = false;
  }
  form.addEventListener("saved", (event) => (event as CustomEvent<Saved>).detail.first.push(drop(waiting.id)), { once: true });
}
