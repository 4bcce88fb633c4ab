// Instants, and the clocks of zones.

import { DAY, Decimal, type Num, floorDiv } from "./values";
import { dayNumber, two } from "./days";
import { divide } from "./operators";

const FIRST_INSTANT = BigInt(dayNumber("0001-01-01")) * DAY;
const END_OF_INSTANTS = (BigInt(dayNumber("9999-12-31")) + 1n) * DAY;

export const inTime = (micros: bigint): bigint | null =>
  micros >= FIRST_INSTANT && micros < END_OF_INSTANTS ? micros : null;

export const timeBetween = (end: bigint, start: bigint): bigint => end - start;
export const addTime = (instant: bigint, length: bigint): bigint | null => inTime(instant + length);
export const subtractTime = (instant: bigint, length: bigint): bigint | null =>
  inTime(instant - length);
export const addMinutes = (instant: bigint, count: Num): bigint | null =>
  count.abs().gt(2_000_000_000) ? null : inTime(instant + BigInt(count.toFixed(0)) * 60_000_000n);
export const minutesBetween = (start: bigint, end: bigint): Num =>
  new Decimal(((end - start) / 60_000_000n).toString());

const HOUR = new Decimal(3_600_000_000);

export function makeTime(hour: Num, minute: Num): string | null {
  if (hour.lt(0) || hour.gt(23) || minute.lt(0) || minute.gt(59)) return null;
  return `${two(hour.toNumber())}:${two(minute.toNumber())}:00`;
}

export const timeHour = (time: string): Num => new Decimal(time.slice(0, 2));
export const timeMinute = (time: string): Num => new Decimal(time.slice(3, 5));
export const hours = (length: bigint): Num | null => divide(new Decimal(length.toString()), HOUR);
export const duration = (count: Num): bigint | null =>
  count.abs().gt(90_000_000)
    ? null
    : BigInt(count.times(HOUR).toDecimalPlaces(0, Decimal.ROUND_HALF_UP).toFixed(0));

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

export const shownAt = (micros: bigint, zone: string): bigint => micros + offsetAt(micros, zone);

/** The instant when a clock shows a time: the later of two, and before a change where it skips. */
export function instantShown(shown: bigint, zone: string): bigint {
  const offsets = [offsetAt(shown - DAY, zone), offsetAt(shown + DAY, zone)];
  const valid = offsets.filter((offset) => offsetAt(shown - offset, zone) === offset);
  const choice = (valid.length ? valid : offsets).reduce((one, other) => (one < other ? one : other));
  return shown - choice;
}
