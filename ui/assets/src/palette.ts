// One box that finds any record, list, or thing to create.
import { all, composing, debounced, make, one, word } from "./dom";
import { ask } from "./net";

let pending: AbortController | undefined;

export function startPalette(): void {
  const input = one<HTMLInputElement>("[data-palette-input]");
  if (!input) return;
  const look = debounced(120, search);
  input.addEventListener("input", () => {
    draw([]);
    look(input.value.trim());
  });
  input.addEventListener("keydown", keyed);
}

export function openPalette(): void {
  const dialog = one<HTMLDialogElement>("#palette");
  const input = one<HTMLInputElement>("[data-palette-input]");
  if (!dialog || !input || dialog.open) return;
  dialog.showModal();
  input.value = "";
  draw([]);
  input.focus();
}

async function search(text: string): Promise<void> {
  pending?.abort();
  if (!text) return;
  pending = new AbortController();
  const url = one("#palette")?.dataset["searchUrl"] ?? "";
  try {
    const answer = await ask(`${url}?q=${encodeURIComponent(text)}`, pending.signal);
    draw((answer.body.hits ?? []).map((hit) => line(hit.url, hit.title, hit.detail, hit.entity)), true);
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

function draw(hits: HTMLElement[], searched = false): void {
  const list = one("[data-palette-list]");
  const text = (one<HTMLInputElement>("[data-palette-input]")?.value ?? "").trim().toLowerCase();
  const template = one<HTMLTemplateElement>("[data-palette-commands]");
  if (!list || !template) return;
  const commands = all(".palette-line", template.content.cloneNode(true) as DocumentFragment).filter(
    (command) => !text || (command.textContent ?? "").toLowerCase().includes(text),
  );
  list.replaceChildren(...hits, ...commands.slice(0, text ? 6 : 12));
  if (!list.childElementCount && searched) list.append(make("p", { class: "picker-note" }, word("nothing")));
  choose(0);
}

function choose(index: number): void {
  const lines = all(".palette-line", one("[data-palette-list]") ?? document);
  lines.forEach((each, at) => each.classList.toggle("is-chosen", at === index));
  lines[index]?.scrollIntoView({ block: "nearest" });
}

function keyed(event: KeyboardEvent): void {
  if (composing(event)) return;
  const lines = all(".palette-line", one("[data-palette-list]") ?? document);
  const here = lines.findIndex((each) => each.classList.contains("is-chosen"));
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    choose((here + (event.key === "ArrowDown" ? 1 : -1) + lines.length) % Math.max(lines.length, 1));
  } else if (event.key === "Enter") {
    event.preventDefault();
    lines[here]?.click();
  }
}
