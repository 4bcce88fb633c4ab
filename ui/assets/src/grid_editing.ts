// Cells of a list edited in place: what keys, pointer and clipboard do there.
import { composing, make, one, toast, word } from "./dom";
import { Editors, enteredText, isText, shownText, type Column } from "./grid_cells";
import { Cells } from "./grid_clipboard";
import { Cursor, type Spot } from "./grid_cursor";
import type { Change } from "./grid_drawn";
import { Fields } from "./grid_fields";
import { Saving } from "./grid_saving";
import { openRecord } from "./opening";
import type { Rows } from "./sheet_rows";

/** More rows or columns than there are. */
const FAR = 1e9;

export function startEditing(place: HTMLElement, rows: Rows): void {
  new Grid(place, rows).start();
}

class Grid {
  private dragging = false;
  private readonly cursor: Cursor;
  private readonly cells: Cells;
  private readonly fields: Fields;
  private readonly saving: Saving;
  private readonly editors: Editors;
  private readonly said: HTMLElement;

  constructor(
    private readonly place: HTMLElement,
    rows: Rows,
  ) {
    const url = place.dataset["writeUrl"] ?? "";
    const view = new URLSearchParams({ view: place.dataset["view"] ?? "" });
    this.editors = new Editors(`${url}/editors?${view}`);
    this.cursor = new Cursor(rows, { leaving: () => this.finish(true), arrived: (cell) => this.arrived(cell) });
    this.cells = new Cells(this.cursor, this.editors);
    this.saving = new Saving(rows, `${url}?${view}`, (spot) => this.cursor.to(spot));
    this.fields = new Fields(place, this.editors, {
      step: (down) => void this.cursor.step(down, 0),
      tab: (back) => this.cursor.tab(back),
      stay: (keep) => this.stay(keep),
      away: () => this.left(),
    });
    this.said = make("div", { class: "visually-hidden", "aria-live": "polite" });
  }

  start(): void {
    const { place } = this;
    const { catcher } = this.fields;
    place.append(catcher, this.said);
    place.dataset["ready"] = "true";
    place.addEventListener("pointerdown", (event) => this.pressed(event));
    place.addEventListener("pointerover", (event) => this.dragged(event));
    window.addEventListener("pointerup", () => (this.dragging = false));
    place.addEventListener("dblclick", (event) => {
      if (event.target instanceof Element && event.target.closest("td") && !event.target.closest("a, input, button")) this.edit();
    });
    place.addEventListener("rows-shown", () => {
      if (document.activeElement === catcher) this.cursor.draw();
    });
    catcher.addEventListener("keydown", (event) => this.keyed(event));
    catcher.addEventListener("compositionstart", () => this.typeOver());
    catcher.addEventListener("input", () => this.typeOver());
    catcher.addEventListener("focus", () => {
      if (!this.cursor.at) this.cursor.to(this.cursor.first());
    });
    catcher.addEventListener("blur", () => this.left());
    for (const name of ["copy", "cut"] as const) catcher.addEventListener(name, (event) => this.copy(event));
    catcher.addEventListener("paste", (event) => this.paste(event));
  }

  private spotOf(event: PointerEvent): Spot | undefined {
    const cell = event.target instanceof Element ? event.target.closest<HTMLTableCellElement>("tbody tr > td") : null;
    const row = cell?.closest<HTMLTableRowElement>("tr[data-id], tr[data-new]");
    return cell && row && !cell.classList.contains("pick") ? { row, index: cell.cellIndex } : undefined;
  }

  private pressed(event: PointerEvent): void {
    const spot = this.spotOf(event);
    if (!spot || event.button) return;
    if (event.target instanceof Element && event.target.closest("a, button, input, select, textarea")) return;
    event.preventDefault();
    this.dragging = true;
    this.cursor.to(spot, event.shiftKey);
  }

  private dragged(event: PointerEvent): void {
    if (this.dragging) this.cursor.to(this.spotOf(event), true);
  }

  /** Another cell is the one that keys are about. */
  private arrived(cell: HTMLTableCellElement | undefined): void {
    this.fields.settle(cell);
    this.fields.catcher.focus({ preventScroll: true });
    void this.editors.load();
    const column = this.cursor.column();
    if (cell && column) this.said.textContent = `${column.label}: ${shownText(cell) || word("blank")}${cell.title ? `. ${cell.title}` : ""}`;
  }

  private keyed(event: KeyboardEvent): void {
    if (composing(event)) return;
    if (this.fields.typing) return this.typed(event);
    const mod = event.ctrlKey || event.metaKey;
    const act = mod ? this.withMod(event) : this.plain(event);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  private plain({ key, shiftKey: extend }: KeyboardEvent): (() => unknown) | undefined {
    const { cursor } = this;
    const page = Math.max(1, Math.floor(this.place.clientHeight / (cursor.at?.row.offsetHeight || 40)) - 2);
    const acts: Record<string, () => unknown> = {
      ArrowDown: () => cursor.step(1, 0, extend),
      ArrowUp: () => cursor.step(-1, 0, extend),
      ArrowLeft: () => cursor.step(0, -1, extend),
      ArrowRight: () => cursor.step(0, 1, extend),
      PageDown: () => cursor.step(page, 0, extend),
      PageUp: () => cursor.step(-page, 0, extend),
      Home: () => cursor.step(0, -FAR, extend),
      End: () => cursor.step(0, FAR, extend),
      Enter: () => this.edit(),
      F2: () => this.edit(),
      Escape: () => cursor.alone(),
      Delete: () => this.clear(),
      Backspace: () => this.clear(),
    };
    // From the last cell the focus goes on, as everywhere: nobody is caught in here.
    if (key === "Tab") return cursor.ends(extend) ? undefined : () => cursor.tab(extend);
    if (key === " " && !extend) return () => this.open();
    return acts[key];
  }

  private withMod(event: KeyboardEvent): (() => unknown) | undefined {
    const { cursor } = this;
    const extend = event.shiftKey;
    const letters: Record<string, () => unknown> = {
      z: () => this.turned(extend ? this.saving.redo() : this.saving.undo()),
      y: () => this.turned(this.saving.redo()),
      d: () => this.fillDown(),
      a: () => cursor.everything(),
    };
    const acts: Record<string, () => unknown> = {
      ArrowUp: () => cursor.step(-FAR, 0, extend),
      ArrowDown: () => cursor.step(FAR, 0, extend),
      ArrowLeft: () => cursor.step(0, -FAR, extend),
      ArrowRight: () => cursor.step(0, FAR, extend),
      Home: () => cursor.to(cursor.first(), extend),
      End: () => cursor.step(FAR, FAR, extend),
    };
    return letters[event.key.toLowerCase()] ?? acts[event.key];
  }

  private turned(done: Promise<void>): void {
    void done.then(() => this.cursor.draw());
  }

  private open(): void {
    const address = this.cursor.at?.row.dataset["href"];
    if (address) openRecord(address);
  }

  private left(): void {
    window.setTimeout(() => {
      if (this.place.contains(document.activeElement) || document.activeElement?.closest(".picker-list")) return;
      this.finish(true);
      this.cursor.undraw();
    });
  }

  /** The first character typed replaces what the cell holds: by itself, or in the cell's own input. */
  private typeOver(): void {
    if (this.fields.typing || !this.cursor.at) return;
    const column = this.cursor.column();
    if (column?.field && isText(column)) return this.fields.begin();
    const text = this.fields.catcher.value;
    this.fields.shut();
    if (column?.field) void this.openField(column, text);
    else this.cannot();
  }

  private cannot(): void {
    const column = this.cursor.column();
    if (column) toast(word("notHere", { column: column.label }));
  }

  /** Opens a cell's editor with what the cell holds. */
  private edit(): void {
    const cell = this.cursor.cell();
    const column = this.cursor.column();
    if (!cell || !column) return;
    const why = one<HTMLElement>(".why-cell", cell);
    if (why) return why.click();
    if (!column.field) return column.index === 1 || one("a.row-link", cell) ? this.open() : this.cannot();
    if (isText(column) && column.type !== "date" && column.type !== "time") this.fields.begin(enteredText(cell));
    else void this.openField(column);
  }

  /** A key in the catcher that is written into. */
  private typed(event: KeyboardEvent): void {
    const { catcher } = this.fields;
    const line = this.cursor.column()?.type === "long_text" && (event.altKey || event.shiftKey) && event.key === "Enter";
    if (!["Escape", "Enter", "Tab"].includes(event.key)) return;
    event.preventDefault();
    if (line) catcher.setRangeText("\n", catcher.selectionStart, catcher.selectionEnd, "end");
    else if (event.key === "Enter") void this.cursor.step(event.shiftKey ? -1 : 1, 0);
    else if (event.key === "Tab") this.cursor.tab(event.shiftKey);
    else {
      event.stopPropagation();
      this.fields.settle(this.cursor.cell());
    }
  }

  private async openField(column: Column, text?: string): Promise<void> {
    const spot = this.cursor.at;
    await this.editors.load();
    const cell = this.cursor.cell(spot);
    if (!cell || !spot || spot !== this.cursor.at || !this.editors.has(column)) return;
    if (column.type !== "boolean") return this.fields.put(spot, cell, column, text);
    this.save([this.cells.change(spot, column, enteredText(cell) === "true" ? "false" : "true")]);
  }

  private stay(keep: boolean): void {
    this.finish(keep);
    this.cursor.to(this.cursor.at);
  }

  /** Closes whatever input is open, keeping what it holds or not. */
  private finish(keep: boolean): void {
    const held = this.fields.take();
    if (held) {
      const { spot, column, wire, text } = held;
      const cell = this.cursor.cell(spot);
      const before = cell ? this.cells.wireOf(cell, column) : null;
      if (keep && JSON.stringify(wire) !== JSON.stringify(before)) this.save([{ ...spot, field: column.field, text, wire, before }]);
      return;
    }
    const { at } = this.cursor;
    const [cell, column] = [this.cursor.cell(), this.cursor.column()];
    const text = at && this.fields.shut();
    if (keep && at && cell && column && text !== undefined && text !== enteredText(cell)) this.save([this.cells.change(at, column, text)]);
  }

  private save(changes: Change[]): void {
    const real = changes.filter((change) => JSON.stringify(change.wire) !== JSON.stringify(change.before) || !change.row.dataset["id"]);
    if (real.length) this.turned(this.saving.save(real));
  }

  private async clear(): Promise<void> {
    await this.editors.load();
    const cleared = this.cells.cleared();
    if (cleared.length) this.save(cleared);
    else this.cannot();
  }

  private async fillDown(): Promise<void> {
    await this.editors.load();
    this.save(this.cells.filledDown());
  }

  private copy(event: ClipboardEvent): void {
    if (this.fields.typing) return;
    event.preventDefault();
    event.clipboardData?.setData("text/plain", this.cells.copy());
    if (event.type === "cut") void this.clear();
  }

  private paste(event: ClipboardEvent): void {
    if (this.fields.typing) return;
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!text) return;
    event.preventDefault();
    void this.editors.load().then(() => this.save(this.cells.put(text, this.place.dataset["creates"] !== undefined)));
  }
}
