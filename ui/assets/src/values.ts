// What inputs hold, as the server takes it on the wire.
import { all, one } from "./dom";

export type Wire = string | boolean | null | string[];

/** A number as people type it, as a plain one: grouping away, full-width digits narrowed. */
export function plainNumber(text: string): string {
  const narrow = text.normalize("NFKC").replace(/[\s,，]/g, "").replace(/[−–]/g, "-");
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(narrow) ? narrow.replace(/^\+/, "") : text.trim();
}

/** The value of one field, found by its element. */
export function readField(field: HTMLElement): Wire | undefined {
  const input = one<HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement | HTMLFieldSetElement>("[data-input]", field);
  return input ? read(input) : undefined;
}

export function read(input: HTMLElement): Wire {
  if (input instanceof HTMLFieldSetElement) {
    return all<HTMLInputElement>("input:checked", input).map((box) => box.value);
  }
  if (!(input instanceof HTMLInputElement)) return (input as HTMLSelectElement | HTMLTextAreaElement).value || null;
  if (input.type === "checkbox") return input.checked;
  const text = input.value.trim();
  if (!text) return input.dataset["tags"] === undefined ? null : [];
  if (input.dataset["tags"] !== undefined) return text.split(/[,，、]/).map((tag) => tag.trim()).filter(Boolean);
  if (input.dataset["percent"] !== undefined) return `${plainNumber(text.replace(/[%％]\s*$/, ""))}%`;
  if (input.dataset["number"] !== undefined) return plainNumber(text);
  if (input.type === "datetime-local") return new Date(text).toISOString();
  return text;
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
  else input.value = text;
  const shown = one<HTMLInputElement>("[data-picker-text]", field);
  if (shown) {
    shown.value = title;
    one("[data-picker]", field)?.classList.toggle("is-filled", text !== "");
  }
}

/** Shows instants in the browser's zone, as inputs for them want it. */
export function localInstants(): void {
  for (const input of all<HTMLInputElement>("[data-instant]")) {
    const at = input.dataset["instant"] ? new Date(input.dataset["instant"]) : undefined;
    if (!at) continue;
    const shifted = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
    input.value = shifted.toISOString().slice(0, 16);
    input.defaultValue = input.value;
  }
}
