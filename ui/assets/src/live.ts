// The form's formulas: conditions, defaults, copies and computed fields follow every keystroke.
import { createRuntime, toWire, type Moment, type Reader, type Runtime } from "@formula/runtime";
import { all, one, word } from "./dom";
import { rowsOf } from "./grid";
import { ask } from "./net";
import { show, total } from "./shown";
import { FOCUSABLE, linkedId, read, readField, writeField, type Wire } from "./values";

type Formula = (record: Reader, runtime: Runtime) => never;

interface Description {
  types: Record<string, string>;
  live: Record<string, { formula: string; scale: number | null }>;
  lines: Record<string, string>;
}

interface Script {
  formulas: Record<string, Formula>;
  entities: Record<string, Description>;
  readsChinese: boolean;
}

interface State {
  entity: string;
  linked: Record<string, unknown>;
  lines: Record<string, Record<string, Record<string, unknown>>>;
  moment: Moment;
  user: Record<string, unknown>;
  settings: Record<string, unknown>;
}

interface Copied {
  field: string;
  formula: string;
  path: string;
  ask: boolean;
}

/** One record of the form, the form's own or a line: what its formulas read. */
class LiveRecord implements Reader {
  private readonly known = new Map<string, unknown>();

  constructor(
    private readonly form: LiveForm,
    readonly place: HTMLElement,
    readonly description: Description,
  ) {}

  read(path: string): unknown {
    if (!this.known.has(path)) {
      // A formula that reads itself through others would never end: it reads a blank instead.
      this.known.set(path, null);
      this.known.set(path, this.find(path));
    }
    return this.known.get(path);
  }

  rows(path: string): readonly Reader[] {
    // A collection is named together with what is read of its members: lines, or lines.amount.
    const [name = ""] = path.split(".");
    const grid = one(`[data-grid="${CSS.escape(name)}"]`, this.place);
    return grid ? rowsOf(grid).map((row) => this.form.record(row)) : [];
  }

  entityOf(): string | null {
    return null;
  }

  private find(path: string): unknown {
    const live = this.description.live[path];
    if (live) return this.form.computed(this, live.formula, live.scale, this.description.types[path]);
    const [root = "", ...rest] = path.split(".");
    if (root === "user") return this.form.state.user[rest.join(".")] ?? null;
    if (root === "setting") return this.form.state.settings[rest.join(".")] ?? null;
    if (rest.length) return this.form.linkedOf(this.place)[path] ?? this.form.part(this.place, root, rest.join("."));
    return this.form.fieldValue(this.place, path);
  }
}

export class LiveForm {
  readonly state: State;
  private runtime: Runtime;
  private script: Script = { formulas: {}, entities: {}, readsChinese: false };
  private readonly linked = new WeakMap<HTMLElement, Record<string, unknown>>();
  private records = new Map<HTMLElement, LiveRecord>();
  private readonly dirty = new WeakSet<HTMLElement>();
  private readonly learning = new Set<Promise<void>>();

  constructor(private readonly form: HTMLFormElement) {
    this.state = JSON.parse(one("[data-form-state]", form)?.textContent ?? "{}") as State;
    this.runtime = createRuntime(this.state.moment);
    this.linked.set(form, { ...this.state.linked });
    for (const grid of all("[data-grid]", form)) {
      const lines = this.state.lines[grid.dataset["grid"] ?? ""] ?? {};
      for (const row of rowsOf(grid)) this.linked.set(row, { ...lines[row.dataset["row"] ?? ""] });
    }
  }

  /** Loads the entity's formulas, and follows the form from then on. */
  async start(): Promise<void> {
    this.script = (await import(/* @vite-ignore */ this.form.dataset["script"] ?? "")) as Script;
    if (this.script.readsChinese) {
      // A large table, for the few forms that read Chinese out.
      const readings = await import("@formula/pinyin.json");
      this.runtime = createRuntime(this.state.moment, readings.default);
    }
    this.form.addEventListener("input", (event) => {
      if (event.target instanceof HTMLElement) this.dirty.add(event.target.closest<HTMLElement>("[data-field]") ?? event.target);
      this.update();
    });
    this.form.addEventListener("change", () => this.update());
    this.form.addEventListener("chosen", (event) => void this.chosen(event.target as HTMLElement, (event as CustomEvent).detail !== "restored"));
    this.form.addEventListener("row-added", (event) => this.fillDefaults(event.target as HTMLElement));
    this.form.addEventListener("row-copied", (event) => {
      const from = (event as CustomEvent<HTMLElement>).detail;
      this.linked.set(event.target as HTMLElement, { ...this.linkedOf(from) });
    });
    if (!this.form.dataset["version"]) {
      this.fillDefaults(this.form);
      await this.copyGiven();
    }
    this.update();
  }

  record(place: HTMLElement): LiveRecord {
    const found = this.records.get(place);
    if (found) return found;
    const made = new LiveRecord(this, place, this.describe(place));
    this.records.set(place, made);
    return made;
  }

  linkedOf(place: HTMLElement): Record<string, unknown> {
    return this.linked.get(place) ?? {};
  }

  /** Works a computed field out, rounded to the decimals it is kept with, as the server would. */
  computed(record: LiveRecord, id: string, scale: number | null, type = ""): unknown {
    const formula = this.script.formulas[id];
    if (!formula) return null;
    const value = toWire(formula(record, this.runtime), type);
    if (scale === null || typeof value !== "string" || !["number", "percent"].includes(type)) return value;
    const { asNumber, round, n } = this.runtime;
    const number = asNumber(value);
    return number === null ? null : toWire(round(number, n(String(scale))));
  }

  /** What a field holds, on the wire: its input's value, else what the server showed. */
  fieldValue(place: HTMLElement, name: string): unknown {
    const field = this.fieldOf(place, name);
    if (!field) return null;
    const input = one("[data-input]", field);
    if (input) return input.dataset["several"] === undefined ? fraction(read(input)) : linkedId(read(input)) || null;
    const kept = one("[data-kept]", field)?.dataset["kept"] ?? "";
    return field.dataset["type"] === "percent" && kept ? fraction(`${kept}%`) : kept || null;
  }

  /** A part of a value that has parts: the start of a period, the city of an address. */
  part(place: HTMLElement, name: string, part: string): unknown {
    const input = one("[data-json]", this.fieldOf(place, name) ?? document.createElement("i"));
    const value = input ? read(input) : null;
    if (value === null || typeof value !== "object" || Array.isArray(value)) return null;
    return value[{ start: "from", end: "to" }[part] ?? part] ?? null;
  }

  private fieldOf(place: HTMLElement, name: string): HTMLElement | null {
    const kind = place === this.form ? ".field" : "td";
    return one(`${kind}[data-field="${CSS.escape(name)}"]`, place);
  }

  private describe(place: HTMLElement): Description {
    const entity = place === this.form ? this.state.entity : (place.closest<HTMLElement>("[data-grid]")?.dataset["entity"] ?? "");
    return this.script.entities[entity] ?? { types: {}, live: {}, lines: {} };
  }

  /** Everything a picker's filter may refer to, by field name. */
  valuesAround(picker: HTMLElement): Record<string, unknown> {
    const place = picker.closest<HTMLElement>("[data-row]") ?? this.form;
    const kind = place === this.form ? ".field" : "td";
    const found: Record<string, Wire> = {};
    for (const field of all(`${kind}[data-field]`, place)) {
      const value = readField(field);
      if (value !== undefined && value !== null) found[field.dataset["field"] ?? ""] = value;
    }
    return found;
  }

  /** Brings the whole form up to date with what it holds now. */
  update(): void {
    this.records = new Map();
    this.follow(this.form, ".field[data-field]");
    for (const grid of all("[data-grid]", this.form)) {
      for (const row of rowsOf(grid)) this.follow(row, "td[data-field]");
      this.addUp(grid);
    }
  }

  private follow(place: HTMLElement, fields: string): void {
    const record = this.record(place);
    if (place === this.form) {
      for (const part of all("section[data-visible-when], [role=tab][data-visible-when]", place)) {
        part.hidden = !this.holds(record, part.dataset["visibleWhen"], true);
      }
    }
    for (const field of all(fields, place)) {
      if (field.dataset["visibleWhen"]) this.hide(place, field, !this.holds(record, field.dataset["visibleWhen"], true));
      if (field.dataset["requiredWhen"]) require(field, this.holds(record, field.dataset["requiredWhen"], false));
      if (field.dataset["readonlyWhen"]) lock(field, this.holds(record, field.dataset["readonlyWhen"], false));
      for (const option of all<HTMLOptionElement>("option[data-when]", field)) {
        option.hidden = option.disabled = !this.holds(record, option.dataset["when"], true);
      }
      const output = one("[data-live]", field);
      if (output) this.print(record, output, field.dataset["type"] ?? "");
    }
  }

  private hide(place: HTMLElement, field: HTMLElement, hidden: boolean): void {
    if (place === this.form) field.hidden = hidden || field.dataset["empty"] !== undefined;
    else field.classList.toggle("is-away", hidden);
  }

  private holds(record: Reader, id: string | undefined, otherwise: boolean): boolean {
    const formula = id ? this.script.formulas[id] : undefined;
    return formula ? formula(record, this.runtime) === true : otherwise;
  }

  private print(record: LiveRecord, output: HTMLElement, type: string): void {
    const name = output.dataset["live"] ?? "";
    const scale = record.description.live[name]?.scale ?? null;
    const text = show(record.read(name), type, scale);
    if (text !== null && output.textContent?.trim() !== text) output.textContent = text;
    // A new record's computed value shows itself once there is one.
    const field = output.closest<HTMLElement>("[data-empty]");
    if (field && text !== null && text !== "–" && (type !== "boolean" || record.read(name) === true)) {
      field.hidden = false;
      delete field.dataset["empty"];
    }
  }

  private addUp(grid: HTMLElement): void {
    for (const output of all("[data-total]", grid)) {
      const name = output.dataset["total"] ?? "";
      const rows = rowsOf(grid).map((row) => this.record(row));
      const values = rows.map((row) => this.runtime.asNumber(row.read(name)));
      const type = one(`td[data-field="${CSS.escape(name)}"]`, grid)?.dataset["type"] ?? "";
      output.textContent = total(this.runtime, values, output.dataset["totalKind"] ?? "sum", type);
    }
  }

  private fillDefaults(place: HTMLElement): void {
    if (place !== this.form) this.linked.set(place, {});
    this.records = new Map();
    const record = this.record(place);
    for (const field of all(place === this.form ? ".field[data-default]" : "td[data-default]", place)) {
      const formula = this.script.formulas[field.dataset["default"] ?? ""];
      const type = field.dataset["type"] ?? "";
      if (!formula || readField(field)) continue;
      const value = toWire(formula(record, this.runtime), type);
      this.put(field, value, type, one("[data-link]", field) ? this.titleOf(place, value) : undefined);
    }
  }

  /** What a record that a formula yields is called: the person themselves, or one behind a link. */
  private titleOf(place: HTMLElement, id: unknown): string | undefined {
    const { user } = this.state;
    if (id && id === user["id"]) return String(user["name"]);
    const linked = this.linkedOf(place);
    const path = Object.keys(linked).find((each) => linked[each] === id && `${each}#title` in linked);
    return path && String(linked[`${path}#title`]);
  }

  private put(field: HTMLElement, value: unknown, type: string, title?: string): void {
    const text = value === null || value === undefined ? "" : String(value);
    const step = one("[data-step]", field)?.dataset["step"];
    const shown = type === "percent" && text ? show(text, type, null)?.replace("%", "") ?? "" : padded(text, step);
    writeField(field, shown, title ?? shown);
  }

  /** A link was chosen: learn what formulas need of its record, then copy what it brings. */
  private async chosen(input: HTMLElement, copying: boolean): Promise<void> {
    const field = input.closest<HTMLElement>("[data-field]");
    const place = input.closest<HTMLElement>("[data-row]") ?? this.form;
    if (field) await this.learn(place, field, copying);
    this.update();
  }

  /** Waits until everything that chosen links bring is in the form, what follows from it as well. */
  async settled(): Promise<void> {
    while (this.learning.size) await Promise.all(this.learning);
  }

  private async learn(place: HTMLElement, field: HTMLElement, copying = true): Promise<void> {
    const learned = this.fetched(place, field, copying);
    this.learning.add(learned);
    this.form.dataset["learning"] = "";
    await learned;
    this.learning.delete(learned);
    if (!this.learning.size) delete this.form.dataset["learning"];
  }

  private async fetched(place: HTMLElement, field: HTMLElement, copying: boolean): Promise<void> {
    const name = field.dataset["field"] ?? "";
    const id = linkedId(readField(field));
    const entity = place === this.form ? this.state.entity : (place.closest<HTMLElement>("[data-grid]")?.dataset["entity"] ?? "");
    const before = Object.entries(this.linkedOf(place)).filter(([path]) => !path.startsWith(`${name}.`));
    const url = `${this.form.dataset["linked"]}/${entity}/${name}/${id}`;
    const learned = id ? (await ask(url)).body : {};
    this.linked.set(place, { ...Object.fromEntries(before), ...learned });
    if (id && copying) this.copy(place, field);
  }

  private copy(place: HTMLElement, field: HTMLElement): void {
    this.records = new Map();
    const record = this.record(place);
    const copies = JSON.parse(one("[data-copies]", field)?.dataset["copies"] ?? "[]") as Copied[];
    for (const each of copies) {
      const target = this.fieldOf(place, each.field);
      const formula = this.script.formulas[each.formula];
      if (!target || !formula || !one("[data-input]", target)) continue;
      const type = target.dataset["type"] ?? "";
      const value = toWire(formula(record, this.runtime), type);
      if (this.dirty.has(target) && readField(target) && !window.confirm(word("overwrite", { field: label(target) }))) continue;
      this.put(target, value, type, this.linkedOf(place)[`${each.path}#title`] as string | undefined);
      if (one("[data-link]", target) && value) void this.learn(place, target).then(() => this.update());
    }
  }

  /** A form that opens with links already chosen copies from them, as if they had just been chosen. */
  private async copyGiven(): Promise<void> {
    for (const field of all(".field[data-field]", this.form)) {
      if (one("[data-copies]", field) && readField(field)) await this.learn(this.form, field);
    }
  }
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

/** A number with as many decimals as its field keeps. */
function padded(text: string, step: string | undefined): string {
  const scale = step?.split(".")[1]?.length ?? 0;
  const [whole = "", decimals = ""] = text.split(".");
  return scale && /^-?\d+$/.test(whole) ? `${whole}.${decimals.padEnd(scale, "0")}` : text;
}

function label(field: HTMLElement): string {
  return one("label", field)?.firstChild?.textContent?.trim() ?? field.dataset["label"] ?? "";
}

function require(field: HTMLElement, required: boolean): void {
  one(".required", field)?.toggleAttribute("hidden", !required);
  one(FOCUSABLE, field)?.setAttribute("aria-required", String(required));
}

function lock(field: HTMLElement, locked: boolean): void {
  for (const input of all<HTMLInputElement>("input:not([type=hidden]), select, textarea", field)) {
    input.disabled = locked;
  }
  for (const widget of all("[data-widget]", field)) widget.inert = locked;
}
