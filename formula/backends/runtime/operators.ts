// Operators, and the law on blanks as each function of the catalogue declares it.

import { BACK, Decimal, type Num, THIRTEEN, type Value, ZERO } from "./values";

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

export function compare(left: Value, right: Value): number {
  if (left instanceof Decimal && right instanceof Decimal) return left.cmp(right);
  if (typeof left === "string" && typeof right === "string") return compareText(left, right);
  return (left as bigint) < (right as bigint) ? -1 : (left as bigint) > (right as bigint) ? 1 : 0;
}

/** Compares by code point, where JavaScript compares by half of a surrogate pair. */
export function compareText(left: string, right: string): number {
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
