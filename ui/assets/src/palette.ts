// One box that finds any record, page, view or command; what was opened last comes first.
import { all, composing, debounced, make, one, word } from "./dom";
import { ask, fragment } from "./net";
import { recent } from "./places";

const KEPT = "joinery.palette";

const MOST = 8;

let pending: AbortController | undefined;
let lines: HTMLElement[] | undefined;
let found: HTMLElement[] = [];

export function startPalette(): void {
  const input = one<HTMLInputElement>("[data-palette-input]");
  if (!input) return;
  const look = debounced(120, search);
  input.addEventListener("input", (event) => {
    if ((event as InputEvent).isComposing) return;
    asked(input, look);
  });
  input.addEventListener("compositionend", () => asked(input, look));
  input.addEventListener("keydown", (event) => keyed(event, one("[data-palette-list]")));
  one("[data-palette-list]")?.addEventListener("click", commanded);
}

function asked(input: HTMLInputElement, look: (text: string) => void): void {
  found = [];
  draw();
  look(input.value.trim());
}

export function openPalette(): void {
  const dialog = one<HTMLDialogElement>("#palette");
  const input = one<HTMLInputElement>("[data-palette-input]");
  if (!dialog || !input || dialog.open) return;
  dialog.showModal();
  input.value = "";
  found = [];
  draw();
  input.focus();
  if (!lines) void load().then(() => draw());
}

/** Every page and command: fetched once for a version of the app and a language. */
async function load(): Promise<void> {
  const url = one("#palette")?.dataset["linesUrl"] ?? "";
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}") as { url?: string; html?: string };
  const answer = kept.url === url ? { status: 200, html: kept.html ?? "" } : await fragment(url);
  if (answer.status !== 200) return;
  sessionStorage.setItem(KEPT, JSON.stringify({ url, html: answer.html }));
  const holder = make("template") as HTMLTemplateElement;
  holder.innerHTML = answer.html;
  lines = all(".palette-line", holder.content);
}

async function search(text: string): Promise<void> {
  pending?.abort();
  if (!text) return;
  const mine = (pending = new AbortController());
  const url = one("#palette")?.dataset["searchUrl"] ?? "";
  try {
    const answer = await ask(`${url}?q=${encodeURIComponent(text)}`, pending.signal);
    if (mine.signal.aborted) return;
    found = (answer.body.hits ?? []).map((hit) => line(hit.url, hit.title, hit.detail, hit.entity));
    draw(true);
  } catch {
    // A newer search took this one's place.
  }
}

function line(url: string, title: string, detail: string, kind: string): HTMLElement {
  return make(
    "a",
    { class: "palette-line", role: "option", href: url },
    make("span", { class: "palette-title" }, title),
    make("span", { class: "palette-detail" }, detail),
    make("span", { class: "palette-kind" }, kind),
  );
}

/** How well a line answers what was typed: its beginning before its middle, words before pinyin; -1 not at all. */
export function fits(each: HTMLElement, text: string): number {
  const label = (one(".palette-title", each)?.textContent ?? "").toLowerCase();
  const [sounds = "", initials = ""] = (each.dataset["spelled"] ?? "").split(" ");
  if (label.startsWith(text)) return 0;
  if (initials.startsWith(text)) return 1;
  if (sounds.startsWith(text)) return 2;
  if (label.includes(text)) return 3;
  return initials.includes(text) || (text.length > 2 && sounds.includes(text)) ? 4 : -1;
}

function draw(searched = false): void {
  const list = one("[data-palette-list]");
  if (!list) return;
  const text = (one<HTMLInputElement>("[data-palette-input]")?.value ?? "").trim().toLowerCase();
  const offered = text ? matching(text) : [];
  const groups = text
    ? ([["", [...offered.slice(0, 3), ...found, ...offered.slice(3, MOST)]]] as const)
    : ([[word("recent"), recentLines()], [word("goTo"), (lines ?? []).filter((each) => each.dataset["group"] === "page")]] as const);
  list.replaceChildren();
  for (const [label, shown] of groups) {
    if (!shown.length) continue;
    if (label) list.append(make("p", { class: "palette-group", role: "presentation" }, label));
    list.append(...shown.map((each) => each.cloneNode(true) as HTMLElement));
  }
  if (!all(".palette-line", list).length && searched) list.append(make("p", { class: "picker-note" }, word("nothing")));
  all(".palette-line", list).forEach((each, at) => (each.id = `palette-line-${at}`));
  choose(list, 0);
}

function matching(text: string): HTMLElement[] {
  return (lines ?? [])
    .map((each) => [fits(each, text), each] as const)
    .filter(([rank]) => rank >= 0)
    .sort(([one_], [other]) => one_ - other)
    .map(([, each]) => each);
}

function recentLines(): HTMLElement[] {
  return recent()
    .filter((place) => place.url !== location.pathname)
    .slice(0, 6)
    .map((place) => line(place.url, place.label, "", word("recent")));
}

/** Marks the line that Enter opens, for the eye and for a screen reader. */
export function choose(list: HTMLElement, index: number): void {
  const shown = all(".palette-line:not([hidden])", list);
  shown.forEach((each, at) => {
    each.classList.toggle("is-chosen", at === index);
    each.setAttribute("aria-selected", String(at === index));
  });
  shown[index]?.scrollIntoView({ block: "nearest" });
  const input = one(`[aria-controls="${list.id}"]`);
  if (shown[index]?.id) input?.setAttribute("aria-activedescendant", shown[index].id);
}

/** Up, down and Enter in a list of lines; keys of an input method are never ours. */
export function keyed(event: KeyboardEvent, list: HTMLElement | null): void {
  if (composing(event) || !list) return;
  const shown = all(".palette-line:not([hidden])", list);
  const here = shown.findIndex((each) => each.classList.contains("is-chosen"));
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    choose(list, (here + (event.key === "ArrowDown" ? 1 : -1) + shown.length) % Math.max(shown.length, 1));
  } else if (event.key === "Enter") {
    event.preventDefault();
    shown[here]?.click();
  }
}

/** A command sets something; what creates opens its short form. */
function commanded(event: MouseEvent): void {
  const chosen = event.target instanceof Element ? event.target.closest<HTMLElement>(".palette-line") : null;
  const [name, value] = (chosen?.dataset["prefer"] ?? "").split("=");
  if (name && value) {
    event.preventDefault();
    one<HTMLButtonElement>(`form[data-preferences] button[name="${name}"][value="${value}"]`)?.click();
  } else if (chosen?.dataset["creates"] !== undefined) {
    event.preventDefault();
    one<HTMLDialogElement>("#palette")?.close();
    const address = (chosen as HTMLAnchorElement).href;
    void import("./create").then(({ openCreate }) => openCreate(address));
  }
}
