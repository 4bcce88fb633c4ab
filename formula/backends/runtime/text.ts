// Functions of text, counted in code points.

import { LOWER, UPPER } from "../casing";
import { Decimal, FAR, type Num } from "./values";
import { filled } from "./numbers";

export const numberText = (number: Num): string => (number.isZero() ? "0" : number.toFixed());

const points = (text: string): string[] => Array.from(text);
const whole = (number: Num): number =>
  Decimal.max(-FAR, Decimal.min(FAR, number.trunc())).toNumber();
export const unempty = (text: string): string | null => text || null;

export const len = (text: string): Num => new Decimal(points(text).length);
export const left = (text: string, count: Num): string | null =>
  unempty(points(text).slice(0, Math.max(whole(count), 0)).join(""));

export function right(text: string, count: Num): string | null {
  const all = points(text);
  return unempty(all.slice(Math.max(all.length - Math.max(whole(count), 0), 0)).join(""));
}

export function mid(text: string, start: Num, count: Num): string | null {
  if (start.lt(1) || count.lt(1)) return null;
  const first = whole(start) - 1;
  return unempty(points(text).slice(first, first + whole(count)).join(""));
}

export function replace(text: string, start: Num, count: Num, put: string | null): string | null {
  if (start.lt(1) || count.lt(0)) return null;
  const all = points(text);
  const first = whole(start) - 1;
  const after = all.slice(first + whole(count)).join("");
  return unempty(all.slice(0, first).join("") + (put ?? "") + after);
}

export const substitute = (text: string, old: string, put: string | null): string | null =>
  unempty(text.replaceAll(old, () => put ?? ""));

export function find(part: string, text: string): Num | null {
  const at = text.indexOf(part);
  return at < 0 ? null : new Decimal(points(text.slice(0, at)).length + 1);
}

const SPACES = /^[ \t\n\r\u3000\u00a0]+|[ \t\n\r\u3000\u00a0]+$/g;

export const trim = (text: string): string | null => unempty(text.replace(SPACES, ""));

export function pad(text: string, length: Num, fill: string, side: string): string {
  const missing = fill.repeat(Math.max(length.toNumber() - points(text).length, 0));
  return side === "left" ? missing + text : text + missing;
}

export function mask(text: string, start: Num, end: Num): string {
  const all = points(text);
  const hidden = all.length - start.toNumber() - end.toNumber();
  if (hidden <= 0) return "*".repeat(all.length);
  const last = all.slice(all.length - end.toNumber()).join("");
  return all.slice(0, start.toNumber()).join("") + "*".repeat(hidden) + last;
}

export const recordText = (id: string): string => id;
export const isEmpty = (items: readonly unknown[]): boolean => items.length === 0;

export const split = (text: string | null, separator: string): string[] =>
  (text ?? "").split(separator).filter((part) => part !== "");

export function splitPart(text: string, separator: string, place: Num): string | null {
  const parts = text.split(separator);
  const at = whole(place);
  const chosen = at > 0 ? parts[at - 1] : at < 0 ? parts[parts.length + at] : undefined;
  return chosen || null;
}

export const concat = (...parts: (string | null)[]): string | null =>
  unempty(parts.map((part) => part ?? "").join(""));
export const join = (separator: string | null, ...parts: (string | null)[]): string | null =>
  unempty(filled(parts).join(separator ?? ""));

function mapping(runs: readonly (readonly number[])[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const [first, last, step, shift] of runs as readonly [number, number, number, number][]) {
    for (let point = first; point <= last; point += step) {
      found.set(String.fromCodePoint(point), String.fromCodePoint(point + shift));
    }
  }
  return found;
}

const TO_UPPER = mapping(UPPER);
const TO_LOWER = mapping(LOWER);

export const upper = (text: string): string =>
  points(text).map((letter) => TO_UPPER.get(letter) ?? letter).join("");
export const lower = (text: string): string =>
  points(text).map((letter) => TO_LOWER.get(letter) ?? letter).join("");

// Small letters without a capital of one character: a word goes on after them.
const WITHIN = "ßŉǰ";

export function proper(text: string): string {
  let inside = false;
  return points(text)
    .map((letter) => {
      const shown = inside ? lower(letter) : upper(letter);
      inside = TO_UPPER.has(letter) || TO_LOWER.has(letter) || WITHIN.includes(letter);
      return shown;
    })
    .join("");
}

export const contains = (text: string, part: string): boolean => lower(text).includes(lower(part));
export const startsWith = (text: string, part: string): boolean =>
  lower(text).startsWith(lower(part));
export const endsWith = (text: string, part: string): boolean => lower(text).endsWith(lower(part));
