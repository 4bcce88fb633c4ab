// Cells of a list edited in place by keyboard, with an input method, and by paste.
import { all, composing, make, one, toast, word } from "./dom";
import { columnsOf, Editors, enteredText, isText, shownText, tableOf, textOf, type Column } from "./grid_cells";
import { Saving, type Change } from "./grid_saving";
import { openRecord } from "./opening";
import { startPickers } from "./picker";
import type { Rows } from "./sheet_rows";
import { readField, writeField, type Wire } from "./values";
import { startWidgets } from "./widgets";

interface Spot {
  row: HTMLTableRowElement;
  index: number;
}

/** What was copied last: pasted again here, links and choices stay exactly what they were. */
interface Copied {
  text: string;
  entered: string[][];
}

export function startEditing(place: HTMLElement, rows: Rows): void {
  new Grid(place, rows).start();
}

class Grid {
  private at: Spot | undefined;
  private anchor: Spot | undefined;
  private editing: { field: HTMLElement; column: Column; spot: Spot } | undefined;
  private copied: Copied | undefined;
  private dragging = false;
  private readonly saving: Saving;
  private readonly editors: Editors;
  /** Holds the focus on a cell, so that an input method has somewhere to compose. */
  private readonly catcher: HTMLTextAreaElement;
  private readonly said: HTMLElement;

  constructor(
    private readonly place: HTMLElement,
    private readonly rows: Rows,
  ) {
    const url = place.dataset["writeUrl"] ?? "";
    const view = new URLSearchParams({ view: place.dataset["view"] ?? "" });
    this.saving = new Saving(rows, `${url}?${view}`);
    this.editors = new Editors(`${url}/editors?${view}`);
    this.catcher = make("textarea", { class: "grid-catcher", rows: "1", spellcheck: "false", autocomplete: "off", "aria-label": word("gridHelp") }) as HTMLTextAreaElement;
    this.said = make("div", { class: "visually-hidden", "aria-live": "polite" });
  }

  start(): void {
    this.place.append(this.catcher, this.said);
    this.place.dataset["ready"] = "true";
    this.place.addEventListener("pointerdown", (event) => this.pressed(event));
    this.place.addEventListener("pointerover", (event) => this.dragged(event));
    window.addEventListener("pointerup", () => (this.dragging = false));
    this.place.addEventListener("dblclick", (event) => {
      if (event.target instanceof Element && event.target.closest("td") && !event.target.closest("a, input, button")) this.edit();
    });
    this.catcher.addEventListener("keydown", (event) => this.keyed(event));
    this.catcher.addEventListener("compositionstart", () => this.typeOver());
    this.catcher.addEventListener("input", () => this.typeOver());
    this.catcher.addEventListener("focus", () => {
      if (!this.at) this.move(this.first());
    });
    this.catcher.addEventListener("blur", () => this.left());
    for (const name of ["copy", "cut"] as const) this.catcher.addEventListener(name, (event) => this.copy(event));
    this.catcher.addEventListener("paste", (event) => this.paste(event));
  }

  private get columns(): (Column | undefined)[] {
    return columnsOf(this.rows.table);
  }

  private column(spot: Spot | undefined = this.at): Column | undefined {
    return spot ? this.columns[spot.index] : undefined;
  }

  private cell(spot: Spot | undefined = this.at): HTMLTableCellElement | undefined {
    return spot?.row.cells[spot.index];
  }

  private first(): Spot | undefined {
    const row = this.rows.all[0];
    return row ? { row, index: 1 } : undefined;
  }

  private pressed(event: PointerEvent): void {
    const cell = event.target instanceof Element ? event.target.closest<HTMLTableCellElement>("tbody tr > td") : null;
    const row = cell?.closest<HTMLTableRowElement>("tr[data-id], tr[data-new]");
    if (!cell || !row || event.button || cell.classList.contains("pick")) return;
    if (event.target instanceof Element && event.target.closest("a, button, input, select, textarea")) return;
    event.preventDefault();
    const spot = { row, index: cell.cellIndex };
    this.dragging = true;
    this.move(spot, event.shiftKey);
  }

  private dragged(event: PointerEvent): void {
    if (!this.dragging) return;
    const cell = event.target instanceof Element ? event.target.closest<HTMLTableCellElement>("tbody tr > td") : null;
    const row = cell?.closest<HTMLTableRowElement>("tr[data-id], tr[data-new]");
    if (cell && row && !cell.classList.contains("pick")) this.move({ row, index: cell.cellIndex }, true);
  }

  /** Makes a cell the one that keys are about; `extend` stretches the range from where it began. */
  private move(spot: Spot | undefined, extend = false): void {
    if (!spot) return;
    this.finish(true);
    this.at = spot;
    if (!extend || !this.anchor) this.anchor = spot;
    this.rows.show(spot.row);
    this.draw();
    const cell = this.cell();
    cell?.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.settle();
    this.catcher.focus({ preventScroll: true });
    void this.editors.load();
    const column = this.column();
    if (cell && column) this.said.textContent = `${column.label}: ${shownText(cell) || word("blank")}${cell.title ? `. ${cell.title}` : ""}`;
  }

  /** Puts the catcher over the cell: an input method shows its candidates beside it. */
  private settle(): void {
    const cell = this.cell();
    if (!cell) return;
    const box = cell.getBoundingClientRect();
    const frame = this.place.getBoundingClientRect();
    this.catcher.value = "";
    this.catcher.classList.remove("is-open");
    Object.assign(this.catcher.style, {
      left: `${box.left - frame.left + this.place.scrollLeft}px`,
      top: `${box.top - frame.top + this.place.scrollTop}px`,
      width: `${box.width}px`,
      height: `${box.height}px`,
    });
  }

  private draw(): void {
    for (const cell of all(".is-cursor, .is-chosen", this.rows.table)) cell.classList.remove("is-cursor", "is-chosen");
    for (const spot of this.range().flat()) this.cell(spot)?.classList.add("is-chosen");
    this.cell()?.classList.add("is-cursor");
    this.place.dispatchEvent(new CustomEvent("cursor"));
  }

  private undraw(): void {
    for (const cell of all(".is-cursor, .is-chosen", this.rows.table)) cell.classList.remove("is-cursor", "is-chosen");
  }

  private range(): Spot[][] {
    const all = this.rows.all;
    if (!this.at || !this.anchor) return [];
    const [from = 0, to = 0] = [all.indexOf(this.anchor.row), all.indexOf(this.at.row)].sort((a, b) => a - b);
    const [left = 1, right = 1] = [this.anchor.index, this.at.index].sort((a, b) => a - b);
    return all.slice(Math.max(0, from), to + 1).map((row) => Array.from({ length: right - left + 1 }, (_, step) => ({ row, index: left + step })));
  }

  private async step(down: number, right: number, extend = false): Promise<void> {
    const { at } = this;
    if (!at) return;
    const last = this.columns.length - 1;
    let rows = this.rows.all;
    const wanted = rows.indexOf(at.row) + down;
    if (wanted >= rows.length && down > 0 && (await this.rows.next())) rows = this.rows.all;
    const row = rows[Math.min(Math.max(0, wanted), rows.length - 1)];
    if (row) this.move({ row, index: Math.min(Math.max(1, at.index + right), last) }, extend);
  }

  /** Tab goes along the cells and from the end of a row to the beginning of the next. */
  private tab(back: boolean): boolean {
    const { at } = this;
    if (!at) return false;
    const rows = this.rows.all;
    const here = rows.indexOf(at.row);
    const last = this.columns.length - 1;
    if (back ? at.index > 1 : at.index < last) this.move({ row: at.row, index: at.index + (back ? -1 : 1) });
    else {
      const row = rows[here + (back ? -1 : 1)];
      if (!row) return false;
      this.move({ row, index: back ? last : 1 });
    }
    return true;
  }

  private keyed(event: KeyboardEvent): void {
    if (composing(event)) return;
    const open = this.catcher.classList.contains("is-open");
    if (open) return this.typed(event);
    const mod = event.ctrlKey || event.metaKey;
    const act = mod ? this.withMod(event) : this.plain(event);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  private plain(event: KeyboardEvent): (() => unknown) | undefined {
    const { shiftKey: extend } = event;
    const page = Math.max(1, Math.floor(this.place.clientHeight / (this.at?.row.offsetHeight || 40)) - 2);
    const acts: Record<string, () => unknown> = {
      ArrowDown: () => this.step(1, 0, extend),
      ArrowUp: () => this.step(-1, 0, extend),
      ArrowLeft: () => this.step(0, -1, extend),
      ArrowRight: () => this.step(0, 1, extend),
      PageDown: () => this.step(page, 0, extend),
      PageUp: () => this.step(-page, 0, extend),
      Home: () => this.step(0, -1000, extend),
      End: () => this.step(0, 1000, extend),
      Enter: () => this.edit(),
      F2: () => this.edit(),
      Escape: () => this.escape(),
      Delete: () => this.clear(),
      Backspace: () => this.clear(),
    };
    if (event.key === "Tab") return this.tabs(extend);
    if (event.key === " " && !extend) return () => this.open();
    return acts[event.key];
  }

  private tabs(back: boolean): (() => unknown) | undefined {
    const rows = this.rows.all;
    const at = this.at;
    const edge = back ? at?.row === rows[0] && at?.index === 1 : at?.row === rows.at(-1) && at?.index === this.columns.length - 1;
    // From the last cell the focus goes on, as everywhere: nobody is caught in here.
    return edge ? undefined : () => this.tab(back);
  }

  private withMod(event: KeyboardEvent): (() => unknown) | undefined {
    const extend = event.shiftKey;
    const key = event.key.toLowerCase();
    if (key === "z") return () => (extend ? this.saving.redo() : this.saving.undo()).then(() => this.draw());
    if (key === "y") return () => this.saving.redo().then(() => this.draw());
    if (key === "d") return () => this.fillDown();
    if (key === "a") return () => this.everything();
    const acts: Record<string, () => unknown> = {
      ArrowUp: () => this.step(-1e9, 0, extend),
      ArrowDown: () => this.step(1e9, 0, extend),
      ArrowLeft: () => this.step(0, -1000, extend),
      ArrowRight: () => this.step(0, 1000, extend),
      Home: () => this.move(this.first(), extend),
      End: () => this.step(1e9, 1000, extend),
    };
    return acts[event.key];
  }

  private everything(): void {
    const rows = this.rows.all;
    const [first, last] = [rows[0], rows.at(-1)];
    if (!first || !last) return;
    this.anchor = { row: first, index: 1 };
    this.move({ row: last, index: this.columns.length - 1 }, true);
  }

  private escape(): void {
    this.anchor = this.at;
    this.draw();
  }

  private open(): void {
    const address = this.at?.row.dataset["href"];
    if (address) openRecord(address);
  }

  private left(): void {
    window.setTimeout(() => {
      if (this.place.contains(document.activeElement) || document.activeElement?.closest(".picker-list")) return;
      this.finish(true);
      this.undraw();
    });
  }

  /** The first character typed replaces what the cell holds: by itself, or in the cell's own input. */
  private typeOver(): void {
    if (this.catcher.classList.contains("is-open") || !this.at) return;
    const column = this.column();
    if (!column?.field) {
      this.catcher.value = "";
      return this.cannot();
    }
    if (isText(column)) return this.catcher.classList.add("is-open");
    const text = this.catcher.value;
    this.catcher.value = "";
    void this.openField(column, text);
  }

  private cannot(): void {
    const column = this.column();
    if (column) toast(word("notHere", { column: column.label }));
  }

  /** Opens a cell's editor with what the cell holds. */
  private edit(): void {
    const cell = this.cell();
    const column = this.column();
    if (!cell || !column) return;
    const why = one<HTMLElement>(".why-cell", cell);
    if (why) return why.click();
    if (!column.field) return column.index === 1 || one("a.row-link", cell) ? this.open() : this.cannot();
    if (isText(column) && column.type !== "date" && column.type !== "time") {
      this.catcher.value = enteredText(cell);
      this.catcher.classList.add("is-open");
      this.catcher.select();
    } else void this.openField(column);
  }

  private typed(event: KeyboardEvent): void {
    const column = this.column();
    const lines = column?.type === "long_text" && (event.altKey || event.shiftKey) && event.key === "Enter";
    if (lines) {
      event.preventDefault();
      this.catcher.setRangeText("\n", this.catcher.selectionStart, this.catcher.selectionEnd, "end");
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.settle();
    } else if (event.key === "Enter") {
      event.preventDefault();
      void this.step(event.shiftKey ? -1 : 1, 0);
    } else if (event.key === "Tab") {
      event.preventDefault();
      this.tab(event.shiftKey);
    }
  }

  /** Puts the column's own input over the cell: a choice, a picker, a day. */
  private async openField(column: Column, text?: string): Promise<void> {
    const spot = this.at;
    await this.editors.load();
    const field = this.editors.field(column);
    const cell = this.cell(spot);
    if (!field || !cell || !spot || spot !== this.at) return;
    const entered = enteredText(cell);
    if (column.type === "boolean") return void this.save([this.change(spot, column, entered === "true" ? "false" : "true")]);
    this.place.append(field);
    field.classList.add("grid-open");
    const box = cell.getBoundingClientRect();
    const frame = this.place.getBoundingClientRect();
    field.style.left = `${box.left - frame.left + this.place.scrollLeft}px`;
    field.style.top = `${box.top - frame.top + this.place.scrollTop}px`;
    field.style.minWidth = `${Math.max(box.width, 180)}px`;
    writeField(field, entered, shownText(cell));
    this.editing = { field, column, spot };
    startPickers(field, () => ({}));
    startWidgets(field);
    const input = one<HTMLInputElement | HTMLSelectElement>("[data-picker-text], select, input:not([type=hidden]), textarea", field);
    input?.focus();
    if (input instanceof HTMLInputElement && text !== undefined) {
      if (one("[data-picker]", field)) {
        input.value = text;
        input.dispatchEvent(new InputEvent("input", { bubbles: true }));
      }
    } else if (input instanceof HTMLInputElement && input.type === "text") input.select();
    if (input instanceof HTMLSelectElement) pickByLetter(input, text);
    this.follow(field, input);
  }

  private follow(field: HTMLElement, input: HTMLElement | null): void {
    field.addEventListener("keydown", (event) => {
      if (composing(event) || event.defaultPrevented) return;
      if (event.key === "Escape") {
        event.preventDefault();
        event.stopPropagation();
        this.finish(false);
        this.move(this.at);
      } else if (event.key === "Enter" || event.key === "Tab") {
        event.preventDefault();
        event.stopPropagation();
        if (event.key === "Tab") this.tab(event.shiftKey);
        else void this.step(event.shiftKey ? -1 : 1, 0);
      }
    });
    field.addEventListener("chosen", () => this.move(this.at));
    if (input instanceof HTMLSelectElement) input.addEventListener("change", () => input.dataset["typed"] === undefined && this.move(this.at));
    field.addEventListener("focusout", () => this.left());
  }

  /** Closes whatever editor is open, keeping what it holds or not. */
  private finish(keep: boolean): void {
    const { editing } = this;
    if (editing) {
      this.editing = undefined;
      const wire = readField(editing.field) ?? null;
      const text = textIn(editing.field);
      const cell = this.cell(editing.spot);
      const before = cell ? this.wireOf(cell, editing.column) : null;
      editing.field.remove();
      if (keep && JSON.stringify(wire) !== JSON.stringify(before)) this.save([{ row: editing.spot.row, index: editing.spot.index, field: editing.column.field, text, wire, before }]);
      return;
    }
    if (!this.catcher.classList.contains("is-open") || !this.at) return;
    this.catcher.classList.remove("is-open");
    const cell = this.cell();
    const column = this.column();
    const text = this.catcher.value;
    this.catcher.value = "";
    if (keep && cell && column && text !== enteredText(cell)) this.save([this.change(this.at, column, text)]);
  }

  private wireOf(cell: HTMLElement, column: Column): Wire {
    return this.editors.wire(column, enteredText(cell));
  }

  private change(spot: Spot, column: Column, text: string, shown = text): Change {
    const cell = this.cell(spot);
    const before = cell && spot.row.dataset["id"] ? this.wireOf(cell, column) : null;
    return { row: spot.row, index: spot.index, field: column.field, text: shown, wire: this.editors.wire(column, text), before };
  }

  private save(changes: Change[]): void {
    const real = changes.filter((change) => JSON.stringify(change.wire) !== JSON.stringify(change.before) || !change.row.dataset["id"]);
    if (real.length) void this.saving.save(real).then(() => this.draw());
  }

  private editable(spots: Spot[]): { spot: Spot; column: Column }[] {
    const columns = this.columns;
    return spots.flatMap((spot) => {
      const column = columns[spot.index];
      return column?.field ? [{ spot, column }] : [];
    });
  }

  private async clear(): Promise<void> {
    await this.editors.load();
    const cells = this.editable(this.range().flat());
    if (cells.length) this.save(cells.map(({ spot, column }) => this.change(spot, column, "")));
    else this.cannot();
  }

  /** The first row of the range goes into those below it. */
  private async fillDown(): Promise<void> {
    await this.editors.load();
    const [first = [], ...others] = this.range();
    const changes = others.flatMap((row) =>
      this.editable(row).map(({ spot, column }) => {
        const source = this.cell(first.find((each) => each.index === spot.index));
        return this.change(spot, column, source ? enteredText(source) : "", source ? shownText(source) : "");
      }),
    );
    this.save(changes);
  }

  private copy(event: ClipboardEvent): void {
    if (this.catcher.classList.contains("is-open")) return;
    event.preventDefault();
    const cells = this.range().map((row) => row.map((spot) => this.cell(spot)!));
    const text = textOf(cells.map((row) => row.map(shownText)));
    this.copied = { text, entered: cells.map((row) => row.map(enteredText)) };
    event.clipboardData?.setData("text/plain", text);
    if (event.type === "cut") void this.clear();
  }

  private paste(event: ClipboardEvent): void {
    if (this.catcher.classList.contains("is-open")) return;
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!text) return;
    event.preventDefault();
    void this.put(text);
  }

  /** Fills cells to the right and below, and makes new rows where there are no more. */
  private async put(text: string): Promise<void> {
    await this.editors.load();
    const { at } = this;
    if (!at) return;
    const shown = tableOf(text);
    const entered = this.copied?.text === text ? this.copied.entered : shown;
    const columns = this.columns;
    const start = this.range()[0]?.[0] ?? at;
    const rows = this.rows.all;
    const from = rows.indexOf(start.row);
    const creates = this.place.dataset["creates"] !== undefined;
    const fresh: HTMLTableRowElement[] = [];
    const changes: Change[] = [];
    let left = 0;
    shown.forEach((line, down) => {
      const known = rows[from + down];
      if (!known && !creates) return void left++;
      const row = known ?? blankRow(columns);
      if (!known) fresh.push(row);
      line.forEach((cell, right) => {
        const column = columns[start.index + right];
        if (!column?.field) return;
        const spot = { row, index: column.index };
        changes.push(this.change(spot, column, entered[down]?.[right] ?? cell, cell));
      });
    });
    if (fresh.length) this.rows.append(fresh);
    if (left) toast(word("rowsLeft", { left }));
    this.anchor = start;
    const bottom = this.rows.all[from + shown.length - 1];
    if (bottom) this.move({ row: bottom, index: Math.min(start.index + Math.max(...shown.map((line) => line.length)) - 1, columns.length - 1) }, true);
    this.save(changes);
  }
}

/** A row for a record that is not there yet. */
function blankRow(columns: (Column | undefined)[]): HTMLTableRowElement {
  const row = make("tr", { "data-new": "", class: "is-new" }) as HTMLTableRowElement;
  for (const column of columns) row.append(make("td", column ? { "data-label": column.label } : { class: "pick" }));
  return row;
}

/** What an editor shows of what it holds. */
function textIn(field: HTMLElement): string {
  const select = one<HTMLSelectElement>("select", field);
  if (select) return select.selectedOptions[0]?.text.trim() ?? "";
  const picker = one<HTMLInputElement>("[data-picker-text]", field);
  if (picker && !one("[data-chips]", field)) return picker.value;
  const chips = all("[data-chip]", field).map((chip) => chip.textContent?.trim() ?? "");
  const checked = all<HTMLInputElement>("fieldset input:checked", field).map((box) => box.nextElementSibling?.textContent?.trim() ?? "");
  const input = one<HTMLInputElement>("[data-input]", field);
  return [...chips, ...checked].join(", ") || (input instanceof HTMLInputElement && input.type !== "hidden" ? input.value.replace("T", " ") : "");
}

/** Chooses the first option that begins with what was typed. */
function pickByLetter(select: HTMLSelectElement, text: string | undefined): void {
  if (!text) return;
  const found = [...select.options].find((option) => option.text.trim().toLowerCase().startsWith(text.toLowerCase()));
  if (found) select.value = found.value;
}
