// Values on their way from and to the wire.

import { DAY, Decimal, type Num, type Value, floorDiv } from "./values";
import { numberText } from "./text";
import { dayNumber, dayText, two } from "./days";

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

/** A time of day as HH:MM:SS, with a fraction only where there is one. */
export function asTime(wire: unknown): string | null {
  const found = CLOCK.exec(asText(wire) ?? "");
  if (found === null) return null;
  const fraction = (found[3] ?? "").padEnd(6, "0").slice(0, 6);
  return `${found[1]}:${found[2] ?? "00"}${fraction === "000000" ? "" : `.${fraction}`}`;
}

const CLOCK = /^(\d\d:\d\d)(?::(\d\d)(?:\.(\d+))?)?$/;

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
