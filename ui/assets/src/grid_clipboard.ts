// Cells of a list taken to a spreadsheet and brought from one.
import { make, toast, word } from "./dom";
import { enteredText, shownText, tableOf, textOf, type Column, type Editors } from "./grid_cells";
import type { Cursor, Spot } from "./grid_cursor";
import type { Change } from "./grid_drawn";
import type { Wire } from "./values";

/** What was copied last: pasted again here, links and choices stay exactly what they were. */
interface Copied {
  text: string;
  entered: string[][];
}

export class Cells {
  private copied: Copied | undefined;

  constructor(
    private readonly cursor: Cursor,
    private readonly editors: Editors,
  ) {}

  /** What a cell holds, as the server takes it. */
  wireOf(cell: HTMLElement, column: Column): Wire {
    return this.editors.wire(column, enteredText(cell));
  }

  change(spot: Spot, column: Column, text: string, shown = text): Change {
    const cell = spot.row.dataset["id"] ? this.cursor.cell(spot) : undefined;
    return { row: spot.row, index: spot.index, field: column.field, text: shown, wire: this.editors.wire(column, text), before: cell ? this.wireOf(cell, column) : null };
  }

  /** The chosen cells as a spreadsheet takes them. */
  copy(): string {
    const cells = this.cursor.range().map((row) => row.flatMap((spot) => this.cursor.cell(spot) ?? []));
    const text = textOf(cells.map((row) => row.map(shownText)));
    this.copied = { text, entered: cells.map((row) => row.map(enteredText)) };
    return text;
  }

  /** Empties the chosen cells. */
  cleared(): Change[] {
    return this.editable(this.cursor.range().flat()).map(({ spot, column }) => this.change(spot, column, ""));
  }

  /** The first row of the range goes into those below it. */
  filledDown(): Change[] {
    const [first = [], ...others] = this.cursor.range();
    return others.flatMap((row) =>
      this.editable(row).map(({ spot, column }) => {
        const source = this.cursor.cell(first.find((each) => each.index === spot.index));
        return this.change(spot, column, source ? enteredText(source) : "", source ? shownText(source) : "");
      }),
    );
  }

  /** Fills cells to the right and below, and makes new rows where there are no more. */
  put(text: string, creates: boolean): Change[] {
    const start = this.cursor.range()[0]?.[0] ?? this.cursor.at;
    const shown = tableOf(text);
    if (!start) return [];
    const { columns, rows } = this.cursor;
    const known = rows.all.slice(rows.all.indexOf(start.row)).slice(0, shown.length);
    const fresh = creates ? Array.from({ length: shown.length - known.length }, () => blankRow(columns)) : [];
    const filled = [...known, ...fresh];
    rows.append(fresh);
    if (filled.length < shown.length) toast(word("rowsLeft", { left: shown.length - filled.length }));
    const wide = Math.max(...shown.map((line) => line.length));
    this.cursor.choose(start, { row: filled.at(-1)!, index: Math.min(start.index + wide - 1, columns.length - 1) });
    return this.pasted(filled, start, shown, this.copied?.text === text ? this.copied.entered : shown);
  }

  private pasted(rows: HTMLTableRowElement[], start: Spot, shown: string[][], entered: string[][]): Change[] {
    const { columns } = this.cursor;
    return rows.flatMap((row, down) =>
      (shown[down] ?? []).flatMap((text, right) => {
        const column = columns[start.index + right];
        return column?.field ? this.change({ row, index: column.index }, column, entered[down]?.[right] ?? text, text) : [];
      }),
    );
  }

  private editable(spots: Spot[]): { spot: Spot; column: Column }[] {
    const { columns } = this.cursor;
    return spots.flatMap((spot) => {
      const column = columns[spot.index];
      return column?.field ? [{ spot, column }] : [];
    });
  }
}

/** A row for a record that is not there yet. */
function blankRow(columns: (Column | undefined)[]): HTMLTableRowElement {
  const row = make("tr", { "data-new": "", class: "is-new" }) as HTMLTableRowElement;
  for (const column of columns) row.append(make("td", column ? { "data-label": column.label } : { class: "pick" }));
  return row;
}
