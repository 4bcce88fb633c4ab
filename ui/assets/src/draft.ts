// What was typed outlives the browser: the server keeps it, and the tab where the server cannot be reached.
import { all, debounced, one, word } from "./dom";
import { addRow, rowsOf } from "./grid";
import { PATIENCE, request, send } from "./net";
import { leave, thisVisit } from "./presence";
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

/** What the server kept of an earlier visit: over which version, and what is said about it. */
interface Waiting extends Kept {
  version: number | null;
  said: string;
}

const SOON = 1200;

export class Draft {
  private initial: Kept = { fields: {}, grids: {} };
  private kept = false;
  private sending: Promise<unknown> = Promise.resolve();
  private readonly soon = debounced(SOON, () => this.send());

  constructor(
    private readonly form: HTMLFormElement,
    private readonly version: () => number | undefined,
    private readonly open: () => boolean,
  ) {
    one("[data-draft-discard]", form)?.addEventListener("click", () => void this.forget().then(() => location.reload()));
    window.addEventListener("pagehide", () => {
      // Of a record that exists its presence tells.
      if (this.open() && this.desk().endsWith("/new")) leave(this.desk());
    });
  }

  /** Something was typed: the server is told of it soon. */
  typed(): void {
    if (this.desk()) this.soon();
  }

  /** Forgets what was typed, here and on the server. */
  async forget(): Promise<void> {
    sessionStorage.removeItem(this.name());
    await this.sending;
    if (this.kept) await request("POST", `${this.desk()}/discard`, {}, undefined, { last: true });
    this.kept = false;
  }

  /** Waits until nothing of it is on its way any more: it would arrive after what is saved. */
  async settled(): Promise<void> {
    await this.sending;
  }

  /** What was typed is saved: the server has forgotten it, and so does the tab. */
  saved(): void {
    sessionStorage.removeItem(this.name());
  }

  private desk(): string {
    return this.form.dataset["desk"] ?? "";
  }

  private send(): void {
    if (!this.open()) return;
    this.kept = true;
    const typed = { draft: this.changed(), version: this.version() ?? null, visit: thisVisit() };
    this.sending = send(`${this.desk()}/draft`, typed, undefined, { within: PATIENCE }).then((answer) => {
      if (!answer.status) this.keep();
      else if (answer.status === 204) one("[data-save-button]", this.form)?.setAttribute("title", word("draftKept"));
    });
  }

  private changed(): Kept {
    const held = this.held();
    return { fields: differing(held.fields, this.initial.fields), grids: differing(held.grids, this.initial.grids) };
  }

  /** Takes what the form holds now as what nobody typed. */
  begin(): void {
    this.initial = this.held();
  }

  /** Keeps what differs from the beginning. */
  keep(): void {
    sessionStorage.setItem(this.name(), JSON.stringify({ ...this.changed(), version: this.version() ?? null }));
  }

  /** Puts back what was kept, once; answers over which version it was typed, undefined for nothing. */
  restore(): number | null | undefined {
    const waiting = (JSON.parse(one("[data-form-state]", this.form)?.textContent ?? "{}") as { draft?: Waiting | null }).draft;
    this.kept = Boolean(waiting);
    const text = sessionStorage.getItem(this.name());
    sessionStorage.removeItem(this.name());
    const kept = text ? (JSON.parse(text) as Omit<Waiting, "said">) : waiting;
    if (!kept) return undefined;
    this.put(kept);
    this.say(waiting?.said ?? word("restored"));
    return kept.version ?? null;
  }

  private say(text: string): void {
    const notice = one("[data-draft-notice]", this.form);
    const said = one("[data-draft-said]", this.form);
    if (!notice || !said) return;
    said.textContent = text;
    notice.hidden = false;
  }

  private put(kept: Kept): void {
    for (const [name, held] of Object.entries(kept.fields)) put(one(`.field[data-field="${CSS.escape(name)}"]`, this.form), held);
    for (const [name, rows] of Object.entries(kept.grids)) {
      const grid = one(`[data-grid="${CSS.escape(name)}"]`, this.form);
      if (grid) putRows(grid, rows);
    }
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

/** What fields hold, each with how a person reads it. */
export function heldBy(fields: HTMLElement[]): Fields {
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

/** Whether a field holds just that: of a thousand lines one was typed into. */
function same(field: HTMLElement, held: Held): boolean {
  const now = Object.values(heldBy([field]))[0];
  return now?.text === held.text && now.title === held.title;
}

/** Puts back what a field held. */
export function put(field: HTMLElement | null | undefined, held: Held): void {
  if (!field || same(field, held)) return;
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
