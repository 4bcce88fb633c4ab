// Where somebody is in a list: one cell, and the range that is stretched from it.
import { all } from "./dom";
import { columnsOf, type Column } from "./grid_cells";
import type { Rows } from "./sheet_rows";

export interface Spot {
  row: HTMLTableRowElement;
  index: number;
}

/** Told before another cell becomes the one that keys are about, and once it is. */
export interface Follower {
  leaving(): void;
  arrived(cell: HTMLTableCellElement | undefined): void;
}

export class Cursor {
  at: Spot | undefined;
  private anchor: Spot | undefined;

  constructor(
    readonly rows: Rows,
    private readonly follower: Follower,
  ) {}

  get columns(): (Column | undefined)[] {
    return columnsOf(this.rows.table);
  }

  column(): Column | undefined {
    return this.at ? this.columns[this.at.index] : undefined;
  }

  cell(spot: Spot | undefined = this.at): HTMLTableCellElement | undefined {
    return spot?.row.cells[spot.index];
  }

  first(): Spot | undefined {
    const row = this.rows.all[0];
    return row ? { row, index: 1 } : undefined;
  }

  /** Makes a cell the one that keys are about; `extend` stretches the range from where it began. */
  to(spot: Spot | undefined, extend = false): void {
    if (!spot) return;
    this.follower.leaving();
    this.at = spot;
    if (!extend || !this.anchor) this.anchor = spot;
    this.rows.show(spot.row);
    this.draw();
    this.cell()?.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.follower.arrived(this.cell());
  }

  /** Chooses what lies between two cells; keys are about the first. */
  choose(first: Spot, last: Spot): void {
    this.anchor = last;
    this.to(first, true);
  }

  everything(): void {
    const rows = this.rows.all;
    const [first, last] = [rows[0], rows.at(-1)];
    if (!first || !last) return;
    this.anchor = { row: first, index: 1 };
    this.to({ row: last, index: this.columns.length - 1 }, true);
  }

  /** Lets go of the range, not of the cell. */
  alone(): void {
    this.anchor = this.at;
    this.draw();
  }

  /** The chosen cells, row by row. */
  range(): Spot[][] {
    const { rows, from, to } = this.bounds();
    return rows.map((row) => Array.from({ length: to - from + 1 }, (_, step) => ({ row, index: from + step })));
  }

  /** Draws cursor and range; rows that are not in the page are drawn when they come. */
  draw(): void {
    this.undraw();
    const { rows, from, to } = this.bounds();
    for (const row of rows) {
      if (row.isConnected) for (let index = from; index <= to; index++) row.cells[index]?.classList.add("is-chosen");
    }
    this.cell()?.classList.add("is-cursor");
    this.rows.place.dispatchEvent(new CustomEvent("cursor"));
  }

  undraw(): void {
    for (const cell of all(".is-cursor, .is-chosen", this.rows.table)) cell.classList.remove("is-cursor", "is-chosen");
  }

  async step(down: number, right: number, extend = false): Promise<void> {
    const { at } = this;
    if (!at) return;
    const last = this.columns.length - 1;
    let rows = this.rows.all;
    const wanted = rows.indexOf(at.row) + down;
    if (wanted >= rows.length && down > 0 && (await this.rows.next())) rows = this.rows.all;
    const row = rows[Math.min(Math.max(0, wanted), rows.length - 1)];
    if (row) this.to({ row, index: Math.min(Math.max(1, at.index + right), last) }, extend);
  }

  /** Tab goes along the cells and from the end of a row to the beginning of the next. */
  tab(back: boolean): void {
    const { at } = this;
    if (!at) return;
    const last = this.columns.length - 1;
    if (back ? at.index > 1 : at.index < last) return this.to({ row: at.row, index: at.index + (back ? -1 : 1) });
    const rows = this.rows.all;
    const row = rows[rows.indexOf(at.row) + (back ? -1 : 1)];
    if (row) this.to({ row, index: back ? last : 1 });
  }

  /** Whether there is no cell to go on to by Tab. */
  ends(back: boolean): boolean {
    const rows = this.rows.all;
    const { at } = this;
    return back ? at?.row === rows[0] && at?.index === 1 : at?.row === rows.at(-1) && at?.index === this.columns.length - 1;
  }

  private bounds(): { rows: HTMLTableRowElement[]; from: number; to: number } {
    if (!this.at || !this.anchor) return { rows: [], from: 1, to: 0 };
    const all = this.rows.all;
    const [first = 0, last = 0] = [all.indexOf(this.anchor.row), all.indexOf(this.at.row)].sort((a, b) => a - b);
    const [from = 1, to = 1] = [this.anchor.index, this.at.index].sort((a, b) => a - b);
    return { rows: all.slice(Math.max(0, first), last + 1), from, to };
  }
}
