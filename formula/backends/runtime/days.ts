// Functions of days: numbers since 1970-01-01 in the Gregorian calendar, continued backwards.

import { Decimal, type Num } from "./values";

export type Day = string;

export const two = (value: number): string => String(value).padStart(2, "0");

export function civil(day: Day): [number, number, number] {
  return [Number(day.slice(0, 4)), Number(day.slice(5, 7)), Number(day.slice(8, 10))];
}

export function dayNumber(day: Day): number {
  const [year, month, date] = civil(day);
  const moment = new Date(0);
  moment.setUTCFullYear(year, month - 1, date);
  return Math.round(moment.getTime() / 86_400_000);
}

export function dayText(days: number): Day | null {
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
