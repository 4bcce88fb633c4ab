// Changed cells on their way to the server: what was refused stays visible, what was saved can be undone.
import { one, toast, word } from "./dom";
import { Acts, AT_ONCE, type Item, type Sent, type Step } from "./grid_acts";
import type { Spot } from "./grid_cursor";
import { draftOf, drawn, mark, progress, settle, show, type Change, type Values } from "./grid_drawn";
import { onceKey, send, type Answer } from "./net";
import type { Rows } from "./sheet_rows";

/** Statuses that say what became of a request; with others it may be sent again: no server, nobody signed in. */
const SAID = [200, 400, 404, 413, 422];

/** The rows of one request with what changes in them; those known when it was sent come first. */
interface Part {
  rows: [HTMLTableRowElement, Change[]][];
  known: [HTMLTableRowElement, Change[]][];
  fresh: [HTMLTableRowElement, Change[]][];
  sent?: Sent;
}

/** What somebody did at once: parts that are not answered yet, and what came of the others. */
interface Task {
  parts: Part[];
  total: number;
  saved: number;
  refused: number;
  steps: Step[];
}

export class Saving {
  private readonly acts: Acts;
  private readonly tasks: Task[] = [];
  private queue: Promise<unknown> = Promise.resolve();
  private held = false;
  /** The row that was led to last. */
  private seen: HTMLTableRowElement | undefined;

  /** `lead` brings somebody to a cell. */
  constructor(
    private readonly rows: Rows,
    private readonly url: string,
    private readonly lead: (spot: Spot) => void,
  ) {
    this.acts = new Acts(rows, url);
    window.addEventListener("online", () => this.held && void this.again());
    window.addEventListener("beforeunload", (event) => this.unsaved() && event.preventDefault());
    document.addEventListener("leaving", (event) => {
      if (this.unsaved() && !window.confirm(word("unsaved"))) event.preventDefault();
    });
  }

  /** Shows changes at once and sends them after those that are on their way; resolves when answered. */
  save(changes: Change[]): Promise<void> {
    for (const change of changes) show(change);
    this.tasks.push(taskOf(changes));
    return this.next(() => this.drain());
  }

  undo(): Promise<void> {
    return this.turn(() => this.acts.undo());
  }

  redo(): Promise<void> {
    return this.turn(() => this.acts.redo());
  }

  /** What was typed comes first: only what is saved is taken back. */
  private turn(work: () => Promise<void>): Promise<void> {
    return this.next(async () => {
      await this.drain();
      if (this.held) return;
      await work();
      this.remind();
    });
  }

  private next(work: () => Promise<void>): Promise<void> {
    const done = this.queue.then(work);
    this.queue = done.catch(() => undefined);
    return done;
  }

  /** Whether something that was typed is not on the server. */
  private unsaved(): boolean {
    return this.rows.place.isConnected && (this.tasks.length > 0 || this.wrong().length > 0);
  }

  /** Sends what was left unanswered, in the order it was typed. */
  private again(): Promise<void> {
    for (const task of this.tasks) for (const part of task.parts) for (const [, changes] of part.rows) changes.forEach(show);
    return this.next(() => this.drain());
  }

  private async drain(): Promise<void> {
    this.held = false;
    for (let task = this.tasks[0]; task; task = this.tasks[0]) {
      const unanswered = await this.through(task);
      if (unanswered) return this.hold(unanswered);
      this.tasks.shift();
      this.ended(task);
    }
  }

  /** Sends a task part by part; answers what the server said where it took a part neither way. */
  private async through(task: Task): Promise<Answer | undefined> {
    for (let part = task.parts[0]; part; part = task.parts[0]) {
      if (task.total > AT_ONCE) progress(word("savingRows", { done: task.total - rowsIn(task), total: task.total }));
      part.sent ??= this.prepared(part);
      const answer = await send(this.url, part.sent.body, part.sent.key);
      if (!SAID.includes(answer.status)) return answer;
      task.parts.shift();
      if (answer.status === 200) this.took(task, part, answer);
      else this.refusedAll(task, part, answer.body.message ?? word("offline"));
    }
    return undefined;
  }

  private prepared(part: Part): Sent {
    part.known = part.rows.filter(([row]) => row.dataset["id"]);
    part.fresh = part.rows.filter(([row]) => !row.dataset["id"]);
    const edits = part.known.map(([row, changes]) => ({ id: row.dataset["id"] ?? "", version: Number(row.dataset["version"]), values: valuesOf(changes) }));
    return { body: { edits, creates: part.fresh.map(([row]) => draftOf(row)) }, key: onceKey() };
  }

  private took(task: Task, part: Part, answer: Answer): void {
    const found = drawn(this.rows, answer);
    const step: Step = { cells: [], made: [] };
    for (const item of answer.body["items"] as Item[]) {
      const [row, changes] = (item.op === "create" ? part.fresh : part.known)[item.index] ?? [];
      if (!row || !changes) continue;
      if (!item.done) {
        task.refused++;
        this.refuse(row, changes, item);
        continue;
      }
      task.saved++;
      if (item.op === "create") step.made.push({ id: item.id, values: part.sent?.body.creates?.[item.index] ?? {} });
      else step.cells.push(...changes.map(({ field, before, wire }) => ({ id: item.id, field, before, after: wire })));
      settle(this.rows, row, found.get(item.id));
    }
    if (step.cells.length || step.made.length) task.steps.push(step);
  }

  private refusedAll(task: Task, part: Part, message: string): void {
    task.refused += part.rows.length;
    for (const [, changes] of part.rows) for (const change of changes) mark(change, message);
  }

  /** Leaves what was not answered where it was typed; it is sent with whatever is typed next, or by hand. */
  private hold(answer: Answer): void {
    this.held = true;
    const message = answer.body.message ?? word("offline");
    for (const task of this.tasks) {
      for (const [, changes] of task.parts.flatMap((part) => part.rows)) {
        for (const change of changes) {
          show(change);
          mark(change, message);
        }
      }
    }
    progress(message, { label: word("again"), act: () => void this.again() });
  }

  private ended(task: Task): void {
    this.acts.did(task.steps);
    const { saved, refused: wrong } = task;
    this.remind(wrong ? word("rowsRefused", { saved, wrong }) : "");
    if (!wrong && task.total > 1) toast(word("rowsSaved", { saved }), { label: word("undo"), act: () => void this.undo() });
  }

  /** Says which rows are still to be mended, and leads from one to the next. */
  private remind(said = ""): void {
    const wrong = this.wrong().length;
    if (wrong) progress(said || word("rowsWrong", { wrong }), { label: word("look"), act: () => this.look() });
    else progress();
  }

  private wrong(): HTMLTableRowElement[] {
    return this.rows.all.filter((row) => row.classList.contains("is-wrong"));
  }

  private look(): void {
    const wrong = this.wrong();
    const row = wrong[this.seen ? wrong.indexOf(this.seen) + 1 : 0] ?? wrong[0];
    this.seen = row;
    if (row) this.lead({ row, index: one<HTMLTableCellElement>("td.is-wrong", row)?.cellIndex ?? 1 });
  }

  private refuse(row: HTMLTableRowElement, changes: Change[], item: Item): void {
    const about = new Map(item.errors.map((error) => [error.field, error.message]));
    const whole = item.errors.filter((error) => !changes.some((change) => change.field === error.field));
    for (const change of changes) mark(change, about.get(change.field) ?? "");
    const first = changes[0];
    if (first && whole.length) mark(first, whole.map((error) => error.message).join(" "));
    row.classList.add("is-wrong");
    if (item.conflict) toast(word("changedSince"), { label: word("keepMine"), act: () => void this.overwrite(row, changes) });
  }

  /** Writes over what somebody else changed meanwhile, as the person says. */
  private async overwrite(row: HTMLTableRowElement, changes: Change[]): Promise<void> {
    const edits = [{ id: row.dataset["id"] ?? "", values: valuesOf(changes) }];
    await this.next(async () => void (await this.acts.write({ body: { edits }, key: onceKey() })));
    this.remind();
  }
}

function taskOf(changes: Change[]): Task {
  const byRow = new Map<HTMLTableRowElement, Change[]>();
  for (const change of changes) {
    const known = byRow.get(change.row);
    if (known) known.push(change);
    else byRow.set(change.row, [change]);
  }
  const rows = [...byRow];
  const starts = Array.from({ length: Math.ceil(rows.length / AT_ONCE) }, (_, at) => at * AT_ONCE);
  const parts = starts.map((start) => ({ rows: rows.slice(start, start + AT_ONCE), known: [], fresh: [] }));
  return { parts, total: rows.length, saved: 0, refused: 0, steps: [] };
}

function rowsIn(task: Task): number {
  return task.parts.reduce((sum, part) => sum + part.rows.length, 0);
}

function valuesOf(changes: Change[]): Values {
  return Object.fromEntries(changes.map((change) => [change.field, change.wire]));
}
