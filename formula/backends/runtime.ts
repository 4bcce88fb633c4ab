// What compiled formulas call: the language's law in the browser, to the last digit.

import { DAY, Decimal, type Moment, type Num, floorDiv } from "./runtime/values";
import {
  asBoolean, asDuration, asInstant, asList, asNumber, asRecord, asText, asTime, n, toWire,
} from "./runtime/wire";
import {
  add, differ, divide, equal, floorDivide, holds, joinText, lenient, less, lessOrEqual, look,
  member, more, moreOrEqual, multiply, negate, raise, remainder, strict, subtract,
} from "./runtime/operators";
import {
  abs, bucket, ceiling, coalesce, fit, floor, max, min, number, power, round, roundDown, roundUp,
  sign, sqrt,
} from "./runtime/numbers";
import {
  concat, contains, endsWith, find, join, left, isEmpty, len, lower, mask, mid, numberText, pad, proper,
  recordText, replace, right, split, splitPart, startsWith, substitute, trim, upper,
} from "./runtime/text";
import {
  type Day, addDays, addMonths, day, dayNumber, dayText, daysBetween, endOf, makeDate, month,
  monthEnd, monthsBetween, parts, quarter, startOf, times, week, weekday, year,
} from "./runtime/days";
import {
  addMinutes, addTime, duration, hours, inTime, instantShown, makeTime, minutesBetween, shownAt,
  subtractTime, timeBetween, timeHour, timeMinute,
} from "./runtime/instants";
import {
  type Timetable, addWorkdays, afterHours, by, hoursWorked, workdays,
} from "./runtime/worktime";
import { type Readings, reader, rmbUpper } from "./runtime/chinese";
import { formatDay, formatNumber } from "./runtime/patterns";
import {
  all, any, average, count, countDistinct, first, highest, joinMembers, last, lowest, sum,
} from "./runtime/aggregates";

const pure = {
  n, asNumber, asText, asBoolean, asRecord, asInstant, asDuration, asList, toWire, add, subtract,
  multiply, negate, divide, remainder, floorDivide, raise, joinText, equal, differ, member, less,
  lessOrEqual, more, moreOrEqual, look, strict, holds, lenient, coalesce, abs, sign, round, roundUp,
  roundDown, fit, ceiling, floor, power, sqrt, number, min, max, bucket, numberText, len, left,
  right, mid, replace, substitute, find, trim, pad, mask, concat, join, upper, lower, proper,
  contains, startsWith, endsWith, addDays, addMonths, monthEnd, daysBetween, monthsBetween, weekday,
  startOf, endOf, makeDate, year, quarter, month, day, week, parts, times, timeBetween, addTime,
  subtractTime, addMinutes, minutesBetween, sum, count, countDistinct, average, lowest, highest, any,
  all, joinMembers, first, last, split, splitPart, by, workdays, addWorkdays, rmbUpper,
  asTime, duration, hours, makeTime, timeHour, timeMinute, recordText, isEmpty,
};

/** Everything a compiled formula calls, at one moment; PINYIN needs the table of readings. */
export function createRuntime(moment: Moment, readings: Readings | null = null) {
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
    workhours: (table: Timetable, start: bigint, end: bigint): Num | null =>
      hoursWorked(table, shownAt(start, zone), shownAt(end, zone)),
    addWorkhours: (table: Timetable, start: bigint, hours: Num): bigint | null => {
      const found = afterHours(table, shownAt(start, zone), hours);
      return found === null ? null : inTime(instantShown(found, zone));
    },
    pinyin: reader(readings),
    text: (value: Num | Day | bigint, pattern: string): string => {
      if (value instanceof Decimal) return formatNumber(value, pattern);
      if (typeof value === "string") return formatDay(value, null, pattern);
      return formatDay(localDay(value)!, secondOfDay(value), pattern);
    },
  };
}

export type Runtime = ReturnType<typeof createRuntime>;

export { toWire } from "./runtime/wire";
export type { Moment, Reader } from "./runtime/values";
