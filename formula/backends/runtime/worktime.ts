// Working days and working time, by the tables of a business calendar.

import { DAY, Decimal, type Num } from "./values";
import { type Day, dayNumber, dayText } from "./days";
import { divide } from "./operators";

export interface Timetable {
  per_week: number;
  worked: number[];
  dates: number[];
  shifts: number[];
  week_time: number;
  week_starts: number[];
  week_values: number[];
  week_slopes: number[];
  starts: number[];
  values: number[];
  slopes: number[];
}

const FIRST = dayNumber("0001-01-01");
const LAST = dayNumber("9999-12-31") - FIRST;
const MINUTE = 60_000_000n;
const HOUR = new Decimal(3_600_000_000);

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- arguments were checked before
type Counting = (table: Timetable, ...given: any[]) => any;

/** A function that counts by a calendar. */
export const by = (table: Timetable, count: Counting) =>
  (...given: unknown[]): unknown => count(table, ...given);

/** How many sorted numbers are not above one. */
function reached(numbers: readonly number[], wanted: number): number {
  return Number(smallest(0n, BigInt(numbers.length), (at) => numbers[Number(at)]! > wanted));
}

function smallest(low: bigint, high: bigint, holds: (at: bigint) => boolean): bigint {
  while (low < high) {
    const middle = (low + high) / 2n;
    if (holds(middle)) high = middle;
    else low = middle + 1n;
  }
  return low;
}

function daysUntil(table: Timetable, day: number): number {
  const weeks = Math.floor(day / 7);
  const shift = table.shifts[reached(table.dates, day)]!;
  return weeks * table.per_week + table.worked[day - weeks * 7]! + shift;
}

function timeUntil(table: Timetable, moment: bigint): bigint {
  const weeks = moment / (7n * DAY);
  const rest = moment % (7n * DAY);
  const at = reached(table.week_starts, Number(rest / MINUTE)) - 1;
  const usual = BigInt(Number(weeks) * table.week_time + table.week_values[at]!) * MINUTE;
  const begun = rest - BigInt(table.week_starts[at]!) * MINUTE;
  const found = usual + BigInt(table.week_slopes[at]!) * begun;
  const differing = reached(table.starts, Number(moment / MINUTE));
  if (differing === 0) return found;
  const past = moment - BigInt(table.starts[differing - 1]!) * MINUTE;
  return found + BigInt(table.values[differing]!) * MINUTE + BigInt(table.slopes[differing]!) * past;
}

export function workdays(table: Timetable, start: Day, end: Day): Num {
  const first = dayNumber(start) - FIRST;
  const last = dayNumber(end) - FIRST;
  if (first > last) return new Decimal(daysUntil(table, last - 1) - daysUntil(table, first));
  return new Decimal(daysUntil(table, last) - daysUntil(table, first - 1));
}

export function addWorkdays(table: Timetable, start: Day, count: Num): Day | null {
  if (count.isZero()) return start;
  if (count.abs().gt(LAST)) return null;
  const day = dayNumber(start) - FIRST;
  const known = count.gt(0) ? daysUntil(table, day) : daysUntil(table, day - 1) + 1;
  const wanted = count.toNumber() + known;
  if (wanted < 1 || daysUntil(table, LAST) < wanted) return null;
  const found = smallest(0n, BigInt(LAST), (at) => daysUntil(table, Number(at)) >= wanted);
  return dayText(Number(found) + FIRST);
}

const fromFirst = (shown: bigint): bigint => shown - BigInt(FIRST) * DAY;

/** Hours worked between two times on a clock, both as microseconds since 1970. */
export function hoursWorked(table: Timetable, start: bigint, end: bigint): Num | null {
  const time = timeUntil(table, fromFirst(end)) - timeUntil(table, fromFirst(start));
  return divide(new Decimal(time.toString()), HOUR);
}

/** The time on a clock by which so many hours were worked. */
export function afterHours(table: Timetable, start: bigint, hours: Num): bigint | null {
  if (hours.abs().gt(90_000_000)) return null;
  const length = BigInt(hours.times(HOUR).toDecimalPlaces(0, Decimal.ROUND_HALF_UP).toFixed(0));
  if (length === 0n) return start;
  const at = fromFirst(start);
  const end = BigInt(LAST + 1) * DAY;
  const wanted = timeUntil(table, at) + length;
  if (length < 0n && wanted < 0n) return null;
  const found = length > 0n
    ? smallest(at, end, (moment) => timeUntil(table, moment) >= wanted)
    : smallest(0n, at, (moment) => timeUntil(table, moment) > wanted) - 1n;
  return found < 0n || found >= end ? null : found + BigInt(FIRST) * DAY;
}

