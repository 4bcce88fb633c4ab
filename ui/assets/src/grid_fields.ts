// The input of a cell that is edited: the cell's own text under an input method, or its column's input over it.
import { all, composing, make, one, word } from "./dom";
import { enteredText, shownText, type Column, type Editors } from "./grid_cells";
import type { Spot } from "./grid_cursor";
import { startPickers } from "./picker";
import { readField, writeField, type Wire } from "./values";
import { startWidgets } from "./widgets";

/** What an input that is open held when it was closed. */
export interface Held {
  spot: Spot;
  column: Column;
  wire: Wire;
  text: string;
}

/** What is done when an input says that it is left, by a key or otherwise. */
export interface Leaving {
  step(down: number): void;
  tab(back: boolean): void;
  stay(keep: boolean): void;
  away(): void;
}

export class Fields {
  /** Holds the focus on a cell, so that an input method has somewhere to compose. */
  readonly catcher: HTMLTextAreaElement;
  private open: { field: HTMLElement; column: Column; spot: Spot } | undefined;

  constructor(
    private readonly place: HTMLElement,
    private readonly editors: Editors,
    private readonly leaving: Leaving,
  ) {
    this.catcher = make("textarea", { class: "grid-catcher", rows: "1", spellcheck: "false", autocomplete: "off", "aria-label": word("gridHelp") }) as HTMLTextAreaElement;
  }

  /** Whether the catcher is written into. */
  get typing(): boolean {
    return this.catcher.classList.contains("is-open");
  }

  /** Puts the catcher over the cell: an input method shows its candidates beside it. */
  settle(cell: HTMLElement | undefined): void {
    if (!cell) return;
    this.shut();
    this.over(this.catcher, cell, (box) => ({ width: `${box.width}px`, height: `${box.height}px` }));
  }

  /** Empties the catcher; answers what it held where it was written into. */
  shut(): string | undefined {
    const text = this.typing ? this.catcher.value : undefined;
    this.catcher.value = "";
    this.catcher.classList.remove("is-open");
    return text;
  }

  /** Opens the catcher; with a text it begins with that, all of it chosen. */
  begin(text?: string): void {
    this.catcher.classList.add("is-open");
    if (text === undefined) return;
    this.catcher.value = text;
    this.catcher.select();
  }

  /** Puts the column's own input over the cell: a choice, a picker, a day. */
  put(spot: Spot, cell: HTMLElement, column: Column, typed?: string): void {
    const field = this.editors.field(column);
    if (!field) return;
    this.place.append(field);
    field.classList.add("grid-open");
    this.over(field, cell, (box) => ({ minWidth: `${Math.max(box.width, 180)}px` }));
    writeField(field, enteredText(cell), shownText(cell));
    this.open = { field, column, spot };
    startPickers(field, () => ({}));
    startWidgets(field);
    const input = one<HTMLInputElement | HTMLSelectElement>("[data-picker-text], select, input:not([type=hidden]), textarea", field);
    input?.focus();
    if (input instanceof HTMLInputElement && typed !== undefined) {
      if (one("[data-picker]", field)) {
        input.value = typed;
        input.dispatchEvent(new InputEvent("input", { bubbles: true }));
      }
    } else if (input instanceof HTMLInputElement && input.type === "text") input.select();
    if (input instanceof HTMLSelectElement) pickByLetter(input, typed);
    this.follow(field, input);
  }

  /** Takes the column's input away; answers what it held. */
  take(): Held | undefined {
    const { open } = this;
    if (!open) return undefined;
    this.open = undefined;
    const held = { spot: open.spot, column: open.column, wire: readField(open.field) ?? null, text: textIn(open.field) };
    open.field.remove();
    return held;
  }

  /** Lays something over a cell, `sized` as its box says. */
  private over(part: HTMLElement, cell: HTMLElement, sized: (box: DOMRect) => Record<string, string>): void {
    const box = cell.getBoundingClientRect();
    const frame = this.place.getBoundingClientRect();
    Object.assign(part.style, {
      left: `${box.left - frame.left + this.place.scrollLeft}px`,
      top: `${box.top - frame.top + this.place.scrollTop}px`,
      ...sized(box),
    });
  }

  private follow(field: HTMLElement, input: HTMLElement | null): void {
    field.addEventListener("keydown", (event) => {
      if (composing(event) || event.defaultPrevented || !["Escape", "Enter", "Tab"].includes(event.key)) return;
      event.preventDefault();
      event.stopPropagation();
      if (event.key === "Escape") this.leaving.stay(false);
      else if (event.key === "Tab") this.leaving.tab(event.shiftKey);
      else this.leaving.step(event.shiftKey ? -1 : 1);
    });
    field.addEventListener("chosen", () => this.leaving.stay(true));
    if (input instanceof HTMLSelectElement) input.addEventListener("change", () => input.dataset["typed"] === undefined && this.leaving.stay(true));
    field.addEventListener("focusout", () => this.leaving.away());
  }
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
