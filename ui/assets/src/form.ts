// A form: collects, saves once, keeps what was typed whatever happens, follows its formulas.
import { all, composing, go, make, one, toast, word } from "./dom";
import { showErrors, mended } from "./errors";
import { readRows, rowsOf, startGrids } from "./grid";
import { makeLines } from "./grid_lines";
import { follow } from "./actions";
import { Draft } from "./draft";
import { typedBefore } from "./early";
import { LiveForm } from "./live";
import { onceKey, PATIENCE, send, type Answer } from "./net";
import { lookedUp } from "./pasted";
import { startPickers } from "./picker";
import { startAlike } from "./alike";
import { startPresence } from "./presence";
import type { Row } from "./race";
import { filesSent, FOCUSABLE, readFields, readField, localInstants, type Wire } from "./values";
import { startWidgets } from "./widgets";

type Payload = Record<string, Wire | Record<string, Wire>[]>;

/** Told of a form that was saved, before its page is left: what has to be done `first`. */
export interface Saved {
  first: Promise<unknown>[];
}

class Form {
  private initial: Payload;
  private readonly touched = new Set<string>();
  private version: number | undefined;
  private readonly draft: Draft;
  private key = onceKey();
  private saving = false;
  private left = false;
  /** What was typed began with other lines than the form shows. */
  private overOlder = false;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly live: LiveForm,
  ) {
    this.version = form.dataset["version"] ? Number(form.dataset["version"]) : undefined;
    this.initial = this.whole();
    this.draft = new Draft(form, () => this.version, () => this.open());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.save();
    });
    form.addEventListener("input", (event) => this.typed(event));
    form.addEventListener("chosen", (event) => this.typed(event));
    form.addEventListener("keydown", (event) => this.keyed(event));
    document.addEventListener("keydown", (event) => this.shortcut(event));
    one("[data-cancel]", form)?.addEventListener("click", (event) => {
      event.preventDefault();
      this.cancel();
    });
    window.addEventListener("beforeunload", (event) => {
      if (this.open() && this.dirty()) event.preventDefault();
    });
    document.addEventListener("leaving", (event) => {
      if (this.open() && this.dirty() && !window.confirm(word("unsaved"))) event.preventDefault();
    });
  }

  /** Takes defaults for what the form started with, unless somebody was quicker than they. */
  settle(): void {
    if (!this.touched.size) this.initial = this.whole();
    this.draft.begin();
    const over = this.draft.restore();
    // Typed over an older version, it meets what others saved since.
    if (typeof over === "number") {
      this.overOlder = over !== this.version;
      this.version = over;
    }
    if (over !== undefined) this.live.update();
    startPresence(this.form, true);
    this.form.dataset["ready"] = "true";
  }

  /** Every value of the form, grids as lists. */
  private whole(): Payload {
    const found: Payload = readFields(this.form);
    for (const grid of all("[data-grid]", this.form)) found[grid.dataset["grid"] ?? ""] = readRows(grid);
    return found;
  }

  /** What has to be sent: all that was filled for a new record, what differs for one that exists. */
  private payload(): Payload {
    const fresh = this.version === undefined;
    const kept = Object.entries(this.whole()).filter(([name, value]) => {
      if (JSON.stringify(value) !== JSON.stringify(this.initial[name])) return true;
      const blank = value === null || (Array.isArray(value) && !value.length);
      return fresh && (!blank || this.touched.has(name));
    });
    return Object.fromEntries(kept);
  }

  private dirty(): boolean {
    return JSON.stringify(this.whole()) !== JSON.stringify(this.initial);
  }

  private typed(event: Event): void {
    const field = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-field]") : null;
    if (!field) return;
    this.touched.add(field.dataset["field"] ?? "");
    mended(field);
    this.key = onceKey();
    this.draft.typed();
  }

  private async save(): Promise<void> {
    if (this.saving) return;
    this.busy(true);
    try {
      await this.saveOnce();
    } finally {
      this.busy(false);
    }
  }

  private async saveOnce(): Promise<void> {
    await lookedUp();
    await filesSent(this.form);
    if (!this.usable()) return;
    // Who chooses a record and saves at once saves what it brings as well.
    await this.live.settled();
    await this.draft.settled();
    this.dropEmptyRows();
    const values = this.payload();
    if (this.version !== undefined && !Object.keys(values).length) {
      this.leave(this.form.dataset["back"] ?? "/");
      return;
    }
    const revision = Number(this.form.dataset["revision"]);
    const answer = await this.sent({ values, version: this.version ?? null, revision });
    if (answer.status === 200) {
      this.left = true;
      this.draft.saved();
      const first: Saved["first"] = [];
      this.form.dispatchEvent(new CustomEvent<Saved>("saved", { detail: { first } }));
      await Promise.allSettled(first);
      follow(answer);
    } else if (answer.status === 409 && answer.body.theirs) void this.conflict(answer);
    else this.refused(answer);
  }

  /** Sends until there is an answer, under one key: however often it arrives, it is done once. */
  private async sent(body: unknown): Promise<Answer> {
    const { key } = this;
    const once = (): Promise<Answer> => send(this.form.dataset["save"] ?? "", body, key, { within: PATIENCE });
    let answer = await once();
    while (!answer.status && this.open() && this.key === key) {
      this.draft.keep();
      showErrors(this.form, { status: 0, body: { message: `${answer.body.message ?? ""} ${word("sendingAgain")}` } });
      if (this.version === undefined) this.unsent(body, key);
      await connection();
      if (this.open() && this.key === key) answer = await once();
    }
    return answer;
  }

  /** Something new that cannot be sent now may be kept by the browser, and left. */
  private unsent(body: unknown, key: string): void {
    const leave = (): void => {
      this.left = true;
      this.draft.saved();
    };
    document.dispatchEvent(new CustomEvent("unsent", { detail: { form: this.form, url: this.form.dataset["save"] ?? "", body, key, leave } }));
  }

  /** Whether every widget holds something that can be sent; says beside each what does not. */
  private usable(): boolean {
    const unusable = all<HTMLInputElement>("[data-unusable]", this.form);
    const errors = unusable.map((input) => {
      return { path: pathOf(input), code: "unusable", message: input.dataset["unusable"] ?? "" };
    });
    if (errors.length) showErrors(this.form, { status: 422, body: { errors } });
    return !errors.length;
  }

  /** Shows what is wrong; where only another page helps, leads there and back with what was typed. */
  private refused(answer: Answer): void {
    showErrors(this.form, answer);
    const here = location.pathname + location.search;
    if (answer.status === 401) this.detour(word("signIn"), `/sign-in?next=${encodeURIComponent(here)}`);
    else if (answer.body["reload"]) this.detour(word("reload"), here);
  }

  private detour(label: string, address: string): void {
    this.draft.keep();
    const button = make("button", { type: "button", class: "btn btn-sm" }, label);
    button.addEventListener("click", () => this.leave(address));
    one("[data-form-problem]", this.form)?.append(button);
    button.focus();
  }

  private busy(saving: boolean): void {
    this.saving = saving;
    const button = one("[data-save-button]", this.form);
    button?.toggleAttribute("disabled", saving);
    button?.setAttribute("aria-busy", String(saving));
  }

  private dropEmptyRows(): void {
    for (const grid of all("[data-grid]", this.form)) {
      const filled = readRows(grid).length;
      if (filled === rowsOf(grid).length) continue;
      for (const row of rowsOf(grid)) {
        if (!row.dataset["row"] && !all("td[data-field]", row).some((cell) => readField(cell))) row.remove();
      }
    }
  }

  private keyed(event: KeyboardEvent): void {
    if (composing(event) || event.key !== "Enter" || event.defaultPrevented) return;
    if (event.metaKey || event.ctrlKey || !(event.target instanceof HTMLInputElement)) return;
    // Enter ends a field, not the form: a half-filled record is not saved by accident.
    event.preventDefault();
  }

  private shortcut(event: KeyboardEvent): void {
    if (!this.open() || composing(event) || event.defaultPrevented || covered(this.form)) return;
    const mod = event.metaKey || event.ctrlKey;
    if (mod && (event.key.toLowerCase() === "s" || event.key === "Enter")) {
      event.preventDefault();
      void this.save();
    } else if (event.key === "Escape") this.cancel();
  }

  private cancel(): void {
    if (this.dirty() && !window.confirm(word("unsaved"))) return;
    this.left = true;
    void this.draft.forget().then(() => this.leave(this.form.dataset["back"] ?? "/"));
  }

  private leave(address: string): void {
    this.left = true;
    go(address);
  }

  /** Whether somebody still works in this form: it was neither left nor taken off the page. */
  private open(): boolean {
    return !this.left && this.form.isConnected;
  }

  /** Asks between both values, then saves on top of what the other person saved; till then nothing is overwritten. */
  private async conflict(answer: Answer): Promise<void> {
    const { askBetween } = await import("./race");
    askBetween(this.form, answer, this.overOlder ? undefined : (this.initial as Record<string, Row[]>), (saved) => {
      this.version = answer.body.version;
      this.overOlder = false;
      Object.assign(this.initial, saved);
      this.key = onceKey();
      this.live.update();
      void this.save();
    });
  }
}

/** Whether a dialog lies over a form: its keys are the dialog's. */
function covered(form: HTMLElement): boolean {
  const top = all("dialog[open]").at(-1);
  return top !== undefined && !top.contains(form);
}

/** Waits until the network is back, or a few seconds: a server that restarts says nothing of it. */
function connection(): Promise<void> {
  return new Promise((resolve) => {
    const timer = window.setTimeout(resolve, 4000);
    window.addEventListener("online", () => resolve(window.clearTimeout(timer)), { once: true });
  });
}

/** Where an input lies, as the server says it: a field, or a field of a line of a grid. */
function pathOf(input: HTMLElement): (string | number)[] {
  const name = input.closest<HTMLElement>("[data-field]")?.dataset["field"] ?? "";
  const grid = input.closest<HTMLElement>("[data-grid]");
  const row = input.closest<HTMLElement>("[data-row]");
  return grid && row ? [grid.dataset["grid"] ?? "", rowsOf(grid).indexOf(row), name] : [name];
}

export async function startForm(within: ParentNode = document): Promise<void> {
  const form = one<HTMLFormElement>("[data-form]", within);
  if (!form) return;
  const typed = typedBefore(form);
  makeLines(form);
  localInstants();
  const live = new LiveForm(form);
  startGrids(form, (refilled) => (refilled ? live.update() : live.rearranged()));
  startPickers(form, (picker) => live.valuesAround(picker));
  startWidgets(form);
  const held = new Form(form, live);
  startAlike(form);
  typed();
  // Without its formulas a form still saves: the server works everything out.
  await live.start().catch(() => toast(word("offline")));
  held.settle();
  if (sessionStorage.getItem("joinery.mend")) void import("./waiting").then(({ mendWaiting }) => mendWaiting(form));
  if (!form.dataset["version"]) one(FOCUSABLE, form)?.focus();
}
