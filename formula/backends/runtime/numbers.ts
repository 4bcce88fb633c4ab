// Functions of logic and of numbers.

import { Decimal, type Num, type Value } from "./values";
import { compare, divide, raise, remainder } from "./operators";

export const filled = (values: readonly Value[]): Value[] => values.filter((value) => value !== null);

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

export const best = (values: readonly Value[], sense: 1 | -1): Value => {
  const found = filled(values);
  if (found.length === 0) return null;
  return found.reduce((one, other) => (compare(one, other) * sense <= 0 ? one : other));
};

export const min = (...values: Value[]): Value => best(values, 1);
export const max = (...values: Value[]): Value => best(values, -1);
export const bucket = (number: Num, ...limits: Num[]): Value =>
  best(limits.filter((limit) => limit.lte(number)), -1);
