// Speaking to somebody in a comment: @ and any part of a name, pinyin or its initials.
import { all, composing, debounced, make, one } from "./dom";
import { send, type Hit } from "./net";

/** Who was chosen in each box, by the words that stand for them. */
const chosen = new WeakMap<HTMLElement, Map<string, string>>();

let list: HTMLElement | undefined;
let asked = 0;

export function startMentions(): void {
  const look = debounced(140, (box: HTMLTextAreaElement) => void search(box));
  document.addEventListener("input", (event) => {
    if (isBox(event.target) && !(event as InputEvent).isComposing) look(event.target);
  });
  document.addEventListener("compositionend", (event) => {
    if (isBox(event.target)) look(event.target);
  });
  // Before anybody else: while somebody is being chosen, keys choose.
  document.addEventListener("keydown", keyed, { capture: true });
  document.addEventListener("focusout", (event) => {
    if (isBox(event.target)) close();
  });
}

/** The people that a box speaks to: those chosen whose names still stand in it. */
export function spokenTo(box: HTMLTextAreaElement): string[] {
  const people = [...(chosen.get(box) ?? [])].filter(([name]) => box.value.includes(name));
  return [...new Set(people.map(([, id]) => id))];
}

function isBox(target: EventTarget | null): target is HTMLTextAreaElement {
  return target instanceof HTMLTextAreaElement && target.matches("[data-say] [data-talk-words]");
}

/** The word after the last @ before the caret, undefined where nobody is being named. */
function begun(box: HTMLTextAreaElement): string | undefined {
  return /(?:^|[\s，。；、（(])[@＠]([^\s@＠]{0,24})$/.exec(box.value.slice(0, box.selectionStart))?.[1];
}

async function search(box: HTMLTextAreaElement): Promise<void> {
  const text = begun(box);
  if (text === undefined) return close();
  const turn = ++asked;
  const url = box.closest<HTMLElement>("[data-talk]")?.dataset["people"] ?? "";
  const answer = await send(url, { text, this: {} });
  if (turn !== asked || document.activeElement !== box) return;
  show(box, answer.body.hits ?? []);
}

function show(box: HTMLTextAreaElement, hits: Hit[]): void {
  close();
  if (!hits.length) return;
  const made = make("div", { class: "picker-list mention-list", role: "listbox", id: "mention-list" });
  for (const [at, hit] of hits.slice(0, 8).entries()) {
    const line = make("button", { type: "button", class: "picker-line", role: "option", tabindex: "-1", "aria-selected": String(at === 0) }, make("span", {}, hit.title), make("small", {}, hit.detail));
    line.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      take(box, hit.id, hit.title);
    });
    line.dataset["id"] = hit.id;
    line.dataset["title"] = hit.title;
    made.append(line);
  }
  const place = box.getBoundingClientRect();
  made.style.left = `${place.left}px`;
  made.style.top = `${place.bottom + 2}px`;
  made.style.width = `${Math.min(place.width, 320)}px`;
  box.setAttribute("aria-controls", "mention-list");
  (box.closest("dialog") ?? document.body).append(made);
  list = made;
}

function take(box: HTMLTextAreaElement, id: string, title: string): void {
  const before = box.value.slice(0, box.selectionStart);
  const text = begun(box) ?? "";
  const named = `@${title}`;
  const after = box.value.slice(box.selectionStart);
  const kept = before.slice(0, before.length - text.length - 1);
  box.value = `${kept}${named} ${after}`;
  box.selectionStart = box.selectionEnd = kept.length + named.length + 1;
  const people = chosen.get(box) ?? new Map<string, string>();
  chosen.set(box, people.set(named, id));
  close();
}

function close(): void {
  list?.remove();
  list = undefined;
}

function keyed(event: KeyboardEvent): void {
  if (composing(event) || !list || !isBox(event.target)) return;
  const lines = all(".picker-line", list);
  const here = lines.findIndex((line) => line.getAttribute("aria-selected") === "true");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) lines.forEach((line, at) => line.setAttribute("aria-selected", String(at === (here + step + lines.length) % lines.length)));
  else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === "Tab") {
    const line = lines[here];
    if (line) take(event.target, line.dataset["id"] ?? "", line.dataset["title"] ?? "");
  } else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopPropagation();
  one(".picker-line[aria-selected=true]", list)?.scrollIntoView({ block: "nearest" });
}
