// Choosing a record for a link: type any part of it, pinyin or its initials.
import { all, composing, debounced, make, one, word } from "./dom";
import { send, type Hit, type Offer } from "./net";
import { writeField } from "./values";

interface Open {
  picker: HTMLElement;
  input: HTMLInputElement;
  list: HTMLElement;
}

let open: Open | undefined;
let asked = 0;

/** `these` gives the form's values, which a picker's filter may refer to. */
export function startPickers(form: HTMLElement, these: (picker: HTMLElement) => Record<string, unknown>): void {
  const look = debounced(140, (picker: HTMLElement, input: HTMLInputElement, text: string) => void search(picker, input, text, these(picker)));
  for (const picker of all("[data-picker]", form)) {
    mark(picker);
    const input = textInput(document.activeElement);
    // Somebody was quicker than this script: what they typed is no title, and looked for now.
    if (!input || !picker.contains(input) || input.value === input.defaultValue) continue;
    input.dataset["title"] = input.defaultValue;
    look(picker, input, input.value.trim());
  }
  form.addEventListener("focusin", (event) => {
    const input = textInput(event.target);
    if (input) input.select();
  });
  form.addEventListener("click", (event) => {
    const input = textInput(event.target);
    const picker = input?.closest<HTMLElement>("[data-picker]");
    if (input && picker && !open) void search(picker, input, "", these(picker));
    if (event.target instanceof Element && event.target.closest("[data-picker-clear]")) clear(event.target);
  });
  form.addEventListener("input", (event) => {
    const input = textInput(event.target);
    const picker = input?.closest<HTMLElement>("[data-picker]");
    if (input && picker && !(event as InputEvent).isComposing) look(picker, input, input.value.trim());
  });
  form.addEventListener("compositionend", (event) => {
    const input = textInput(event.target);
    const picker = input?.closest<HTMLElement>("[data-picker]");
    if (input && picker) look(picker, input, input.value.trim());
  });
  form.addEventListener("keydown", keyed);
  for (const moved of ["scroll", "resize"]) window.addEventListener(moved, follow, { capture: true, passive: true });
  form.addEventListener("focusout", (event) => {
    const input = textInput(event.target);
    if (input) leave(input);
  });
}

function textInput(target: EventTarget | null): HTMLInputElement | null {
  return target instanceof HTMLInputElement && target.matches("[data-picker-text]") ? target : null;
}

function mark(picker: HTMLElement): void {
  const held = one<HTMLInputElement>("[data-link]", picker);
  const text = one<HTMLInputElement>("[data-picker-text]", picker);
  picker.classList.toggle("is-filled", Boolean(held?.value));
  if (text) text.dataset["title"] = text.value;
}

async function search(picker: HTMLElement, input: HTMLInputElement, text: string, these: Record<string, unknown>): Promise<void> {
  const turn = ++asked;
  const answer = await send(picker.dataset["url"] ?? "", { text, this: these });
  if (turn !== asked || document.activeElement !== input) return;
  // Without a connection the browser offers what it knows.
  const hits = answer.status ? (answer.body.hits ?? []) : (await import("./picks")).keptPicks(picker.dataset["url"] ?? "", text);
  show(picker, input, hits, text, answer.body.offers ?? []);
}

function show(picker: HTMLElement, input: HTMLInputElement, found: Hit[], text: string, offers: Offer[]): void {
  close();
  const held = new Set(all("[data-chip]", picker).map((chip) => chip.dataset["chip"]));
  const hits = found.filter((hit) => !held.has(hit.id));
  const list = make("div", { class: "picker-list", role: "listbox", id: `${input.id}-list` });
  for (const hit of hits) list.append(line(picker, hit));
  if (!hits.length) list.append(make("p", { class: "picker-note" }, word("nothing")));
  // What is there by this very name need not be made.
  const named = hits.some((hit) => hit.title.toLowerCase() === text.trim().toLowerCase());
  for (const offer of named ? [] : offers) list.append(offered(picker, input, text, offer));
  (input.closest("dialog") ?? document.body).append(list);
  settle(input, list);
  input.setAttribute("aria-expanded", "true");
  input.setAttribute("aria-controls", list.id);
  open = { picker, input, list };
  choose(0);
}

/** Puts the list beside its input, below it where there is room. */
function settle(input: HTMLElement, list: HTMLElement): void {
  const box = input.getBoundingClientRect();
  const width = Math.max(box.width, 280);
  const below = window.innerHeight - box.bottom > Math.min(list.offsetHeight, 240);
  list.style.left = `${Math.max(8, Math.min(box.left, window.innerWidth - width - 8))}px`;
  list.style.width = `${Math.min(width, window.innerWidth - 16)}px`;
  list.style.top = below ? `${box.bottom + 4}px` : "auto";
  list.style.bottom = below ? "auto" : `${window.innerHeight - box.top + 4}px`;
}

function follow(event: Event): void {
  if (open && event.target !== open.list) settle(open.input, open.list);
}

function line(picker: HTMLElement, hit: Hit): HTMLElement {
  const made = make("button", { type: "button", class: "picker-line", role: "option", tabindex: "-1" }, make("span", {}, hit.title), make("small", {}, picker.dataset["several"] === undefined ? hit.detail : hit.entity));
  made.dataset["id"] = hit.id;
  // Where records of several entities may be chosen, the value says of which this one is.
  made.dataset["value"] = picker.dataset["several"] === undefined ? hit.id : `${hit.of}:${hit.id}`;
  made.dataset["title"] = hit.title;
  made.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    take(picker, made.dataset["value"] ?? "", hit.title);
  });
  return made;
}

/** A line that makes what is missing, under the words that were typed, and takes it. */
function offered(picker: HTMLElement, input: HTMLInputElement, text: string, offer: Offer): HTMLElement {
  const said = text ? word("createNamed", { kind: offer.label, name: text }) : word("createKind", { kind: offer.label });
  const made = make("button", { type: "button", class: "picker-line picker-offer", role: "option", tabindex: "-1" }, make("span", {}, said));
  const begin = async (): Promise<void> => {
    close();
    const { createHere } = await import("./creating");
    const record = await createHere(offer);
    input.focus({ preventScroll: true });
    if (record) take(picker, picker.dataset["several"] === undefined ? record.id : `${offer.of}:${record.id}`, record.title);
  };
  made.addEventListener("pointerdown", (event) => event.preventDefault());
  made.addEventListener("click", () => void begin());
  return made;
}

function choose(index: number): void {
  const lines = open ? all(".picker-line", open.list) : [];
  lines.forEach((each, at) => each.setAttribute("aria-selected", String(at === index)));
  lines[index]?.scrollIntoView({ block: "nearest" });
}

function take(picker: HTMLElement, id: string, title: string): void {
  if (picker.dataset["picker"] === "many") return add(picker, id, title);
  const field = picker.closest<HTMLElement>("[data-field]");
  if (!field) return;
  writeField(field, id, title);
  delete one("[data-picker-text]", picker)?.dataset["unusable"];
  mark(picker);
  close();
  one("[data-link]", picker)?.dispatchEvent(new CustomEvent("chosen", { bubbles: true }));
}

/** Adds to the records that a picker of several holds, ready for the next one. */
function add(picker: HTMLElement, id: string, title: string): void {
  const text = one<HTMLInputElement>("[data-picker-text]", picker);
  close();
  if (id) picker.dispatchEvent(new CustomEvent("picked", { detail: { id, title } }));
  if (text) text.value = "";
  text?.focus();
}

function clear(target: Element): void {
  const picker = target.closest<HTMLElement>("[data-picker]");
  if (!picker) return;
  take(picker, "", "");
  one("[data-picker-text]", picker)?.focus();
}

/** Leaving a picker keeps what was chosen; emptied text empties the link; half a word is put back. */
function leave(input: HTMLInputElement): void {
  const picker = input.closest<HTMLElement>("[data-picker]");
  if (open?.input === input) close();
  if (!picker) return;
  if (picker.dataset["picker"] === "many") {
    input.value = "";
    return;
  }
  const held = one<HTMLInputElement>("[data-link]", picker);
  if (!input.value.trim() && held?.value) take(picker, "", "");
  else if (input.value !== (input.dataset["title"] ?? "")) input.value = input.dataset["title"] ?? "";
}

function close(): void {
  open?.list.remove();
  open?.input.setAttribute("aria-expanded", "false");
  open = undefined;
}

function keyed(event: KeyboardEvent): void {
  if (composing(event) || !open || event.target !== open.input) return;
  const lines = all(".picker-line", open.list);
  const here = lines.findIndex((each) => each.getAttribute("aria-selected") === "true");
  const { picker } = open;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    choose((here + (event.key === "ArrowDown" ? 1 : -1) + lines.length) % Math.max(lines.length, 1));
  } else if (lines[here]?.matches(".picker-offer") && event.key === "Enter") {
    event.preventDefault();
    event.stopPropagation();
    lines[here].click();
  } else if ((event.key === "Enter" || event.key === "Tab") && lines[here] && !lines[here].matches(".picker-offer")) {
    if (event.key === "Enter") event.preventDefault();
    event.stopPropagation();
    take(picker, lines[here].dataset["value"] ?? "", lines[here].dataset["title"] ?? "");
  } else if (event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    close();
  }
}
