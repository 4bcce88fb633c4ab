// What a form holds, as its formulas read it: inputs, what the server showed, what links brought.
import { toWire, type Reader, type Runtime } from "@formula/runtime";
import { all, one } from "./dom";
import { Follower } from "./reactive";
import { linkedId, read, type Wire } from "./values";

export type Formula = (record: Reader, runtime: Runtime) => never;

/** What the script of an entity says of it: types by path, computed fields, child lines, the link to what they are lines of. */
export interface Description {
  types: Record<string, string>;
  live: Record<string, { formula: string; scale: number | null }>;
  lines: Record<string, string>;
  parent: string;
}

/** What a record asks of the form that it is part of. */
export interface Around {
  readonly user: Record<string, unknown>;
  readonly settings: Record<string, unknown>;
  formula(id: string): Formula | undefined;
  runtime(): Runtime;
  linked(place: HTMLElement): Record<string, unknown>;
  members(grid: HTMLElement): readonly Reader[];
  whole(): LiveRecord;
}

/** One record of the form, the form's own or a line: what its formulas read, each value followed. */
export class LiveRecord implements Reader {
  private readonly known = new Map<string, Follower>();
  private fields: Map<string, HTMLElement> | undefined;

  constructor(
    private readonly around: Around,
    readonly place: HTMLElement,
    readonly description: Description,
  ) {}

  read(path: string): unknown {
    let found = this.known.get(path);
    if (!found) {
      found = new Follower(() => this.find(path));
      this.known.set(path, found);
    }
    return found.read();
  }

  rows(path: string): readonly Reader[] {
    // A collection is named together with what is read of its members: lines, or lines.amount.
    const [name = ""] = path.split(".");
    const grid = one(`[data-grid="${CSS.escape(name)}"]`, this.place);
    return grid ? this.around.members(grid) : [];
  }

  entityOf(): string | null {
    return null;
  }

  /** Whether the form holds a field itself, or works it out. */
  knows(name: string): boolean {
    return name in this.description.live || this.field(name) !== undefined;
  }

  /** Tells that a field holds something else, and with it what lies behind; without a name, any. */
  touch(name?: string): void {
    for (const [path, value] of this.known) {
      if (name === undefined || path === name || path.startsWith(`${name}.`)) value.touch();
    }
  }

  /** A field by its name; they are looked up once: each line asks for those of the form around it. */
  private field(name: string): HTMLElement | undefined {
    this.fields ??= new Map(all(fieldsOf(this.place), this.place).reverse().map((field) => [field.dataset["field"] ?? "", field]));
    return this.fields.get(name);
  }

  private find(path: string): unknown {
    const live = this.description.live[path];
    if (live) return this.computed(live.formula, live.scale, this.description.types[path] ?? "");
    const [root = "", ...rest] = path.split(".");
    if (root === "user") return this.around.user[rest.join(".")] ?? null;
    if (root === "setting") return this.around.settings[rest.join(".")] ?? null;
    // What lines read of the record around them is what its form holds now.
    const whole = this.around.whole();
    if (root === this.description.parent && whole !== this && whole.knows(rest[0] ?? "")) return whole.read(rest.join("."));
    if (rest.length) return this.around.linked(this.place)[path] ?? this.part(root, rest.join("."));
    return this.held(path);
  }

  /** Works a computed field out, rounded to the decimals it is kept with, as the server would. */
  private computed(id: string, scale: number | null, type: string): unknown {
    const formula = this.around.formula(id);
    if (!formula) return null;
    const runtime = this.around.runtime();
    const value = toWire(formula(this, runtime), type);
    if (scale === null || typeof value !== "string" || !["number", "percent"].includes(type)) return value;
    const number = runtime.asNumber(value);
    return number === null ? null : toWire(runtime.round(number, runtime.n(String(scale))));
  }

  /** What a field holds, on the wire: its input's value, else what the server showed. */
  private held(name: string): unknown {
    const field = this.field(name);
    if (!field) return null;
    const input = one("[data-input]", field);
    if (input) return input.dataset["several"] === undefined ? fraction(read(input)) : linkedId(read(input)) || null;
    const kept = one("[data-kept]", field)?.dataset["kept"] ?? "";
    return field.dataset["type"] === "percent" && kept ? fraction(`${kept}%`) : kept || null;
  }

  /** A part of a value that has parts: the start of a period, the city of an address. */
  private part(name: string, part: string): unknown {
    const field = this.field(name);
    const input = field ? one("[data-json]", field) : null;
    const value = input ? read(input) : null;
    if (value === null || typeof value !== "object" || Array.isArray(value)) return null;
    return value[{ start: "from", end: "to" }[part] ?? part] ?? null;
  }
}

/** The fields of a record: of a line, or of the form around its lines. */
export function fieldsOf(place: HTMLElement): string {
  return place.matches("form") ? ".field[data-field]" : "td[data-field]";
}

export function fieldOf(place: HTMLElement, name: string): HTMLElement | null {
  const kind = place.matches("form") ? ".field" : "td";
  return one(`${kind}[data-field="${CSS.escape(name)}"]`, place);
}

/** A number with as many decimals as its field keeps. */
export function padded(text: string, step: string | undefined): string {
  const scale = step?.split(".")[1]?.length ?? 0;
  const [whole = "", decimals = ""] = text.split(".");
  return scale && /^-?\d+$/.test(whole) ? `${whole}.${decimals.padEnd(scale, "0")}` : text;
}

function fraction(value: Wire): unknown {
  if (typeof value !== "string" || !value.endsWith("%")) return value;
  const points = value.slice(0, -1);
  return /^-?\d*\.?\d+$/.test(points) ? shifted(points) : null;
}

/** Moves the point two places to the left, in text, so that no digit is lost. */
function shifted(points: string): string {
  const negative = points.startsWith("-");
  const [whole = "", decimals = ""] = points.replace("-", "").split(".");
  const digits = whole.padStart(3, "0");
  return `${negative ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}${decimals}`;
}
