// What was done in a list, to be taken back and done again: request by request, as it was written.
import { toast, word } from "./dom";
import { drawn, progress, settle, type Values } from "./grid_drawn";
import { onceKey, send } from "./net";
import type { Rows } from "./sheet_rows";
import type { Wire } from "./values";

/** Rows of one request: so many are answered, and drawn, in well under a second. */
export const AT_ONCE = 200;

interface Edit {
  id: string;
  version?: number | undefined;
  values: Values;
}

export interface Body {
  edits?: Edit[];
  creates?: Values[];
  deletes?: string[];
}

/** A request as it was sent: sent again just so, it is done once. */
export interface Sent {
  body: Body;
  key: string;
}

/** What became of one row. */
export interface Item {
  op: string;
  index: number;
  done: boolean;
  id: string;
  conflict: boolean;
  errors: { field: string; message: string }[];
}

/** What one request did: cells as they were and are, and rows that it made. */
export interface Step {
  cells: { id: string; field: string; before: Wire; after: Wire }[];
  made: { id: string; values: Values }[];
  sent?: Sent;
}

type Side = "before" | "after";

export class Acts {
  private readonly past: Step[][] = [];
  private readonly future: Step[][] = [];

  constructor(
    private readonly rows: Rows,
    private readonly url: string,
  ) {}

  /** Remembers what was done; what was taken back before is not done again any more. */
  did(steps: Step[]): void {
    if (!steps.length) return;
    this.past.push(steps);
    this.future.length = 0;
  }

  /** Takes back what was done last, but where somebody changed it since. */
  undo(): Promise<void> {
    return this.turn(this.past, this.future, "before");
  }

  redo(): Promise<void> {
    return this.turn(this.future, this.past, "after");
  }

  /** Writes without remembering it as an act; the rows are drawn as they are now. */
  async write({ body, key }: Sent): Promise<Item[] | undefined> {
    const answer = await send(this.url, body, key);
    if (answer.status !== 200) {
      toast(answer.body.message ?? word("offline"));
      return undefined;
    }
    const items = answer.body["items"] as Item[];
    for (const item of items) {
      const row = this.rows.byId(item.id);
      if (row && item.op === "delete" && item.done) this.rows.remove(row);
    }
    const fresh: HTMLTableRowElement[] = [];
    for (const [id, now] of drawn(this.rows, answer)) {
      const row = this.rows.byId(id);
      if (row) settle(this.rows, row, now);
      else fresh.push(now);
    }
    this.rows.append(fresh);
    return items;
  }

  private async turn(from: Step[][], to: Step[][], side: Side): Promise<void> {
    const act = from.pop();
    if (!act) return toast(word(side === "before" ? "nothingToUndo" : "nothingToRedo"));
    const turned: Step[] = [];
    let kept = 0;
    for (const [done, step] of act.entries()) {
      if (act.length > 1) progress(word("savingRows", { done: done * AT_ONCE, total: sizeOf(act) }));
      step.sent ??= { body: this.bodyOf(step, side), key: onceKey() };
      const items = await this.write(step.sent);
      if (!items) {
        from.push(act.slice(done));
        break;
      }
      turned.push(after(step, items, side));
      kept += items.filter((item) => !item.done).length;
    }
    progress();
    if (turned.length) to.push(turned);
    if (turned.length === act.length) toast(kept ? word("undoneBut", { kept }) : word(side === "before" ? "undone" : "redone"));
  }

  private bodyOf(step: Step, side: Side): Body {
    const byRow = new Map<string, Values>();
    for (const cell of step.cells) byRow.set(cell.id, { ...byRow.get(cell.id), [cell.field]: cell[side] });
    const edits = [...byRow].map(([id, values]) => ({ id, values, version: Number(this.rows.byId(id)?.dataset["version"] ?? 0) || undefined }));
    return side === "before" ? { edits, deletes: step.made.map(({ id }) => id) } : { edits, creates: step.made.map(({ values }) => values) };
  }
}

function sizeOf(act: Step[]): number {
  return act.reduce((sum, { cells, made }) => sum + made.length + new Set(cells.map((cell) => cell.id)).size, 0);
}

/** What is left to turn of a step the other way, once it was turned one way. */
function after(step: Step, items: Item[], side: Side): Step {
  const refused = new Set(items.filter((item) => !item.done).map((item) => item.id));
  const cells = step.cells.filter((cell) => !refused.has(cell.id));
  if (side === "before") return { cells, made: step.made };
  const created = items.filter((item) => item.op === "create" && item.done);
  return { cells, made: created.map((item) => ({ id: item.id, values: step.made[item.index]?.values ?? {} })) };
}

