// Values that the browser worked out, as a person reads them: the same as the server's.
import type { Runtime } from "@formula/runtime";
import { word } from "./dom";

type Num = NonNullable<ReturnType<Runtime["asNumber"]>>;

function formatted(text: string, scale: number | null): string {
  const negative = text.startsWith("-");
  const [whole = "0", decimals = ""] = text.replace("-", "").split(".");
  const kept = scale === null ? decimals : decimals.padEnd(scale, "0");
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  return `${negative ? "-" : ""}${grouped}${kept ? `.${kept}` : ""}`;
}

/** The text of a worked-out value; null where the server alone knows how to show it. */
export function show(value: unknown, type: string, scale: number | null): string | null {
  if (value === null || value === undefined || value === "") return "–";
  if (type === "percent" || type === "progress") return `${points(String(value))}%`;
  if (["money", "decimal", "integer", "rating"].includes(type)) return formatted(String(value), scale);
  if (type === "boolean") return word(value === true ? "yes" : "no");
  if (["choice", "link", "user", "datetime", "multi_choice"].includes(type)) return null;
  return String(value);
}

/** A fraction as percentage points, its needless zeros left out. */
function points(fraction: string): string {
  const negative = fraction.startsWith("-");
  const [whole = "0", decimals = ""] = fraction.replace("-", "").split(".");
  const digits = decimals.padEnd(2, "0");
  const left = `${whole}${digits.slice(0, 2)}`.replace(/^0+(?=\d)/, "");
  const right = digits.slice(2).replace(/0+$/, "");
  return `${negative ? "-" : ""}${left}${right ? `.${right}` : ""}`;
}

/** The total under a column of a grid. */
export function total(runtime: Runtime, values: (Num | null)[], kind: string, type: string): string {
  const held = values.filter((value): value is Num => value !== null);
  if (kind === "count") return String(held.length);
  const first = held[0];
  if (!first) return "";
  const [sum, least, most] = held.slice(1).reduce(
    ([added, low, high], value) => [runtime.add(added, value), runtime.less(value, low) ? value : low, runtime.more(value, high) ? value : high] as [Num, Num, Num],
    [first, first, first] as [Num, Num, Num],
  );
  const average = kind === "avg" ? runtime.divide(sum, runtime.n(String(held.length))) : null;
  const found = { sum, avg: average, min: least, max: most }[kind] ?? sum;
  const rounded = found && type === "money" ? runtime.round(found, runtime.n("2")) : found;
  return rounded ? (show(rounded.toFixed(), type, type === "money" ? 2 : null) ?? "") : "";
}
