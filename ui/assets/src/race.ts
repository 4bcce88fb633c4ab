// A lost race: what somebody else saved beside what was typed, field by field and line by line.
import { all, make, one, word } from "./dom";
import { put } from "./draft";
import { clearErrors } from "./errors";
import { addRow, readRow, rowsOf } from "./grid";
import type { Answer } from "./net";
import { writeField, type Wire } from "./values";

export type Row = Record<string, Wire>;

interface Value {
  entered: string;
  shown: string;
}

/** The lines of one grid as they are saved now. */
interface Lines {
  name: string;
  label: string;
  rows: { id: string; cells: Record<string, Value> }[];
}

/** What both changed: `take` does what the other person did, `keep` what it needs to stay as it was typed. */
interface Question {
  label: string;
  mine: string;
  theirs: string;
  first: "mine" | "theirs";
  take: () => void;
  keep?: () => void;
}

/** Questions, and what only the other person changed, which is taken without one. */
interface Compared {
  questions: Question[];
  untouched: (() => void)[];
}

/**
 * Asks between both values. `before` are the lines the form started with, by grid; without them every difference is asked.
 * `chosen` is told the lines that are saved now, once the form holds what was chosen.
 */
export function askBetween(form: HTMLElement, answer: Answer, before: Record<string, Row[]> | undefined, chosen: (saved: Record<string, Row[]>) => void): void {
  const dialog = one<HTMLDialogElement>("[data-conflict]");
  const rows = one("[data-conflict-rows]");
  if (!dialog || !rows) return;
  const message = one("[data-conflict-message]");
  if (message) message.textContent = answer.body.message ?? "";
  const grids = ((answer.body["lines"] ?? []) as unknown as Lines[]).flatMap((lines) => {
    const grid = one(`[data-grid="${CSS.escape(lines.name)}"]`, form);
    return grid ? [{ grid, lines, ...compare(grid, lines, before?.[lines.name]) }] : [];
  });
  const questions = [...ofFields(form, answer), ...grids.flatMap((each) => each.questions)];
  const calm = grids.filter((each) => !each.questions.length).map(({ lines }) => make("tr", {}, make("th", {}, lines.label), make("td", { colspan: "2" }, word("linesJoined"))));
  rows.replaceChildren(...questions.map(line), ...calm);
  clearErrors(form);
  const save = one("[data-conflict-save]", dialog);
  if (save) {
    save.onclick = () => {
      questions.forEach((question, index) => (taken(rows, index) ? question.take() : question.keep?.()));
      for (const act of grids.flatMap((each) => each.untouched)) act();
      dialog.close();
      chosen(Object.fromEntries(grids.map(({ grid, lines }) => [lines.name, lines.rows.map((row) => asTyped(grid, row))])));
    };
  }
  dialog.showModal();
}

function ofFields(form: HTMLElement, answer: Answer): Question[] {
  return (answer.body.theirs ?? []).map(({ name, label, shown, entered }) => {
    const field = one(`.field[data-field="${CSS.escape(name)}"]`, form);
    return { label, mine: (field && said(field)) || word("blank"), theirs: shown, first: "mine", take: () => field && writeField(field, entered, shown) };
  });
}

function compare(grid: HTMLElement, lines: Lines, before: Row[] | undefined): Compared {
  const found: Compared = { questions: [], untouched: [] };
  const known = new Map(before?.map((row) => [String(row["id"]), row]));
  const mine = new Map(rowsOf(grid).map((row) => [row.dataset["row"] ?? "", row]));
  for (const [at, saved] of lines.rows.entries()) {
    const row = mine.get(saved.id);
    const once = known.get(saved.id);
    if (row) compareCells(found, grid, { lines, at, row, once: before ? (once ?? {}) : undefined });
    else if (!once || !same(once, asTyped(grid, saved))) {
      // Lines that only they have came from them; one that I took away they have changed.
      found.questions.push({
        label: `${lines.label} · ${at + 1}`, mine: word(once ? "removed" : "none"), theirs: summary(grid, saved.cells), first: once ? "mine" : "theirs",
        take: () => restore(grid, lines, at),
      });
    }
  }
  const saved = new Set(lines.rows.map((row) => row.id));
  for (const [id, row] of mine) if (id && !saved.has(id)) found.questions.push(takenAway(grid, lines, row, known.get(id)));
  return found;
}

/** Compares what both typed into one line. */
function compareCells(found: Compared, grid: HTMLElement, { lines, at, row, once }: { lines: Lines; at: number; row: HTMLElement; once: Row | undefined }): void {
  const saved = lines.rows[at]!;
  const [typed, theirs] = [readRow(row), asTyped(grid, saved)];
  for (const cell of all("td[data-field]", row)) {
    const name = cell.dataset["field"] ?? "";
    const held = saved.cells[name];
    if (!held || same(typed[name], theirs[name])) continue;
    const take = (): void => put(cell, { text: held.entered, title: held.shown });
    if (once && same(once[name], theirs[name])) continue;
    if (once && same(once[name], typed[name])) found.untouched.push(take);
    else {
      const label = `${lines.label} · ${at + 1} · ${cell.dataset["label"] ?? name}`;
      found.questions.push({ label, mine: said(cell) || word("blank"), theirs: held.shown, first: "mine", take });
    }
  }
}

/** Asks about a line that they took away; kept, it is a new one. */
function takenAway(grid: HTMLElement, lines: Lines, row: HTMLElement, once: Row | undefined): Question {
  const mine = all("td[data-field]", row).map(said).filter(Boolean).slice(0, MOST_SAID).join(" · ");
  return {
    label: `${lines.label} · ${rowsOf(grid).indexOf(row) + 1}`, mine, theirs: word("removed"), first: once && same(once, readRow(row)) ? "theirs" : "mine",
    take: () => row.remove(),
    keep: () => (row.dataset["row"] = ""),
  };
}

/** Cells by which a line is told from others. */
const MOST_SAID = 4;

function summary(grid: HTMLElement, cells: Record<string, Value>): string {
  const names = templateCells(grid).map((cell) => cell.dataset["field"] ?? "");
  return names.filter((name) => cells[name]?.entered).map((name) => cells[name]!.shown).slice(0, MOST_SAID).join(" · ") || word("blank");
}

/** Puts a line that is not there behind those that are before it where it is saved. */
function restore(grid: HTMLElement, lines: Lines, at: number): void {
  const earlier = lines.rows.slice(0, at).map((each) => each.id);
  const before = rowsOf(grid).filter((row) => earlier.includes(row.dataset["row"] ?? "")).pop();
  const row = addRow(grid, before);
  const saved = lines.rows[at];
  if (!row || !saved) return;
  row.dataset["row"] = saved.id;
  for (const cell of all("td[data-field]", row)) {
    const held = saved.cells[cell.dataset["field"] ?? ""];
    if (held) put(cell, { text: held.entered, title: held.shown });
  }
}

/** What a saved line would hold if it stood in the grid: comparable with what is typed there. */
function asTyped(grid: HTMLElement, saved: Lines["rows"][number]): Row {
  const row = one<HTMLTemplateElement>("[data-row-template]", grid)?.content.firstElementChild?.cloneNode(true);
  if (!(row instanceof HTMLElement)) return { id: saved.id };
  for (const cell of all("td[data-field]", row)) {
    const held = saved.cells[cell.dataset["field"] ?? ""];
    if (held) writeField(cell, held.entered, held.shown);
  }
  row.dataset["row"] = saved.id;
  return readRow(row);
}

function templateCells(grid: HTMLElement): HTMLElement[] {
  const content = one<HTMLTemplateElement>("[data-row-template]", grid)?.content;
  return content ? all("td[data-field]", content) : [];
}

function same(one: Wire | Row | undefined, other: Wire | Row | undefined): boolean {
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
}

/** What a field holds, as a person reads it. */
function said(field: HTMLElement): string {
  const input = one("[data-holds], [data-picker-text], [data-input]", field);
  if (input instanceof HTMLSelectElement) return input.selectedOptions[0]?.textContent?.trim() ?? "";
  if (input instanceof HTMLFieldSetElement) return all("label:has(input:checked)", input).map((label) => label.textContent?.trim()).join(", ");
  if (!(input instanceof HTMLInputElement || input instanceof HTMLTextAreaElement)) return "";
  if (input.type === "checkbox") return word((input as HTMLInputElement).checked ? "yes" : "no");
  return input.dataset["said"] ?? input.value;
}

function line({ label, mine, theirs, first }: Question, index: number): HTMLElement {
  const choice = (value: string, shown: string): HTMLElement => {
    const input = make("input", { type: "radio", class: "form-check-input", name: `conflict-${index}`, value, ...(value === first ? { checked: "" } : {}) });
    return make("td", { "data-label": word(value === "mine" ? "yours" : "theirs") }, make("label", {}, input, make("span", {}, shown)));
  };
  return make("tr", {}, make("th", { scope: "row" }, label), choice("mine", mine), choice("theirs", theirs));
}

function taken(rows: HTMLElement, index: number): boolean {
  return one(`input[name="conflict-${index}"][value=theirs]:checked`, rows) !== null;
}
