// What a cell of a list holds, and how its text becomes what the server takes.
import { all, make, one } from "./dom";
import { fragment } from "./net";
import { readField, writeField, type Wire } from "./values";
import { instantOf as zonedInstant } from "./zones";

/** Types that are edited as the text they are, in the cell itself. */
const TEXTS = new Set(["text", "email", "phone", "url", "code", "barcode", "integer", "decimal", "money", "percent", "progress", "rating", "duration", "tags", "long_text", "date", "time"]);

/** Types that have no editor in a cell: their record's form has one. */
const FORM_ONLY = new Set(["rich_text", "file", "image", "signature", "address", "location", "json", "period", "encrypted"]);

export interface Column {
  index: number;
  path: string;
  field: string;
  type: string;
  label: string;
}

/** The columns of a sheet by the place of their cells; the first place is the box that chooses a row. */
export function columnsOf(table: HTMLTableElement): (Column | undefined)[] {
  return all<HTMLTableCellElement>("thead th", table).map((head, index) => {
    const { path, field = "", type = "" } = head.dataset;
    if (path === undefined) return undefined;
    return { index, path, type, field: FORM_ONLY.has(type) ? "" : field, label: one("a", head)?.textContent?.trim() ?? "" };
  });
}

export function isText(column: Column): boolean {
  return TEXTS.has(column.type);
}

/** What an editor of a cell begins with. */
export function enteredText(cell: HTMLElement): string {
  return cell.dataset["typed"] ?? cell.dataset["entered"] ?? shownText(cell);
}

/** What a cell shows, as it is copied to a spreadsheet. */
export function shownText(cell: HTMLElement): string {
  if (cell.dataset["typed"] !== undefined) return cell.dataset["typed"];
  if (one(".blank", cell)) return "";
  const marks = all(".mark, .part", cell).map((mark) => (mark.lastChild?.textContent ?? "").trim());
  return marks.length > 1 ? marks.join(", ") : (marks[0] ?? cell.textContent ?? "").trim();
}

/** Inputs of the columns, asked for once. */
export class Editors {
  private readonly templates = new Map<string, HTMLTemplateElement>();
  /** One input of each column to read texts with: thousands of cells may be pasted at once. */
  private readonly reading = new Map<string, HTMLElement>();
  private asked: Promise<void> | undefined;

  constructor(private readonly url: string) {}

  load(): Promise<void> {
    this.asked ??= fragment(this.url).then(({ status, html }) => {
      if (status !== 200) {
        this.asked = undefined;
        return;
      }
      const holder = make("div");
      holder.innerHTML = html;
      for (const each of all<HTMLTemplateElement>("template[data-editor]", holder)) this.templates.set(each.dataset["editor"] ?? "", each);
    });
    return this.asked;
  }

  has(column: Column): boolean {
    return this.templates.has(column.field);
  }

  /** A new input for a column. */
  field(column: Column): HTMLElement | undefined {
    const made = this.templates.get(column.field)?.content.firstElementChild?.cloneNode(true);
    return made instanceof HTMLElement ? made : undefined;
  }

  /** What the server takes for a text that was typed or pasted into a column. */
  wire(column: Column, text: string): Wire {
    const field = this.reader(column);
    const clean = text.trim();
    if (!field) return clean || null;
    if (one("[data-picker]", field)) return linkOf(column, clean);
    if (column.type === "long_text") return text || null;
    const input = one("[data-input]", field);
    if (input instanceof HTMLSelectElement) return optionOf([...input.options], clean) ?? (clean || null);
    if (input instanceof HTMLFieldSetElement) return severalOf(input, clean);
    if (input instanceof HTMLInputElement && input.type === "checkbox") return yes(clean);
    if (column.type === "date") return dayOf(clean);
    if (column.type === "datetime") return instantOf(clean);
    if (input instanceof HTMLInputElement && input.type !== "text") input.type = "text";
    writeField(field, column.type === "percent" ? clean.replace(/[%％]\s*$/, "") : clean);
    return readField(field) ?? null;
  }

  private reader(column: Column): HTMLElement | undefined {
    const known = this.reading.get(column.field);
    const field = known ?? this.field(column);
    if (field && !known) this.reading.set(column.field, field);
    return field;
  }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A link by its id, else by the name of a record, which the server looks for. */
function linkOf(column: Column, text: string): Wire {
  if (!text) return column.type === "links" || column.type === "users" ? [] : null;
  return UUID.test(text.split(":").pop() ?? "") ? text : { named: text };
}

function optionOf(options: HTMLOptionElement[], text: string): string | undefined {
  const wanted = text.toLowerCase();
  return options.find((each) => each.value === text || each.text.trim().toLowerCase() === wanted)?.value;
}

function severalOf(field: HTMLFieldSetElement, text: string): Wire {
  const boxes = all<HTMLInputElement>("input", field);
  const named = (part: string): string => boxes.find((box) => box.value === part || box.nextElementSibling?.textContent?.trim().toLowerCase() === part.toLowerCase())?.value ?? part;
  const parts = text.split(/[\n,，、]/).map((part) => part.trim()).filter(Boolean).map(named);
  return field.dataset["one"] === undefined ? parts : (parts[0] ?? null);
}

function yes(text: string): Wire {
  if (!text) return false;
  if (/^(true|yes|y|1|是|✓|√|x)$/i.test(text)) return true;
  return /^(false|no|n|0|否)$/i.test(text) ? false : text;
}

/** A day as people and spreadsheets write it; what is none stays the text, for the server to say so. */
function dayOf(text: string): Wire {
  const found = /^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?$/.exec(text.normalize("NFKC"));
  if (!found) return text || null;
  const [, year = "", month = "", day = ""] = found;
  return `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
}

function instantOf(text: string): Wire {
  if (!text) return null;
  const written = text.includes("T") ? text : text.replaceAll("/", "-").replace(" ", "T");
  return /[zZ]$|[+-]\d\d:?\d\d$/.test(written) ? new Date(written).toISOString() : zonedInstant(written);
}

/** Tab-separated text as a spreadsheet writes it: quoted cells may hold tabs and lines. */
export function tableOf(text: string): string[][] {
  const rows: string[][] = [[]];
  const source = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  let at = 0;
  const row = (): string[] => rows.at(-1)!;
  while (at <= source.length) {
    if (source[at] === '"') {
      let cell = "";
      for (at++; at < source.length; at++) {
        if (source[at] !== '"') cell += source[at];
        else if (source[at + 1] === '"') cell += source[at++];
        else break;
      }
      row().push(cell);
      at++;
    } else {
      const end = /[\t\n]/.exec(source.slice(at));
      const until = end ? at + end.index : source.length;
      row().push(source.slice(at, until));
      at = until;
    }
    if (source[at] === "\n") rows.push([]);
    at++;
  }
  return rows;
}

/** Cells as a spreadsheet reads them. */
export function textOf(cells: string[][]): string {
  return cells.map((row) => row.map((cell) => (/[\t\n"]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join("\t")).join("\n");
}
