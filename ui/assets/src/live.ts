// The form's formulas: conditions, defaults, copies and computed fields follow every keystroke.
import { createRuntime, toWire, type Moment, type Runtime } from "@formula/runtime";
import { all, one, word } from "./dom";
import { rowsOf } from "./grid";
import { fieldOf, fieldsOf, LiveRecord, padded, type Around, type Description, type Formula } from "./live_values";
import { ask, PATIENCE } from "./net";
import { Follower, settle } from "./reactive";
import { show, total } from "./shown";
import { FOCUSABLE, linkedId, readField, writeField, type Wire } from "./values";

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

/** How a record was chosen: by hand, with a draft that came back, or out of a paste. */
type How = "restored" | "pasted" | null | undefined;

interface Copied {
  field: string;
  formula: string;
  path: string;
  ask: boolean;
}

export class LiveForm implements Around {
  private readonly state: State;
  private script: Script = { formulas: {}, entities: {}, readsChinese: false };
  private made: Runtime;
  private readonly behind = new WeakMap<HTMLElement, Record<string, unknown>>();
  private readonly records = new Map<HTMLElement, LiveRecord>();
  private readonly lines = new Map<HTMLElement, Follower>();
  private readonly shown = new Map<HTMLElement, Follower[]>();
  private readonly waiting = new Set<Follower>();
  private readonly dirty = new WeakSet<HTMLElement>();
  private readonly learning = new Set<Promise<void>>();
  private started: Promise<void> = Promise.resolve();

  constructor(private readonly form: HTMLFormElement) {
    this.state = JSON.parse(one("[data-form-state]", form)?.textContent ?? "{}") as State;
    this.made = createRuntime(this.state.moment);
    this.behind.set(form, { ...this.state.linked });
    for (const grid of all("[data-grid]", form)) {
      const lines = this.state.lines[grid.dataset["grid"] ?? ""] ?? {};
      for (const row of rowsOf(grid)) this.behind.set(row, { ...lines[row.dataset["row"] ?? ""] });
    }
    form.addEventListener("input", (event) => {
      if (event.target instanceof HTMLElement) this.dirty.add(event.target.closest<HTMLElement>("[data-field]") ?? event.target);
    });
  }

  get user(): Record<string, unknown> {
    return this.state.user;
  }

  get settings(): Record<string, unknown> {
    return this.state.settings;
  }

  runtime(): Runtime {
    return this.made;
  }

  formula(id: string | undefined): Formula | undefined {
    return id ? this.script.formulas[id] : undefined;
  }

  linked(place: HTMLElement): Record<string, unknown> {
    return this.behind.get(place) ?? {};
  }

  whole(): LiveRecord {
    return this.record(this.form);
  }

  members(grid: HTMLElement): readonly LiveRecord[] {
    let found = this.lines.get(grid);
    if (!found) {
      found = new Follower(() => rowsOf(grid).map((row) => this.record(row)));
      this.lines.set(grid, found);
    }
    return found.read() as LiveRecord[];
  }

  /** Loads the entity's formulas, and follows the form from then on. */
  start(): Promise<void> {
    this.started = this.begin();
    return this.started;
  }

  private async begin(): Promise<void> {
    this.script = (await import(/* @vite-ignore */ this.form.dataset["script"] ?? "")) as Script;
    if (this.script.readsChinese) {
      // A large table, for the few forms that read Chinese out.
      const readings = await import("@formula/pinyin.json");
      this.made = createRuntime(this.state.moment, readings.default);
    }
    this.form.addEventListener("input", (event) => this.heard(event));
    this.form.addEventListener("change", (event) => this.heard(event));
    this.form.addEventListener("chosen", (event) => void this.chosen(event.target as HTMLElement, (event as CustomEvent<How>).detail));
    this.form.addEventListener("row-added", (event) => this.joined(event.target as HTMLElement));
    this.form.addEventListener("row-copied", (event) => {
      const from = (event as CustomEvent<HTMLElement>).detail;
      this.learned(event.target as HTMLElement, { ...this.linked(from) });
    });
    if (!this.form.dataset["version"]) {
      this.fillDefaults(this.form);
      await this.copyGiven();
    }
    this.update();
  }

  /** Everything a picker's filter may refer to, by field name. */
  valuesAround(picker: HTMLElement): Record<string, unknown> {
    const place = this.placeOf(picker);
    const found: Record<string, Wire> = {};
    for (const field of all(fieldsOf(place), place)) {
      const value = readField(field);
      if (value !== undefined && value !== null) found[field.dataset["field"] ?? ""] = value;
    }
    return found;
  }

  /** Brings the whole form up to date with what it holds now, its lines as they are there now. */
  update(): void {
    for (const record of this.records.values()) record.touch();
    this.rearranged();
  }

  /** Brings the form up to date after lines came, went or changed places. */
  rearranged(): void {
    for (const [place, followers] of this.shown) {
      if (place.isConnected) continue;
      for (const each of followers) each.drop();
      this.shown.delete(place);
      this.records.delete(place);
    }
    for (const lines of this.lines.values()) lines.touch();
    this.follow(this.form);
    for (const grid of all("[data-grid]", this.form)) for (const row of rowsOf(grid)) this.follow(row);
    settle(this.waiting);
  }

  /** A line came: what follows from it waits for those that come with it. */
  private joined(row: HTMLElement): void {
    const waits = this.waiting.size > 0;
    this.fillDefaults(row);
    this.follow(row);
    const grid = row.closest<HTMLElement>("[data-grid]");
    if (grid) this.lines.get(grid)?.touch();
    if (!waits) queueMicrotask(() => settle(this.waiting));
  }

  /** Brings up to date what follows from one field. */
  private heard(event: Event): void {
    const field = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-field]") : null;
    if (!field) return this.update();
    this.touch(field);
    settle(this.waiting);
  }

  private touch(field: HTMLElement): void {
    this.record(this.placeOf(field)).touch(field.dataset["field"]);
  }

  private placeOf(part: Element): HTMLElement {
    return part.closest<HTMLElement>("[data-row]") ?? this.form;
  }

  private record(place: HTMLElement): LiveRecord {
    const found = this.records.get(place);
    if (found) return found;
    const made = new LiveRecord(this, place, this.script.entities[this.entityOf(place)] ?? { types: {}, live: {}, lines: {}, parent: "" });
    this.records.set(place, made);
    return made;
  }

  private entityOf(place: HTMLElement): string {
    return place === this.form ? this.state.entity : (place.closest<HTMLElement>("[data-grid]")?.dataset["entity"] ?? "");
  }

  /** Lets what a record shows follow what it holds. */
  private follow(place: HTMLElement): void {
    if (this.shown.has(place)) return;
    const followers: Follower[] = [];
    this.shown.set(place, followers);
    const watch = (work: () => void): number => followers.push(new Follower(work, this.waiting));
    const record = this.record(place);
    if (place === this.form) {
      for (const part of all("section[data-visible-when], [role=tab][data-visible-when]", place)) {
        watch(() => (part.hidden = !this.holds(record, part.dataset["visibleWhen"], true)));
      }
      for (const output of all("[data-total]", place)) watch(() => this.addUp(output));
    }
    for (const field of all(fieldsOf(place), place)) this.followField(record, field, watch);
  }

  private followField(record: LiveRecord, field: HTMLElement, watch: (work: () => void) => void): void {
    const { visibleWhen, requiredWhen, readonlyWhen } = field.dataset;
    if (visibleWhen) watch(() => this.hide(record, field, !this.holds(record, visibleWhen, true)));
    if (requiredWhen) watch(() => require(field, this.holds(record, requiredWhen, false)));
    if (readonlyWhen) watch(() => lock(field, this.holds(record, readonlyWhen, false)));
    for (const option of all<HTMLOptionElement>("option[data-when]", field)) {
      watch(() => (option.hidden = option.disabled = !this.holds(record, option.dataset["when"], true)));
    }
    const output = one("[data-live]", field);
    if (output) watch(() => print(record, output, field.dataset["type"] ?? ""));
  }

  private hide(record: LiveRecord, field: HTMLElement, hidden: boolean): void {
    if (record.place === this.form) field.hidden = hidden || field.dataset["empty"] !== undefined;
    else field.classList.toggle("is-away", hidden);
  }

  private holds(record: LiveRecord, id: string | undefined, otherwise: boolean): boolean {
    const formula = this.formula(id);
    return formula ? formula(record, this.made) === true : otherwise;
  }

  private addUp(output: HTMLElement): void {
    const grid = output.closest<HTMLElement>("[data-grid]");
    if (!grid) return;
    const name = output.dataset["total"] ?? "";
    const values = this.members(grid).map((row) => this.made.asNumber(row.read(name)));
    const template = one<HTMLTemplateElement>("[data-row-template]", grid)?.content;
    const type = (template && one(`td[data-field="${CSS.escape(name)}"]`, template)?.dataset["type"]) ?? "";
    output.textContent = total(this.made, values, output.dataset["totalKind"] ?? "sum", type);
  }

  private fillDefaults(place: HTMLElement): void {
    if (place !== this.form) this.learned(place, {});
    const record = this.record(place);
    for (const field of all(fieldsOf(place), place)) {
      const formula = this.formula(field.dataset["default"]);
      const type = field.dataset["type"] ?? "";
      if (!formula || readField(field)) continue;
      const value = toWire(formula(record, this.made), type);
      this.put(field, value, type, one("[data-link]", field) ? this.titleOf(place, value) : undefined);
    }
  }

  /** What a record that a formula yields is called: the person themselves, or one behind a link. */
  private titleOf(place: HTMLElement, id: unknown): string | undefined {
    if (id && id === this.user["id"]) return String(this.user["name"]);
    const linked = this.linked(place);
    const path = Object.keys(linked).find((each) => linked[each] === id && `${each}#title` in linked);
    return path && String(linked[`${path}#title`]);
  }

  private put(field: HTMLElement, value: unknown, type: string, title?: string): void {
    const text = value === null || value === undefined ? "" : String(value);
    const step = one("[data-step]", field)?.dataset["step"];
    const shown = type === "percent" && text ? show(text, type, null)?.replace("%", "") ?? "" : padded(text, step);
    writeField(field, shown, title ?? shown);
    this.touch(field);
  }

  /** A link was chosen: learn what formulas need of its record, then copy what it brings. */
  private async chosen(input: HTMLElement, how: How): Promise<void> {
    const field = input.closest<HTMLElement>("[data-field]");
    if (!field) return;
    this.touch(field);
    await this.learn(this.placeOf(field), field, how);
    settle(this.waiting);
  }

  /** Waits until everything that chosen links bring is in the form, what follows from it as well. */
  async settled(): Promise<void> {
    // Without its formulas a form still saves.
    await Promise.race([this.started.catch(() => undefined), new Promise((done) => setTimeout(done, PATIENCE))]);
    while (this.learning.size) await Promise.all(this.learning);
  }

  private async learn(place: HTMLElement, field: HTMLElement, how: How = null): Promise<void> {
    const learned = this.fetched(place, field, how);
    this.learning.add(learned);
    this.form.dataset["learning"] = "";
    try {
      await learned;
    } finally {
      this.learning.delete(learned);
      if (!this.learning.size) delete this.form.dataset["learning"];
    }
  }

  private async fetched(place: HTMLElement, field: HTMLElement, how: How): Promise<void> {
    const name = field.dataset["field"] ?? "";
    const id = linkedId(readField(field));
    const url = `${this.form.dataset["linked"]}/${this.entityOf(place)}/${name}/${id}`;
    const answer = id ? await ask(url, AbortSignal.timeout(PATIENCE)) : undefined;
    const found = answer?.status === 200 ? answer.body : {};
    const before = Object.entries(this.linked(place)).filter(([path]) => !path.startsWith(`${name}.`));
    this.learned(place, { ...Object.fromEntries(before), ...found });
    if (id && how !== "restored") this.copy(place, field, how);
  }

  /** Takes what lies behind the links of a record now. */
  private learned(place: HTMLElement, linked: Record<string, unknown>): void {
    this.behind.set(place, linked);
    this.record(place).touch();
  }

  private copy(place: HTMLElement, field: HTMLElement, how: How): void {
    const record = this.record(place);
    const copies = JSON.parse(one("[data-copies]", field)?.dataset["copies"] ?? "[]") as Copied[];
    for (const each of copies) {
      const target = fieldOf(place, each.field);
      const formula = this.formula(each.formula);
      if (!target || !formula || !one("[data-input]", target)) continue;
      // What came along in the same paste is meant as it is.
      if (how === "pasted" && filled(target)) continue;
      const type = target.dataset["type"] ?? "";
      const value = toWire(formula(record, this.made), type);
      if (this.dirty.has(target) && readField(target) && !window.confirm(word("overwrite", { field: label(target) }))) continue;
      this.put(target, value, type, this.linked(place)[`${each.path}#title`] as string | undefined);
      if (one("[data-link]", target) && value) void this.learn(place, target).then(() => settle(this.waiting));
    }
  }

  /** A form that opens with links already chosen copies from them, as if they had just been chosen. */
  private async copyGiven(): Promise<void> {
    for (const field of all(".field[data-field]", this.form)) {
      if (one("[data-copies]", field) && readField(field)) await this.learn(this.form, field);
    }
  }
}

function filled(field: HTMLElement): boolean {
  const value = readField(field);
  return value !== null && value !== undefined && value !== "" && value !== false;
}

function print(record: LiveRecord, output: HTMLElement, type: string): void {
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
