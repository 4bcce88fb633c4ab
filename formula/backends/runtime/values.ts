// The values that compiled formulas compute with.
//
// Decimal for numbers and percents, string for text, codes, days (YYYY-MM-DD) and ids, bigint
// microseconds for instants (since 1970, UTC) and durations, boolean, arrays, null for blank.

import { Decimal as AnyDecimal } from "decimal.js";

export const Decimal = AnyDecimal.clone({
  precision: 250,
  rounding: AnyDecimal.ROUND_HALF_UP,
  toExpNeg: -9e15,
  toExpPos: 9e15,
  modulo: AnyDecimal.ROUND_DOWN,
});

export type Num = InstanceType<typeof Decimal>;
export type Value = Num | string | bigint | boolean | null | readonly Value[];
export type Fold = (member: Reader) => Value;
export type Test = ((member: Reader) => boolean) | null;

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

export const ZERO = new Decimal(0);
export const THIRTEEN = new Decimal("1e13");
export const BACK = new Decimal("1e-13");
export const DAY = 86_400_000_000n;
export const FAR = 1_000_000;

export const floorDiv = (left: bigint, right: bigint): bigint =>
  left >= 0n ? left / right : -((-left + right - 1n) / right);
