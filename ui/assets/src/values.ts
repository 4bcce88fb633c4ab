// What inputs hold, as the server takes it on the wire.
import { all, one } from "./dom";
import { instantOf, wallOf } from "./zones";

export type Wire = string | number | boolean | null | Wire[] | { [name: string]: Wire };

/** Where the focus goes in a field: a picker's text, a plain input, or the first part of a richer one. */
export const FOCUSABLE = "[data-picker-text], [data-input]:not([type=hidden], [hidden]), [data-part]";

/** A number as people type it, as a plain one: grouping away, full-width digits narrowed. */
export function plainNumber(text: string): string {
  const narrow = text.normalize("NFKC").replace(/[\s,，]/g, "").replace(/[−–]/g, "-");
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(narrow) ? narrow.replace(/^\+/, "") : text.trim();
}

/** Waits until the files of a form are with the server: what is saved meanwhile would lack them. */
export async function filesSent(form: ParentNode): Promise<void> {
  while (one("[data-sending]", form)) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** The value of one field, found by its element. */
export function readField(field: HTMLElement): Wire | undefined {
  const input = one<HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement | HTMLFieldSetElement>("[data-input]", field);
  return input ? read(input) : undefined;
}

export function read(input: HTMLElement): Wire {
  if (input instanceof HTMLFieldSetElement) {
    const checked = all<HTMLInputElement>("input:checked", input).map((box) => box.value);
    return input.dataset["one"] === undefined ? checked : checked[0] || null;
  }
  if (input.dataset["json"] !== undefined) return parsed((input as HTMLInputElement | HTMLTextAreaElement).value);
  if (input.dataset["ids"] !== undefined) return heldItems(input as HTMLInputElement).map((item) => item.id);
  if (!(input instanceof HTMLInputElement)) return (input as HTMLSelectElement | HTMLTextAreaElement).value || null;
  if (input.type === "checkbox") return input.checked;
  const text = input.value.trim();
  if (!text) return input.dataset["tags"] === undefined ? null : [];
  if (input.dataset["tags"] !== undefined) return text.split(/[,，、]/).map((tag) => tag.trim()).filter(Boolean);
  if (input.dataset["percent"] !== undefined) return `${plainNumber(text.replace(/[%％]\s*$/, ""))}%`;
  if (input.dataset["several"] !== undefined) return { entity: text.split(":")[0] ?? "", id: linkedId(text) };
  if (input.dataset["number"] !== undefined) return plainNumber(text);
  if (input.dataset["duration"] !== undefined) return seconds(text);
  if (input.type === "datetime-local") return instantOf(text);
  return text;
}

/** The id in a link's value, which names the entity too where there are several. */
export function linkedId(value: unknown): string {
  if (value !== null && typeof value === "object") return String((value as { id?: string }).id ?? "");
  return String(value ?? "").split(":").pop() ?? "";
}

/** JSON as it was typed; what is not JSON stays the text it is, for the server to say so. */
export function parsed(text: string): Wire {
  if (!text.trim()) return null;
  try {
    return JSON.parse(text) as Wire;
  } catch {
    return text;
  }
}

/** One of the records or files that a field holds. */
export interface Item {
  id: string;
  title: string;
  [more: string]: Wire;
}

/** The records or files that an input holds, in order. */
export function heldItems(input: HTMLInputElement): Item[] {
  const held = parsed(input.value);
  return Array.isArray(held) ? (held as Item[]) : [];
}

/** A length of time as people write it (1:30, 1.5h, 90m, 2天3小时, seconds alone) in seconds. */
export function seconds(text: string): string {
  const narrow = text.normalize("NFKC").trim().toLowerCase();
  const clock = /^(\d+):([0-5]?\d)(?::([0-5]?\d))?$/.exec(narrow);
  if (clock) return String(Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3] ?? 0));
  const size: Record<string, number> = { d: 86_400, 天: 86_400, h: 3600, 小时: 3600, 时: 3600, m: 60, 分钟: 60, 分: 60, s: 1, 秒: 1 };
  const parts = [...narrow.matchAll(/(\d+(?:\.\d+)?)\s*(d|天|h|小时|时|m|分钟|分|s|秒)[a-z]*\s*/g)];
  if (!parts.length || parts.map(([whole]) => whole).join("") !== narrow) return text;
  return String(parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (size[unit ?? ""] ?? 0), 0));
}

/** Every value of the fields directly inside, lines of grids left out. */
export function readFields(within: ParentNode): Record<string, Wire> {
  const found: Record<string, Wire> = {};
  for (const field of all(".field[data-field]", within)) {
    const value = readField(field);
    if (value !== undefined) found[field.dataset["field"] ?? ""] = value;
  }
  return found;
}

/** Puts a value as text into a field's input. */
export function writeField(field: HTMLElement, text: string, title = text): void {
  const input = one<HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement | HTMLFieldSetElement>("[data-input]", field);
  if (!input) return;
  if (input instanceof HTMLFieldSetElement) {
    for (const box of all<HTMLInputElement>("input", input)) box.checked = text.split("\n").includes(box.value);
    return;
  }
  if (input instanceof HTMLInputElement && input.type === "checkbox") input.checked = text === "true";
  else input.value = input instanceof HTMLInputElement && input.type === "datetime-local" ? wallOf(text) : text;
  if (input.dataset["holds"] !== undefined) {
    // A richer widget draws what its hidden input holds.
    input.dispatchEvent(new CustomEvent("written"));
    return;
  }
  const shown = one<HTMLInputElement>("[data-picker-text]", field);
  if (shown) {
    shown.value = title;
    one("[data-picker]", field)?.classList.toggle("is-filled", text !== "");
  }
}

/** Shows instants in the person's zone, as inputs for them want it. */
export function localInstants(): void {
  for (const input of all<HTMLInputElement>("[data-instant]")) {
    if (!input.dataset["instant"]) continue;
    input.value = wallOf(input.dataset["instant"]);
    input.defaultValue = input.value;
  }
}
