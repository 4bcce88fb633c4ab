// Changed cells on their way to the server: what was refused stays visible, what was saved can be undone.
import { all, one, toast, word } from "./dom";
import { onceKey, send } from "./net";
import type { Rows } from "./sheet_rows";
import type { Wire } from "./values";

/** Rows of one request: so many are answered, and drawn, in well under a second. */
const AT_ONCE = 200;

/** One cell that is to hold something else; `text` is what is shown until the server answers. */
export interface Change {
  row: HTMLTableRowElement;
  index: number;
  field: string;
  text: string;
  wire: Wire;
  before: Wire;
}

/** What one act did: cells as they were and are, and rows that it made. */
interface Act {
  cells: { id: string; field: string; before: Wire; after: Wire }[];
  made: { id: string; values: Record<string, Wire> }[];
}

interface Item {
  op: string;
  index: number;
  done: boolean;
  id: string;
  conflict: boolean;
  errors: { field: string; message: string }[];
}

type Values = Record<string, Wire>;

export class Saving {
  private readonly past: Act[] = [];
  private readonly future: Act[] = [];
  private queue: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly rows: Rows,
    private readonly url: string,
  ) {}

  /** Shows changes at once and sends them after those that are on their way; resolves when answered. */
  save(changes: Change[]): Promise<void> {
    for (const change of changes) show(change);
    const task = this.queue.then(() => this.send(changes));
    this.queue = task.catch(() => undefined);
    return task;
  }

  private async send(changes: Change[]): Promise<void> {
    const byRow = new Map<HTMLTableRowElement, Change[]>();
    for (const change of changes) byRow.set(change.row, [...(byRow.get(change.row) ?? []), change]);
    const act: Act = { cells: [], made: [] };
    const parts = [...byRow.entries()];
    let saved = 0;
    let wrong = 0;
    for (let at = 0; at < parts.length; at += AT_ONCE) {
      const part = parts.slice(at, at + AT_ONCE);
      if (parts.length > AT_ONCE) progress(at, parts.length);
      const done = await this.part(part, act);
      if (done === undefined) return progress();
      saved += done;
      wrong += part.length - done;
    }
    progress();
    if (act.cells.length || act.made.length) {
      this.past.push(act);
      this.future.length = 0;
    }
    if (wrong) toast(word("rowsRefused", { saved, wrong }));
    else if (parts.length > 1) toast(word("rowsSaved", { saved }), { label: word("undo"), act: () => void this.undo() });
  }

  /** Sends some rows; answers how many were saved, and nothing where the server did not answer. */
  private async part(part: [HTMLTableRowElement, Change[]][], act: Act): Promise<number | undefined> {
    const known = part.filter(([row]) => row.dataset["id"]);
    const fresh = part.filter(([row]) => !row.dataset["id"]);
    const edits = known.map(([row, changes]) => ({ id: row.dataset["id"], version: Number(row.dataset["version"]), values: valuesOf(changes) }));
    const creates = fresh.map(([row]) => draftOf(row));
    const answer = await send(this.url, { edits, creates }, onceKey());
    if (answer.status !== 200) {
      for (const [, changes] of part) for (const change of changes) mark(change, answer.body.message ?? word("offline"));
      toast(answer.body.message ?? word("offline"), { label: word("again"), act: () => void this.save(part.flatMap(([, changes]) => changes)) });
      return undefined;
    }
    const drawn = this.drawn(String(answer.body["html"] ?? ""));
    let done = 0;
    for (const item of answer.body["items"] as Item[]) {
      const [row, changes] = (item.op === "create" ? fresh : known)[item.index] ?? [];
      if (!row || !changes) continue;
      if (item.done) {
        done++;
        if (item.op === "create") act.made.push({ id: item.id, values: draftOf(row) });
        else act.cells.push(...changes.map(({ field, before, wire }) => ({ id: item.id, field, before, after: wire })));
        settle(row, drawn.get(item.id));
      } else this.refuse(row, changes, item);
    }
    return done;
  }

  private refuse(row: HTMLTableRowElement, changes: Change[], item: Item): void {
    row.classList.add("is-wrong");
    const about = new Map(item.errors.map((error) => [error.field, error.message]));
    const whole = item.errors.filter((error) => !changes.some((change) => change.field === error.field));
    for (const change of changes) mark(change, about.get(change.field) ?? "");
    const first = changes[0];
    if (first && whole.length) mark(first, whole.map((error) => error.message).join(" "));
    if (item.conflict) {
      toast(word("changedSince"), { label: word("keepMine"), act: () => void this.again(row, changes) });
    }
  }

  /** Writes over what somebody else changed meanwhile, as the person says. */
  private async again(row: HTMLTableRowElement, changes: Change[]): Promise<void> {
    const edits = [{ id: row.dataset["id"], values: valuesOf(changes) }];
    await this.plain({ edits });
  }

  /** Rows as the server draws them, by id. */
  private drawn(html: string): Map<string, HTMLTableRowElement> {
    const found = this.rows.bodies(html).flatMap((body) => all<HTMLTableRowElement>("tr[data-id]", body));
    return new Map(found.map((row) => [row.dataset["id"] ?? "", row]));
  }

  /** Takes back what was done last, but where somebody changed it since. */
  undo(): Promise<void> {
    return this.turn(this.past, this.future, "before");
  }

  redo(): Promise<void> {
    return this.turn(this.future, this.past, "after");
  }

  private async turn(from: Act[], to: Act[], side: "before" | "after"): Promise<void> {
    await this.queue;
    const act = from.pop();
    if (!act) return toast(word(side === "before" ? "nothingToUndo" : "nothingToRedo"));
    const byRow = new Map<string, Values>();
    for (const cell of act.cells) byRow.set(cell.id, { ...byRow.get(cell.id), [cell.field]: cell[side] });
    const edits = [...byRow].map(([id, values]) => ({ id, values, version: Number(this.rows.byId(id)?.dataset["version"] ?? 0) || undefined }));
    const deletes = side === "before" ? act.made.map(({ id }) => id) : [];
    const creates = side === "after" ? act.made.map(({ values }) => values) : [];
    const items = await this.plain({ edits, deletes, creates });
    if (!items) {
      from.push(act);
      return;
    }
    const created = items.filter((item) => item.op === "create" && item.done);
    const made = side === "after" ? created.map((item) => ({ id: item.id, values: act.made[item.index]?.values ?? {} })) : act.made;
    to.push({ cells: act.cells.filter((cell) => !items.some((item) => item.id === cell.id && !item.done)), made });
    const kept = items.filter((item) => !item.done).length;
    toast(kept ? word("undoneBut", { kept }) : word(side === "before" ? "undone" : "redone"));
  }

  /** Writes without remembering it as an act; the rows are drawn as they are now. */
  private async plain(body: { edits?: unknown[]; deletes?: string[]; creates?: Values[] }): Promise<Item[] | undefined> {
    const answer = await send(this.url, body, onceKey());
    if (answer.status !== 200) {
      toast(answer.body.message ?? word("offline"));
      return undefined;
    }
    const items = answer.body["items"] as Item[];
    for (const item of items) {
      const row = this.rows.byId(item.id);
      if (row && item.op === "delete" && item.done) this.rows.remove(row);
    }
    for (const [id, fresh] of this.drawn(String(answer.body["html"] ?? ""))) {
      const row = this.rows.byId(id);
      if (row) settle(row, fresh);
      else this.rows.append([fresh]);
    }
    return items;
  }
}

function valuesOf(changes: Change[]): Values {
  return Object.fromEntries(changes.map((change) => [change.field, change.wire]));
}

/** Everything that was typed into a row that is not saved yet. */
function draftOf(row: HTMLTableRowElement): Values {
  return JSON.parse(row.dataset["draft"] ?? "{}") as Values;
}

function show(change: Change): void {
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
function mark(change: Change, why: string): void {
  const cell = change.row.cells[change.index];
  if (!cell) return;
  cell.classList.remove("is-saving");
  if (!why) return;
  cell.classList.add("is-wrong");
  cell.setAttribute("aria-invalid", "true");
  cell.title = why;
}

/** Puts a row as the server draws it in the place of the one that was edited, cell by cell. */
function settle(row: HTMLTableRowElement, fresh: HTMLTableRowElement | undefined): void {
  if (!fresh) return;
  const picked = one<HTMLInputElement>("[data-pick]", row)?.checked ?? false;
  row.classList.remove("is-wrong", "is-new");
  row.className = fresh.className;
  delete row.dataset["draft"];
  Object.assign(row.dataset, fresh.dataset);
  [...fresh.cells].forEach((cell, index) => {
    const held = row.cells[index];
    if (held?.classList.contains("is-cursor")) cell.classList.add("is-cursor");
    if (held?.classList.contains("is-chosen")) cell.classList.add("is-chosen");
    if (held) held.replaceWith(cell);
    else row.append(cell);
  });
  const box = one<HTMLInputElement>("[data-pick]", row);
  if (box) box.checked = picked;
}

function progress(done?: number, total?: number): void {
  const place = one("#grid-progress");
  if (done === undefined) return place?.remove();
  const text = word("savingRows", { done, total: total ?? 0 });
  if (place) place.textContent = text;
  else {
    const line = document.createElement("div");
    line.id = "grid-progress";
    line.className = "toast-line";
    line.setAttribute("role", "status");
    line.textContent = text;
    one("#toasts")?.append(line);
  }
}
