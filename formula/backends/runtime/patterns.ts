// The patterns of TEXT.

import { Decimal, type Num } from "./values";
import { type Day, civil, two } from "./days";

const NUMBER_PATTERN = /^([^#0,.%]*)([#,]*0+(?:,0+)*|#[#,]*)(?:\.(0+))?(%?)([^#0,.%]*)$/;

export function formatNumber(value: Num, pattern: string): string {
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

export function formatDay(day: Day, clock: number | null, pattern: string): string {
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
