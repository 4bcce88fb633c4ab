// What was typed outlives a session that ended and a form that changed: the tab keeps it until the form is back.
import { all, one } from "./dom";
import { addRow, rowsOf } from "./grid";
import { writeField } from "./values";

interface Held {
  text: string;
  title: string;
}

type Fields = Record<string, Held>;

interface Kept {
  fields: Fields;
  grids: Record<string, { id: string; cells: Fields }[]>;
}

export class Draft {
  private initial: Kept = { fields: {}, grids: {} };

  constructor(private readonly form: HTMLFormElement) {}

  /** Takes what the form holds now as what nobody typed. */
  begin(): void {
    this.initial = this.held();
  }

  /** Keeps what differs from the beginning. */
  keep(): void {
    const held = this.held();
    const fields = differing(held.fields, this.initial.fields);
    const grids = differing(held.grids, this.initial.grids);
    sessionStorage.setItem(this.name(), JSON.stringify({ fields, grids }));
  }

  /** Puts back what was kept, once; answers whether there was anything. */
  restore(): boolean {
    const text = sessionStorage.getItem(this.name());
    if (!text) return false;
    sessionStorage.removeItem(this.name());
    const kept = JSON.parse(text) as Kept;
    for (const [name, held] of Object.entries(kept.fields)) put(one(`.field[data-field="${CSS.escape(name)}"]`, this.form), held);
    for (const [name, rows] of Object.entries(kept.grids)) {
      const grid = one(`[data-grid="${CSS.escape(name)}"]`, this.form);
      if (grid) putRows(grid, rows);
    }
    return true;
  }

  /** Another person who signs in here finds nothing of it. */
  private name(): string {
    return `joinery.draft.${one("[data-shell]")?.dataset["person"] ?? ""}.${location.pathname}`;
  }

  private held(): Kept {
    const grids = all("[data-grid]", this.form).map((grid) => [
      grid.dataset["grid"] ?? "",
      rowsOf(grid).map((row) => ({ id: row.dataset["row"] ?? "", cells: heldBy(all("td[data-field]", row)) })),
    ]);
    return { fields: heldBy(all(".field[data-field]", this.form)), grids: Object.fromEntries(grids) };
  }
}

function differing<T>(now: Record<string, T>, before: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(now).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name])));
}

function heldBy(fields: HTMLElement[]): Fields {
  const found: Fields = {};
  for (const field of fields) {
    const input = one<HTMLInputElement>("[data-input]", field);
    // What is encrypted is not kept in the clear by the browser.
    if (!input || input.matches("[data-secret]")) continue;
    const boxes = input instanceof HTMLFieldSetElement ? all<HTMLInputElement>("input:checked", input).map((box) => box.value) : null;
    const text = boxes ? boxes.join("\n") : input.type === "checkbox" ? String(input.checked) : input.value;
    found[field.dataset["field"] ?? ""] = { text, title: one<HTMLInputElement>("[data-picker-text]", field)?.value ?? text };
  }
  return found;
}

function put(field: HTMLElement | null | undefined, held: Held): void {
  if (!field) return;
  writeField(field, held.text, held.title);
  one("[data-link]", field)?.dispatchEvent(new CustomEvent("chosen", { bubbles: true, detail: "restored" }));
}

function putRows(grid: HTMLElement, rows: { id: string; cells: Fields }[]): void {
  const known = new Map(rowsOf(grid).map((row) => [row.dataset["row"] ?? "", row]));
  const placed = rows.map(({ id, cells }) => {
    const row = (id && known.get(id)) || addRow(grid);
    for (const [name, held] of Object.entries(cells)) put(row && one(`td[data-field="${CSS.escape(name)}"]`, row), held);
    return row;
  });
  for (const row of rowsOf(grid)) if (!placed.includes(row)) row.remove();
  for (const row of placed) if (row) one("[data-rows]", grid)?.append(row);
}
