// What compiled formulas call: the language's law in the browser, to the last digit.
//
// Values: Decimal for numbers and percents, string for text, codes, days (YYYY-MM-DD) and ids,
// bigint microseconds for instants (since 1970, UTC) and durations, boolean, arrays, null for blank.

import { Decimal as AnyDecimal } from "decimal.js";

import { LOWER, UPPER } from "./casing";

const Decimal = AnyDecimal.clone({
  precision: 250,
  rounding: AnyDecimal.ROUND_HALF_UP,
  toExpNeg: -9e15,
  toExpPos: 9e15,
  modulo: AnyDecimal.ROUND_DOWN,
});

type Num = InstanceType<typeof Decimal>;
type Value = Num | string | bigint | boolean | null | readonly Value[];
type Fold = (member: Reader) => Value;
type Test = ((member: Reader) => boolean) | null;

/** One record, as the page holds it: values as they are on the wire. */
export interface Reader {
  read(path: string): unknown;
  rows(path: string): readonly Reader[];
  entityOf(path: string): string | null;
}

/** When the form was opened: the instant (RFC 3339), the day in the tenant's zone, and that zone. */
export interface Moment {
  now: string;
  today: string;
  zone: string;
}

const ZERO = new Decimal(0);
const THIRTEEN = new Decimal("1e13");
const BACK = new Decimal("1e-13");
const DAY = 86_400_000_000n;
const FAR = 1_000_000;

// Wire to values.

export const n = (text: string): Num => new Decimal(text);

export function asNumber(wire: unknown): Num | null {
  if (wire === null || wire === undefined || wire === "") return null;
  if (wire instanceof Decimal) return wire;
  try {
    const number = new Decimal(typeof wire === "object" ? String(wire) : (wire as string | number));
    return number.isFinite() ? number : null;
  } catch {
    return null; // what is being typed is not a number yet
  }
}

export const asText = (wire: unknown): string | null =>
  wire === null || wire === undefined || wire === "" ? null : String(wire).normalize("NFC");

export const asBoolean = (wire: unknown): boolean => wire === true || wire === "true";

export function asRecord(wire: unknown): string | null {
  if (wire !== null && typeof wire === "object" && "id" in wire) return asText(wire.id);
  return asText(wire);
}

export function asInstant(wire: unknown): bigint | null {
  const text = asText(wire);
  const found = text === null ? null : INSTANT.exec(text);
  if (found === null || found === undefined) return null;
  const [, day, hour, minute, second, fraction, sign, offsetHour, offsetMinute] = found;
  const seconds = Number(hour) * 3600 + Number(minute) * 60 + Number(second ?? 0);
  const offset = sign
    ? (Number(offsetHour) * 3600 + Number(offsetMinute) * 60) * (sign === "-" ? -1 : 1)
    : 0;
  const micros = BigInt((fraction ?? "").padEnd(6, "0").slice(0, 6) || 0);
  return BigInt(dayNumber(day!)) * DAY + BigInt(seconds - offset) * 1_000_000n + micros;
}

const INSTANT =
  /^(\d{4}-\d\d-\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(?:Z|([-+])(\d\d):?(\d\d))$/;

export function asDuration(wire: unknown): bigint | null {
  const seconds = asNumber(wire);
  return seconds === null ? null : BigInt(seconds.times(1e6).toFixed(0));
}

export const asList = (wire: unknown, convert: (item: unknown) => Value): Value[] =>
  Array.isArray(wire) ? wire.map(convert) : [];

/** Back to the wire; instants need to be told from durations. */
export function toWire(value: Value, kind = ""): unknown {
  if (value instanceof Decimal) return numberText(value);
  if (typeof value === "bigint") return kind === "datetime" ? instantText(value) : secondsText(value);
  return Array.isArray(value) ? value.map((item) => toWire(item as Value, kind)) : value;
}

const secondsText = (micros: bigint): string =>
  numberText(new Decimal(micros.toString()).times("1e-6"));

function instantText(micros: bigint): string {
  const day = floorDiv(micros, DAY);
  const rest = micros - day * DAY;
  const clock = Number(rest / 1_000_000n);
  const fraction = (rest % 1_000_000n).toString().padStart(6, "0");
  const time = [clock / 3600, (clock / 60) % 60, clock % 60].map((part) => two(Math.floor(part)));
  return `${dayText(Number(day))}T${time.join(":")}${fraction === "000000" ? "" : `.${fraction}`}Z`;
}

const floorDiv = (left: bigint, right: bigint): bigint =>
  left >= 0n ? left / right : -((-left + right - 1n) / right);

// Operators.

const zero = (value: Num | null): Num => value ?? ZERO;

export const add = (left: Num | null, right: Num | null): Num => zero(left).plus(zero(right));
export const subtract = (left: Num | null, right: Num | null): Num => zero(left).minus(zero(right));
export const multiply = (left: Num | null, right: Num | null): Num => zero(left).times(zero(right));
export const negate = (operand: Num | null): Num => zero(operand).negated();

export function divide(left: Num | null, right: Num | null): Num | null {
  if (right === null || right.isZero()) return null;
  // One rounding only: digits are cut at 13 decimals before the half is looked at.
  const cut = zero(left).times(THIRTEEN).divToInt(right).times(BACK);
  return cut.toDecimalPlaces(12, Decimal.ROUND_HALF_UP);
}

export function remainder(left: Num | null, right: Num | null): Num | null {
  if (right === null || right.isZero()) return null;
  const rest = zero(left).mod(right);
  return !rest.isZero() && rest.isNegative() !== right.isNegative() ? rest.plus(right) : rest;
}

export function floorDivide(left: Num | null, right: Num | null): Num | null {
  const rest = remainder(left, right);
  return rest === null ? null : zero(left).minus(rest).divToInt(right!);
}

export function raise(base: Num | null, exponent: Num): Num {
  let found: Num = new Decimal(1);
  for (let time = 0; time < exponent.toNumber(); time += 1) found = found.times(zero(base));
  return found;
}

export const joinText = (left: string | null, right: string | null): string | null =>
  (left ?? "") + (right ?? "") || null;

export function equal(left: Value, right: Value): boolean {
  return left instanceof Decimal && right instanceof Decimal ? left.eq(right) : left === right;
}

export const differ = (left: Value, right: Value): boolean => !equal(left, right);

export const member = (value: Value, list: readonly Value[]): boolean =>
  list.some((item) => equal(item, value));

function compare(left: Value, right: Value): number {
  if (left instanceof Decimal && right instanceof Decimal) return left.cmp(right);
  if (typeof left === "string" && typeof right === "string") return compareText(left, right);
  return (left as bigint) < (right as bigint) ? -1 : (left as bigint) > (right as bigint) ? 1 : 0;
}

/** Compares by code point, where JavaScript compares by half of a surrogate pair. */
function compareText(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at += 1) {
    if (left.charCodeAt(at) !== right.charCodeAt(at)) {
      const high = at > 0 && isHigh(left.charCodeAt(at - 1)) ? at - 1 : at;
      return left.codePointAt(high)! - right.codePointAt(high)!;
    }
  }
  return left.length - right.length;
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;

export const less = (left: Value, right: Value): boolean =>
  left !== null && right !== null && compare(left, right) < 0;
export const lessOrEqual = (left: Value, right: Value): boolean =>
  left !== null && right !== null && compare(left, right) <= 0;
export const more = (left: Value, right: Value): boolean => less(right, left);
export const moreOrEqual = (left: Value, right: Value): boolean => lessOrEqual(right, left);

export const look = (table: Record<string, Value>, code: string | null, blank: Value): Value =>
  code !== null && Object.hasOwn(table, code) ? table[code]! : blank;

// The law on blanks, as each function of the catalogue declares it.

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- arguments were checked before
type AnyFunction = (...given: any[]) => Value;

export const strict = (call: AnyFunction, ...given: Value[]): Value =>
  given.includes(null) ? null : call(...given);
export const holds = (call: AnyFunction, ...given: Value[]): boolean =>
  given.includes(null) ? false : (call(...given) as boolean);
export const lenient = (call: AnyFunction, places: number[], ...given: Value[]): Value =>
  given.some((value, place) => value === null && !places.includes(place)) ? null : call(...given);

// Logic and numbers.

const filled = (values: readonly Value[]): Value[] => values.filter((value) => value !== null);

export const coalesce = (...values: Value[]): Value => filled(values)[0] ?? null;
export const abs = (number: Num): Num => number.abs();
export const sign = (number: Num): Num =>
  new Decimal(number.isZero() ? 0 : number.isNegative() ? -1 : 1);

function atScale(number: Num, digits: number, mode: 0 | 1 | 4): Num {
  if (digits >= 0) return number.toDecimalPlaces(digits, mode);
  const unit = new Decimal(10).pow(-digits);
  return number.div(unit).toDecimalPlaces(0, mode).times(unit);
}

export const round = (number: Num, digits: Num): Num => atScale(number, digits.toNumber(), 4);
export const roundUp = (number: Num, digits: Num): Num => atScale(number, digits.toNumber(), 0);
export const roundDown = (number: Num, digits: Num): Num => atScale(number, digits.toNumber(), 1);

export function fit(number: Num, digits: Num, scale: Num): Num | null {
  const found = number.toDecimalPlaces(scale.toNumber(), Decimal.ROUND_HALF_UP);
  return found.abs().gte(new Decimal(10).pow(digits)) ? null : found;
}

export function ceiling(number: Num, step: Num): Num | null {
  const rest = remainder(number, step.abs());
  if (rest === null) return null;
  return rest.isZero() ? number : number.minus(rest).plus(step.abs());
}

export function floor(number: Num, step: Num): Num | null {
  const rest = remainder(number, step.abs());
  return rest === null ? null : number.minus(rest);
}

export function power(base: Num, exponent: Num): Num | null {
  const found = raise(base, exponent.abs());
  return exponent.isNegative()
    ? divide(new Decimal(1), found)
    : found.toDecimalPlaces(12, Decimal.ROUND_HALF_UP);
}

export const sqrt = (number: Num): Num | null =>
  number.isNegative() && !number.isZero()
    ? null
    : number.sqrt().toDecimalPlaces(12, Decimal.ROUND_HALF_UP);

export function number(text: string): Num | null {
  const compact = text.replace(/^ +| +$/g, "");
  if (!/^[-+]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.[0-9]+)?$/.test(compact)) return null;
  return fit(new Decimal(compact.replaceAll(",", "")), new Decimal(20), new Decimal(10));
}

const best = (values: readonly Value[], sense: 1 | -1): Value => {
  const found = filled(values);
  if (found.length === 0) return null;
  return found.reduce((one, other) => (compare(one, other) * sense <= 0 ? one : other));
};

export const min = (...values: Value[]): Value => best(values, 1);
export const max = (...values: Value[]): Value => best(values, -1);
export const bucket = (number: Num, ...limits: Num[]): Value =>
  best(limits.filter((limit) => limit.lte(number)), -1);

// Text, counted in code points.

export const numberText = (number: Num): string => (number.isZero() ? "0" : number.toFixed());

const points = (text: string): string[] => Array.from(text);
const whole = (number: Num): number =>
  Decimal.max(-FAR, Decimal.min(FAR, number.trunc())).toNumber();
const unempty = (text: string): string | null => text || null;

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

export function proper(text: string): string {
  let inside = false;
  return points(text)
    .map((letter) => {
      const shown = inside ? lower(letter) : upper(letter);
      inside = TO_UPPER.has(letter) || TO_LOWER.has(letter);
      return shown;
    })
    .join("");
}

export const contains = (text: string, part: string): boolean => lower(text).includes(lower(part));
export const startsWith = (text: string, part: string): boolean =>
  lower(text).startsWith(lower(part));
export const endsWith = (text: string, part: string): boolean => lower(text).endsWith(lower(part));

// Days: numbers since 1970-01-01 in the Gregorian calendar, continued backwards.

type Day = string;

const two = (value: number): string => String(value).padStart(2, "0");

function civil(day: Day): [number, number, number] {
  return [Number(day.slice(0, 4)), Number(day.slice(5, 7)), Number(day.slice(8, 10))];
}

function dayNumber(day: Day): number {
  const [year, month, date] = civil(day);
  const moment = new Date(0);
  moment.setUTCFullYear(year, month - 1, date);
  return Math.round(moment.getTime() / 86_400_000);
}

function dayText(days: number): Day | null {
  const moment = new Date(days * 86_400_000);
  const year = moment.getUTCFullYear();
  if (Number.isNaN(year) || year < 1 || year > 9999) return null;
  return `${String(year).padStart(4, "0")}-${two(moment.getUTCMonth() + 1)}-${two(moment.getUTCDate())}`;
}

const lengthOf = (year: number, month: number): number => {
  const moment = new Date(0);
  moment.setUTCFullYear(year, month, 0);
  return moment.getUTCDate();
};

const text4 = (year: number, month: number, date: number): Day =>
  `${String(year).padStart(4, "0")}-${two(month)}-${two(date)}`;

export function addDays(day: Day, count: Num): Day | null {
  return count.abs().gt(4_000_000) ? null : dayText(dayNumber(day) + count.toNumber());
}

function shifted(day: Day, count: Num): [number, number] | null {
  if (count.abs().gt(200_000)) return null;
  const [year, month] = civil(day);
  const index = year * 12 + month - 1 + count.toNumber();
  const found = Math.floor(index / 12);
  return found < 1 || found > 9999 ? null : [found, index - found * 12 + 1];
}

export function addMonths(day: Day, count: Num): Day | null {
  const found = shifted(day, count);
  return found && text4(...found, Math.min(civil(day)[2], lengthOf(...found)));
}

export function monthEnd(day: Day, count: Num): Day | null {
  const found = shifted(day, count);
  return found && text4(...found, lengthOf(...found));
}

export const daysBetween = (end: Day, start: Day): Num =>
  new Decimal(dayNumber(end) - dayNumber(start));

export function monthsBetween(start: Day, end: Day): Num {
  const [fromYear, fromMonth, fromDay] = civil(start);
  const [toYear, toMonth, toDay] = civil(end);
  let months = (toYear - fromYear) * 12 + toMonth - fromMonth;
  if (end >= start && toDay < fromDay) months -= 1;
  else if (end < start && toDay > fromDay) months += 1;
  return new Decimal(months);
}

export const weekday = (day: Day): Num =>
  new Decimal(((((dayNumber(day) + 3) % 7) + 7) % 7) + 1);

export function startOf(day: Day, unit: string): Day | null {
  const [year, month] = civil(day);
  if (unit === "year") return text4(year, 1, 1);
  if (unit === "quarter") return text4(year, Math.floor((month - 1) / 3) * 3 + 1, 1);
  if (unit === "month") return text4(year, month, 1);
  return unit === "week" ? dayText(dayNumber(day) + 1 - weekday(day).toNumber()) : day;
}

export function endOf(day: Day, unit: string): Day | null {
  const [year, month] = civil(day);
  const last = unit === "year" ? 12 : unit === "quarter" ? Math.ceil(month / 3) * 3 : month;
  if (unit === "week") return dayText(dayNumber(day) + 7 - weekday(day).toNumber());
  return unit === "day" ? day : text4(year, last, lengthOf(year, last));
}

export function makeDate(year: Num, month: Num, day: Num): Day | null {
  const inside = year.gte(1) && year.lte(9999) && month.gte(1) && month.lte(12) && day.gte(1);
  if (!inside || day.gt(lengthOf(year.toNumber(), month.toNumber()))) return null;
  return text4(year.toNumber(), month.toNumber(), day.toNumber());
}

export const year = (day: Day): Num => new Decimal(civil(day)[0]);
export const quarter = (day: Day): Num => new Decimal(Math.ceil(civil(day)[1] / 3));
export const month = (day: Day): Num => new Decimal(civil(day)[1]);
export const day = (day: Day): Num => new Decimal(civil(day)[2]);

export function week(day: Day): Num {
  // The week belongs to the year of its Thursday.
  const thursday = dayNumber(day) + 4 - weekday(day).toNumber();
  const first = new Date(thursday * 86_400_000);
  first.setUTCMonth(0, 1);
  return new Decimal(Math.floor((thursday - Math.round(first.getTime() / 86_400_000)) / 7) + 1);
}

export const parts = (count: Num, size: Num): Num => count.divToInt(size);
export const times = (count: Num, factor: Num): Num => count.times(factor);

// Instants.

const FIRST_INSTANT = BigInt(dayNumber("0001-01-01")) * DAY;
const END_OF_INSTANTS = (BigInt(dayNumber("9999-12-31")) + 1n) * DAY;

const inTime = (micros: bigint): bigint | null =>
  micros >= FIRST_INSTANT && micros < END_OF_INSTANTS ? micros : null;

export const timeBetween = (end: bigint, start: bigint): bigint => end - start;
export const addTime = (instant: bigint, length: bigint): bigint | null => inTime(instant + length);
export const subtractTime = (instant: bigint, length: bigint): bigint | null =>
  inTime(instant - length);
export const addMinutes = (instant: bigint, count: Num): bigint | null =>
  count.abs().gt(2_000_000_000) ? null : inTime(instant + BigInt(count.toFixed(0)) * 60_000_000n);
export const minutesBetween = (start: bigint, end: bigint): Num =>
  new Decimal(((end - start) / 60_000_000n).toString());

const formats = new Map<string, Intl.DateTimeFormat>();

/** Microseconds that the clock of a zone is ahead of UTC at an instant. */
function offsetAt(micros: bigint, zone: string): bigint {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone, hourCycle: "h23", era: "short", year: "numeric", month: "2-digit",
      day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
    });
    formats.set(zone, format);
  }
  const second = floorDiv(micros, 1_000_000n);
  const shown = Object.fromEntries(
    format.formatToParts(new Date(Number(second) * 1000)).map(({ type, value }) => [type, value]),
  );
  const day = dayNumber(`${shown.year!.padStart(4, "0")}-${shown.month}-${shown.day}`);
  const clock = Number(shown.hour) * 3600 + Number(shown.minute) * 60 + Number(shown.second);
  return (BigInt(day) * 86_400n + BigInt(clock) - second) * 1_000_000n;
}

const shownAt = (micros: bigint, zone: string): bigint => micros + offsetAt(micros, zone);

/** The instant when a clock shows a time: the later of two, and before a change where it skips. */
function instantShown(shown: bigint, zone: string): bigint {
  const offsets = [offsetAt(shown - DAY, zone), offsetAt(shown + DAY, zone)];
  const valid = offsets.filter((offset) => offsetAt(shown - offset, zone) === offset);
  const choice = (valid.length ? valid : offsets).reduce((one, other) => (one < other ? one : other));
  return shown - choice;
}

// Patterns of TEXT.

const NUMBER_PATTERN = /^([^#0,.%]*)([#,]*0+(?:,0+)*|#[#,]*)(?:\.(0+))?(%?)([^#0,.%]*)$/;

function formatNumber(value: Num, pattern: string): string {
  const [, prefix, core, decimals, percent, suffix] = NUMBER_PATTERN.exec(pattern)!;
  const scaled = percent ? value.times(100) : value;
  const places = (decimals ?? "").length;
  const rounded = scaled.toDecimalPlaces(places, Decimal.ROUND_HALF_UP);
  let [digits = "", fraction] = rounded.abs().toFixed(places).split(".");
  digits = digits.padStart(Math.max(core!.split("0").length - 1, 1), "0");
  if (core!.includes(",")) digits = digits.replace(/\B(?=(\d{3})+$)/g, ",");
  const sign = rounded.isNegative() && !rounded.isZero() ? "-" : "";
  return `${sign}${prefix}${digits}${fraction ? `.${fraction}` : ""}${percent}${suffix}`;
}

function formatDay(day: Day, clock: number | null, pattern: string): string {
  const [year, month, date] = civil(day);
  const codes = clock === null ? /YYYY|YY|MM|M|DD|D|Q/g : /YYYY|YY|MM|M|DD|D|Q|HH|H|mm|ss/g;
  const seconds = clock ?? 0;
  const hour = Math.floor(seconds / 3600);
  const shown: Record<string, string> = {
    YYYY: String(year).padStart(4, "0"), YY: two(year % 100), MM: two(month), M: String(month),
    DD: two(date), D: String(date), Q: String(Math.ceil(month / 3)), HH: two(hour),
    H: String(hour), mm: two(Math.floor(seconds / 60) % 60), ss: two(seconds % 60),
  };
  return pattern.replace(codes, (code) => shown[code]!);
}

// Aggregates.

function values(members: readonly Reader[], value: Fold | null, test: Test): Value[] {
  const chosen = test === null ? members : members.filter((member) => test(member));
  return value === null ? chosen.map(() => true) : filled(chosen.map(value));
}

export const sum = (members: readonly Reader[], value: Fold, test: Test): Num =>
  values(members, value, test).reduce<Num>((total, item) => total.plus(item as Num), ZERO);
export const count = (members: readonly Reader[], value: Fold | null, test: Test): Num =>
  new Decimal(values(members, value, test).length);

export function countDistinct(members: readonly Reader[], value: Fold, test: Test): Num {
  const keys = values(members, value, test).map((item) =>
    item instanceof Decimal ? numberText(item) : item,
  );
  return new Decimal(new Set(keys).size);
}

export function average(members: readonly Reader[], value: Fold, test: Test): Num | null {
  return divide(sum(members, value, test), count(members, value, test));
}

export const lowest = (members: readonly Reader[], value: Fold, test: Test): Value =>
  best(values(members, value, test), 1);
export const highest = (members: readonly Reader[], value: Fold, test: Test): Value =>
  best(values(members, value, test), -1);
export const any = (members: readonly Reader[], value: Fold, test: Test): boolean =>
  values(members, value, test).includes(true);
export const all = (members: readonly Reader[], value: Fold, test: Test): boolean =>
  !values(members, value, test).includes(false);

export function joinMembers(
  members: readonly Reader[], value: Fold, test: Test, separator: string,
): string | null {
  return unempty((values(members, value, test) as string[]).sort(compareText).join(separator));
}

function end(
  members: readonly Reader[], value: Fold, test: Test, order: readonly Fold[], sense: 1 | -1,
): Value {
  const chosen = test === null ? members : members.filter((member) => test(member));
  const sorted = chosen.map((member) => ({ member, keys: order.map((key) => key(member)) }));
  sorted.sort((one, other) => compareKeys(one.keys, other.keys, sense));
  return sorted.length === 0 ? null : value(sorted[0]!.member);
}

/** Blanks come after all others, whichever end is asked for. */
function compareKeys(left: readonly Value[], right: readonly Value[], sense: 1 | -1): number {
  for (let at = 0; at < left.length; at += 1) {
    const one = left[at]!;
    const other = right[at]!;
    if (equal(one, other)) continue;
    if (one === null || other === null) return one === null ? 1 : -1;
    return compare(one, other) * sense;
  }
  return 0;
}

export const first = (members: readonly Reader[], value: Fold, test: Test, order: readonly Fold[]) =>
  end(members, value, test, order, 1);
export const last = (members: readonly Reader[], value: Fold, test: Test, order: readonly Fold[]) =>
  end(members, value, test, order, -1);

const pure = {
  n, asNumber, asText, asBoolean, asRecord, asInstant, asDuration, asList, toWire, add, subtract,
  multiply, negate, divide, remainder, floorDivide, raise, joinText, equal, differ, member, less,
  lessOrEqual, more, moreOrEqual, look, strict, holds, lenient, coalesce, abs, sign, round, roundUp,
  roundDown, fit, ceiling, floor, power, sqrt, number, min, max, bucket, numberText, len, left,
  right, mid, replace, substitute, find, trim, pad, mask, concat, join, upper, lower, proper,
  contains, startsWith, endsWith, addDays, addMonths, monthEnd, daysBetween, monthsBetween, weekday,
  startOf, endOf, makeDate, year, quarter, month, day, week, parts, times, timeBetween, addTime,
  subtractTime, addMinutes, minutesBetween, sum, count, countDistinct, average, lowest, highest, any,
  all, joinMembers, first, last,
};

/** Everything a compiled formula calls, at one moment. */
export function createRuntime(moment: Moment) {
  const { zone } = moment;
  const localDay = (micros: bigint): Day | null =>
    dayText(Number(floorDiv(shownAt(micros, zone), DAY)));
  const secondOfDay = (micros: bigint): number => {
    const shown = shownAt(micros, zone);
    return Number((shown - floorDiv(shown, DAY) * DAY) / 1_000_000n);
  };
  return {
    ...pure,
    today: (): Day => moment.today,
    now: (): bigint | null => asInstant(moment.now),
    localDate: localDay,
    hour: (micros: bigint): Num => new Decimal(Math.floor(secondOfDay(micros) / 3600)),
    minute: (micros: bigint): Num => new Decimal(Math.floor(secondOfDay(micros) / 60) % 60),
    atTime: (day: Day, hour: Num, minute: Num): bigint | null => {
      if (hour.lt(0) || hour.gt(23) || minute.lt(0) || minute.gt(59)) return null;
      const clock = BigInt(hour.times(60).plus(minute).toFixed(0)) * 60_000_000n;
      return instantShown(BigInt(dayNumber(day)) * DAY + clock, zone);
    },
    move: (micros: bigint, months: Num, days: Num): bigint | null => {
      const shown = shownAt(micros, zone);
      const day = floorDiv(shown, DAY);
      const moved = addMonths(dayText(Number(day))!, months);
      const found = moved === null ? null : addDays(moved, days);
      if (found === null) return null;
      return inTime(instantShown(BigInt(dayNumber(found)) * DAY + shown - day * DAY, zone));
    },
    text: (value: Num | Day | bigint, pattern: string): string => {
      if (value instanceof Decimal) return formatNumber(value, pattern);
      if (typeof value === "string") return formatDay(value, null, pattern);
      return formatDay(localDay(value)!, secondOfDay(value), pattern);
    },
  };
}

export type Runtime = ReturnType<typeof createRuntime>;
