// A value of named parts: inputs marked `data-part`, kept together as JSON in one hidden input.
import { all, one } from "../dom";
import { parsed } from "../values";

type Part = HTMLInputElement | HTMLSelectElement;

export interface Parts {
  /** Takes what the parts hold now as the value. */
  keep(): void;
  /** Sets some parts, and keeps them. */
  set(values: Record<string, string>): void;
  get(name: string): string;
}

/** Joins the parts of a widget; `drawn` runs whenever the value was put there by somebody else. */
export function joinParts(place: HTMLElement, drawn: () => void = () => {}): Parts {
  const held = one<HTMLInputElement>("[data-holds]", place);
  const parts = (): Part[] => all<Part>("[data-part]", place);
  const draw = (): void => {
    const value = parsed(held?.value ?? "");
    const named = value !== null && typeof value === "object" && !Array.isArray(value) ? value : {};
    for (const part of parts()) part.value = String(named[part.dataset["part"] ?? ""] ?? "");
    say();
    drawn();
  };
  const say = (): void => {
    const words = parts().map((part) => (part instanceof HTMLSelectElement ? (part.selectedOptions[0]?.text ?? "") : part.value));
    if (held) held.dataset["said"] = words.filter(Boolean).join(" ");
  };
  const keep = (): void => {
    if (!held) return;
    const filled = parts().map((part) => [part.dataset["part"] ?? "", part.value.trim()] as const).filter(([, text]) => text);
    held.value = filled.length ? JSON.stringify(Object.fromEntries(filled)) : "";
    say();
    held.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const set = (values: Record<string, string>): void => {
    for (const part of parts()) part.value = values[part.dataset["part"] ?? ""] ?? part.value;
    keep();
  };
  place.addEventListener("input", (event) => {
    if (event.target instanceof Element && event.target.matches("[data-part]")) keep();
  });
  held?.addEventListener("written", draw);
  draw();
  return { keep, set, get: (name) => one<HTMLInputElement>(`[data-part="${name}"]`, place)?.value ?? "" };
}
