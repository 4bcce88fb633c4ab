// Child lines: add, copy, delete, reorder, and paste from a spreadsheet.
import Sortable from "sortablejs";
import { all, composing, one } from "./dom";
import { measure, ownIds } from "./grid_lines";
import { find } from "./pasted";
import { FOCUSABLE, read, writeField, type Wire } from "./values";

/** `changed` is told what the lines hold now, or only which there are, `refilled` false. */
export function startGrids(form: HTMLElement, changed: (refilled: boolean) => void): void {
  for (const grid of all("[data-grid]", form)) startGrid(grid, changed);
}

export function rowsOf(grid: HTMLElement): HTMLElement[] {
  const body = one("[data-rows]", grid);
  return body ? all(":scope > [data-row]", body) : [];
}

/** The lines of a grid as the server takes them: known ones with their id, in order; empty ones left out. */
export function readRows(grid: HTMLElement): Record<string, Wire>[] {
  return rowsOf(grid).map(readRow).filter((row) => row["id"] !== undefined || Object.values(row).some(filled));
}

export function readRow(row: HTMLElement): Record<string, Wire> {
  const found: Record<string, Wire> = {};
  if (row.dataset["row"]) found["id"] = row.dataset["row"];
  for (const cell of all("td[data-field]", row)) {
    const input = one("[data-input]", cell);
    if (input) found[cell.dataset["field"] ?? ""] = read(input);
  }
  return found;
}

function filled(value: Wire): boolean {
  return value !== null && value !== "" && value !== false && !(Array.isArray(value) && !value.length);
}

function startGrid(grid: HTMLElement, changed: (refilled: boolean) => void): void {
  const body = one("[data-rows]", grid);
  if (!body) return;
  rowsOf(grid).forEach(named);
  new Sortable(body, { handle: "[data-handle]", animation: 120, onEnd: () => changed(false) });
  grid.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const row = event.target.closest<HTMLElement>("[data-row]");
    if (event.target.closest("[data-add-row]")) focusRow(addRow(grid));
    else if (row && event.target.closest("[data-remove-row]")) row.remove();
    else if (row && event.target.closest("[data-copy-row]")) focusRow(copyRow(grid, row));
    else return;
    changed(false);
  });
  grid.addEventListener("keydown", (event) => {
    if (composing(event) || event.defaultPrevented) return;
    if (arrange(grid, event)) return changed(false);
    if (event.key !== "Enter" || event.metaKey || event.ctrlKey || event.defaultPrevented) return;
    if (!(event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement)) return;
    // Enter on an open picker chooses; only then does it lead to the next line.
    if (event.target.getAttribute("aria-expanded") === "true") return;
    event.preventDefault();
    below(grid, event.target);
  });
  grid.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!/[\t\n]/.test(text.trimEnd()) || !(event.target instanceof HTMLElement)) return;
    event.preventDefault();
    paste(grid, event.target, text);
    changed(true);
  });
}

/** Adds an empty line after another, or at the end. */
export function addRow(grid: HTMLElement, after?: HTMLElement): HTMLElement | undefined {
  const template = one<HTMLTemplateElement>("[data-row-template]", grid);
  const row = template?.content.firstElementChild?.cloneNode(true);
  if (!(row instanceof HTMLElement)) return undefined;
  ownIds(row, `-new-${++added}`);
  named(row);
  if (after) after.after(row);
  else one("[data-rows]", grid)?.append(row);
  measure(grid);
  row.dispatchEvent(new CustomEvent("row-added", { bubbles: true }));
  return row;
}

let added = 0;

/** Says to which column each input belongs, for those who do not see the heading above it. */
function named(row: HTMLElement): void {
  for (const cell of all("td[data-label]", row)) {
    one(FOCUSABLE, cell)?.setAttribute("aria-label", cell.dataset["label"] ?? "");
  }
}

function copyRow(grid: HTMLElement, from: HTMLElement): HTMLElement | undefined {
  const row = addRow(grid, from);
  if (!row) return undefined;
  const cells = all("td[data-field]", from);
  all("td[data-field]", row).forEach((cell, index) => {
    const source = cells[index];
    const input = source ? one<HTMLInputElement | HTMLSelectElement>("[data-input]", source) : null;
    if (!source || !input) return;
    const text = input instanceof HTMLInputElement && input.type === "checkbox" ? String(input.checked) : input.value;
    writeField(cell, text, one<HTMLInputElement>("[data-picker-text]", source)?.value ?? text);
  });
  row.dataset["like"] = from.dataset["row"] ?? "";
  row.dispatchEvent(new CustomEvent("row-copied", { bubbles: true, detail: from }));
  return row;
}

function focusRow(row: HTMLElement | undefined): void {
  if (row) one(FOCUSABLE, row)?.focus();
}

function below(grid: HTMLElement, input: HTMLElement): void {
  const cell = input.closest<HTMLElement>("td[data-field]");
  const row = input.closest<HTMLElement>("[data-row]");
  if (!cell || !row) return;
  const rows = rowsOf(grid);
  const next = rows[rows.indexOf(row) + 1] ?? addRow(grid);
  if (next) one(`td[data-field="${cell.dataset["field"]}"] :is(${FOCUSABLE})`, next)?.focus();
}

/** What the keys of a line do beside typing: it changes places, is copied, goes. */
function arrange(grid: HTMLElement, event: KeyboardEvent): boolean {
  const row = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>("[data-row]") : null;
  const mod = event.ctrlKey || event.metaKey;
  if (!row || !(event.target instanceof HTMLElement)) return false;
  const { target } = event;
  if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    if (event.key === "ArrowUp") row.previousElementSibling?.before(row);
    else row.nextElementSibling?.after(row);
    target.focus();
  } else if (mod && event.key.toLowerCase() === "d") focusRow(copyRow(grid, row));
  else if (mod && event.shiftKey && (event.key === "Backspace" || event.key === "Delete")) {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    focusRow(next instanceof HTMLElement ? next : undefined);
  } else return false;
  event.preventDefault();
  return true;
}

/** Fills cells to the right and below from tab-separated text, adding lines as they are needed. */
function paste(grid: HTMLElement, target: HTMLElement, text: string): void {
  const cell = target.closest<HTMLElement>("td[data-field]");
  let row = target.closest<HTMLElement>("[data-row]") ?? undefined;
  if (!cell || !row) return;
  const first = all("td[data-field]", row).indexOf(cell);
  const lines = text.replace(/\r/g, "").replace(/\n+$/, "").split("\n");
  for (const [index, line] of lines.entries()) {
    if (index > 0) row = (row?.nextElementSibling as HTMLElement | null) ?? addRow(grid);
    if (!row) return;
    const cells = all("td[data-field]", row).slice(first);
    line.split("\t").forEach((value, at) => put(cells[at], value.trim()));
  }
}

function put(cell: HTMLElement | undefined, value: string): void {
  if (!cell || one("[data-holds]", cell)) return;
  const picker = one<HTMLElement>("[data-picker]", cell);
  if (picker) return void find(picker, value);
  const select = one<HTMLSelectElement>("select", cell);
  const option = select ? [...select.options].find((each) => each.textContent?.trim() === value) : undefined;
  const percent = one("[data-percent]", cell);
  writeField(cell, option?.value ?? (percent ? value.replace(/[%％]$/, "") : value));
}
