// How cells look while they are on their way to the server, and once it has answered.
import { all, make, one } from "./dom";
import type { Answer } from "./net";
import type { Rows } from "./sheet_rows";
import type { Wire } from "./values";

/** One cell that is to hold something else; `text` is what is shown until the server answers. */
export interface Change {
  row: HTMLTableRowElement;
  index: number;
  field: string;
  text: string;
  wire: Wire;
  before: Wire;
}

export type Values = Record<string, Wire>;

/** Everything that was typed into a row that is not saved yet. */
export function draftOf(row: HTMLTableRowElement): Values {
  return JSON.parse(row.dataset["draft"] ?? "{}") as Values;
}

/** Shows what a cell is to hold before the server has answered. */
export function show(change: Change): void {
  const cell = change.row.cells[change.index];
  if (!change.row.dataset["id"]) change.row.dataset["draft"] = JSON.stringify({ ...draftOf(change.row), [change.field]: change.wire });
  if (!cell) return;
  cell.dataset["typed"] = change.text;
  cell.classList.remove("is-wrong");
  cell.classList.add("is-saving");
  cell.removeAttribute("aria-invalid");
  const link = one("a.row-link", cell);
  if (link) link.textContent = change.text;
  else cell.textContent = change.text;
}

/** Leaves what was typed where it is, with a word of why it was not saved. */
export function mark(change: Change, why: string): void {
  const cell = change.row.cells[change.index];
  if (!cell) return;
  cell.classList.remove("is-saving");
  if (!why) return;
  change.row.classList.add("is-wrong");
  cell.classList.add("is-wrong");
  cell.setAttribute("aria-invalid", "true");
  cell.title = why;
}

/** Puts a row as the server draws it in the place of the one that was edited, cell by cell. */
export function settle(rows: Rows, row: HTMLTableRowElement, fresh: HTMLTableRowElement | undefined): void {
  if (!fresh) return;
  const picked = one<HTMLInputElement>("[data-pick]", row)?.checked ?? false;
  row.className = fresh.className;
  delete row.dataset["draft"];
  Object.assign(row.dataset, fresh.dataset);
  rows.named(row);
  [...fresh.cells].forEach((cell, index) => {
    const held = row.cells[index];
    for (const name of ["is-cursor", "is-chosen"]) if (held?.classList.contains(name)) cell.classList.add(name);
    if (held) held.replaceWith(cell);
    else row.append(cell);
  });
  const box = one<HTMLInputElement>("[data-pick]", row);
  if (box) box.checked = picked;
}

/** Rows as the server draws them, by id. */
export function drawn(rows: Rows, answer: Answer): Map<string, HTMLTableRowElement> {
  const found = rows.bodies(String(answer.body["html"] ?? "")).flatMap((body) => all<HTMLTableRowElement>("tr[data-id]", body));
  return new Map(found.map((row) => [row.dataset["id"] ?? "", row]));
}

/** Says how far it is, or what there is to do about it, until it is told otherwise. */
export function progress(text = "", action?: { label: string; act: () => void }): void {
  const place = one("#grid-progress");
  if (!text) return place?.remove();
  const line = place ?? make("div", { id: "grid-progress", class: "toast-line", role: "status" });
  line.replaceChildren(make("span", {}, text));
  if (action) {
    const button = make("button", { type: "button" }, action.label);
    button.addEventListener("click", () => {
      // The button goes with its line; the keys are the cells' again.
      one(".grid-catcher")?.focus({ preventScroll: true });
      action.act();
    });
    line.append(button);
  }
  if (!place) one("#toasts")?.append(line);
}
