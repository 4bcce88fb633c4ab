// Chinese read as pinyin, and money in capitals.

import { Decimal, type Num } from "./values";
import { unempty } from "./text";

/** Syllables with the characters read so, and readings with the words read so. */
export interface Readings {
  syllables: Record<string, string>;
  words: Record<string, string>;
}

const LONGEST = 4;

type Part = { plain: string; said: string[] };

/** Reads text out by a table; without the table it stays as it is written. */
export function reader(table: Readings | null) {
  let known: Map<string, string> | null = null;
  return (text: string, style: string): string | null => {
    known ??= table === null ? new Map() : prepared(table);
    const parts = split(Array.from(text), known);
    if (style === "initials") {
      const said = ({ plain, said }: Part): string => said.map((one) => one[0]).join("") || plain;
      return unempty(parts.map(said).join(""));
    }
    if (style === "joined") {
      return unempty(parts.map(({ plain, said }) => said.join("") || plain).join(""));
    }
    if (parts.every(({ said }) => said.length === 0)) return text;
    const words = parts.map(({ plain, said }) => said.join(" ") || plain.replace(/^ +| +$/g, ""));
    return unempty(words.filter((word) => word !== "").join(" "));
  };
}

function prepared(table: Readings): Map<string, string> {
  const found = new Map<string, string>();
  for (const [syllable, characters] of Object.entries(table.syllables)) {
    for (const character of characters) found.set(character, syllable);
  }
  for (const [said, words] of Object.entries(table.words)) {
    for (const word of words.split(" ")) found.set(word, said);
  }
  return found;
}

function split(letters: string[], known: Map<string, string>): Part[] {
  const found: Part[] = [];
  let plain = "";
  for (let at = 0; at < letters.length; ) {
    let size = Math.min(LONGEST, letters.length - at);
    while (size > 0 && !known.has(letters.slice(at, at + size).join(""))) size -= 1;
    if (size === 0) {
      plain += letters[at];
      at += 1;
      continue;
    }
    if (plain !== "") found.push({ plain, said: [] });
    plain = "";
    found.push({ plain: "", said: known.get(letters.slice(at, at + size).join(""))!.split(" ") });
    at += size;
  }
  return plain === "" ? found : [...found, { plain, said: [] }];
}

const DIGITS = "零壹贰叁肆伍陆柒捌玖";
const PLACES: readonly (readonly [bigint, string])[] = [
  [1000n, "仟"], [100n, "佰"], [10n, "拾"], [1n, ""],
];

export function rmbUpper(amount: Num): string | null {
  const cents = BigInt(amount.times(100).toDecimalPlaces(0, Decimal.ROUND_HALF_UP).toFixed(0));
  const size = cents < 0n ? -cents : cents;
  if (size >= 10n ** 18n) return null;
  const whole = size / 100n;
  const tenth = Number((size / 10n) % 10n);
  const hundredth = Number(size % 10n);
  let found = whole > 0n ? `${wholeText(whole)}元` : size === 0n ? "零元" : "";
  if (tenth > 0) found += `${DIGITS[tenth]}角`;
  else if (hundredth > 0 && whole > 0n) found += "零";
  return (cents < 0n ? "负" : "") + found + (hundredth > 0 ? `${DIGITS[hundredth]}分` : "整");
}

function wholeText(number: bigint): string {
  if (number < 10_000n) return section(number);
  const [size, unit] = number < 100_000_000n ? [10_000n, "万"] : [100_000_000n, "亿"];
  const rest = number % (size as bigint);
  const gap = rest > 0n && rest < (size as bigint) / 10n ? "零" : "";
  return wholeText(number / (size as bigint)) + unit + gap + wholeText(rest);
}

function section(number: bigint): string {
  let found = "";
  let gap = false;
  for (const [size, unit] of PLACES) {
    const digit = Number((number / size) % 10n);
    if (digit > 0) found += (gap && found !== "" ? "零" : "") + DIGITS[digit] + unit;
    gap = digit === 0;
  }
  return found;
}
