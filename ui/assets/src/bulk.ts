// Records that are chosen in a list: looked at beforehand, changed in turns, and taken back.
import { filled, make, one, toast, word } from "./dom";
import { keep, NOTHING, type Back } from "./bulk_back";
import { startKinds } from "./dialogs";
import { columnsOf, Editors, shownText, textOf } from "./grid_cells";
import { ask, fragment, onceKey, send, type Answer } from "./net";
import { startPickers } from "./picker";
import type { Rows } from "./sheet_rows";
import { readField, readFields, type Wire } from "./values";
import { startWidgets } from "./widgets";

/** Records of one request; the server takes no more at once. */
const AT_ONCE = 500;

export interface Why {
  reason: string;
  count?: number;
  records?: string[];
  title?: string;
}

export interface Outcome {
  done: number;
  refused: number;
  kept: number;
  change_set: string;
  shares?: string[];
  why: Why[];
}

/** What is done with the chosen: values changed, the trash, or shared with somebody. */
type Deed = "change" | "trash" | "share";

export function startBulk(place: HTMLElement, rows: Rows): void {
  const bar = one("[data-bulk]");
  const dialog = one<HTMLDialogElement>("#bulk");
  if (bar && dialog) new Bulk(place, rows, bar, dialog).start();
}

class Bulk {
  private readonly chosen = new Set<string>();
  private last: HTMLTableRowElement | undefined;
  private deed: Deed = "change";
  private readonly url: string;
  private readonly editors: Editors;

  constructor(
    private readonly place: HTMLElement,
    private readonly rows: Rows,
    private readonly bar: HTMLElement,
    private readonly dialog: HTMLDialogElement,
  ) {
    this.url = bar.dataset["bulkUrl"] ?? "";
    this.editors = new Editors(`${place.dataset["writeUrl"]}/editors?${new URLSearchParams({ view: place.dataset["view"] ?? "" })}`);
  }

  start(): void {
    this.place.addEventListener("click", (event) => {
      if (event.target instanceof HTMLInputElement && event.target.matches("[data-pick]")) this.pick(event.target, event.shiftKey);
      else if (event.target instanceof HTMLInputElement && event.target.matches("[data-pick-all]")) this.pickShown(event.target.checked);
    });
    for (const came of ["rows-loaded", "rows-shown"]) this.place.addEventListener(came, () => this.chosen.size && this.draw());
    this.bar.addEventListener("click", (event) => {
      const button = event.target instanceof Element ? event.target.closest<HTMLElement>("button, a") : null;
      if (!button) return;
      const { bulkDo } = button.dataset;
      if (bulkDo) void this.open(bulkDo as Deed);
      else if (button.matches("[data-bulk-none]")) this.pickShown(false);
      else if (button.matches("[data-bulk-all]")) void this.everything();
      else if (button.matches("[data-bulk-copy]")) void this.copy();
      else if (button.dataset["bulkExport"]) void this.take(button);
      else if (button.matches("[data-bulk-paper]")) this.print(button as HTMLAnchorElement);
    });
    one("[data-bulk-look]", this.dialog)?.addEventListener("click", () => void this.look());
    one("[data-bulk-go]", this.dialog)?.addEventListener("click", () => void this.go());
    one("[data-bulk-field]", this.dialog)?.addEventListener("change", () => void this.field());
    // What was chosen before the script came counts as well.
    for (const row of this.rows.all) if (one<HTMLInputElement>("[data-pick]", row)?.checked) this.mark(row, true);
    if (this.chosen.size) this.draw();
  }

  private words(name: string, values: Record<string, string | number> = {}): string {
    return filled(this.dialog.dataset[`words${name}`] ?? "", values);
  }

  private pick(box: HTMLInputElement, range: boolean): void {
    const row = box.closest<HTMLTableRowElement>("tr");
    if (!row) return;
    const rows = this.rows.all;
    const [from, to] = [range && this.last ? rows.indexOf(this.last) : rows.indexOf(row), rows.indexOf(row)].sort((a, b) => a - b);
    for (const each of rows.slice(from, (to ?? 0) + 1)) this.mark(each, box.checked);
    this.last = row;
    this.draw();
  }

  private mark(row: HTMLTableRowElement, on: boolean): void {
    const id = row.dataset["id"];
    if (id && on) this.chosen.add(id);
    else if (id) this.chosen.delete(id);
  }

  private pickShown(on: boolean): void {
    if (on) for (const row of this.rows.all) this.mark(row, true);
    else this.chosen.clear();
    this.draw();
  }

  private draw(): void {
    const rows = this.rows.all;
    for (const row of rows) {
      // Those out of the page are drawn when they come.
      if (!row.isConnected) continue;
      const box = one<HTMLInputElement>("[data-pick]", row);
      const on = this.chosen.has(row.dataset["id"] ?? "");
      if (box) box.checked = on;
      row.classList.toggle("is-picked", on);
    }
    const count = this.chosen.size;
    const every = one<HTMLInputElement>("[data-pick-all]", this.place);
    if (every) {
      every.checked = count > 0 && rows.every((row) => !row.dataset["id"] || this.chosen.has(row.dataset["id"]));
      every.indeterminate = count > 0 && !every.checked;
    }
    this.bar.hidden = count === 0;
    const told = one("[data-bulk-count]", this.bar);
    if (told) told.textContent = this.words("Count", { count });
    const more = one("[data-bulk-all]", this.bar);
    if (more) more.hidden = !(every?.checked && one("[data-more]", this.place));
  }

  /** Chooses every record of the list, those that were never loaded too. */
  private async everything(): Promise<void> {
    const answer = await ask(`${this.url}/ids${location.search}`);
    if (answer.status !== 200) return toast(answer.body.message ?? word("offline"));
    for (const id of answer.body["ids"] as string[]) this.chosen.add(id);
    this.draw();
  }

  private async copy(): Promise<void> {
    const columns = columnsOf(this.rows.table).filter((column) => column !== undefined);
    const rows = this.rows.all.filter((row) => this.chosen.has(row.dataset["id"] ?? ""));
    const cells = rows.map((row) => columns.map((column) => (row.cells[column.index] ? shownText(row.cells[column.index]!) : "")));
    await navigator.clipboard.writeText(textOf([columns.map((column) => column.label), ...cells]));
    toast(this.words("Copied", { count: rows.length }));
  }

  private print(link: HTMLAnchorElement): void {
    const url = new URL(link.href);
    url.searchParams.set("ids", [...this.chosen].join(","));
    link.href = url.href;
  }

  /** Takes the chosen along as a file, which a link could not: they are too many for an address. */
  private async take(button: HTMLElement): Promise<void> {
    button.closest("details")?.removeAttribute("open");
    const { fetched } = await import("./exports");
    await fetched(button.dataset["bulkExport"] ?? "", { ids: [...this.chosen] });
  }

  private async open(deed: Deed): Promise<void> {
    this.deed = deed;
    const title = one("[data-bulk-title]", this.dialog);
    if (title) title.textContent = this.words({ change: "Change", trash: "Trash", share: "Share" }[deed], { count: this.chosen.size });
    one("[data-bulk-what]", this.dialog)?.toggleAttribute("hidden", deed !== "change");
    one("[data-bulk-shares]", this.dialog)?.toggleAttribute("hidden", deed !== "share");
    this.clear();
    if (deed === "change") {
      await this.editors.load();
      const select = one<HTMLSelectElement>("[data-bulk-field]", this.dialog);
      const columns = columnsOf(this.rows.table).filter((column) => column?.field);
      select?.replaceChildren(...columns.map((column) => make("option", { value: column!.field }, column!.label)));
      await this.field();
    } else if (deed === "share" && !(await this.sharing())) return;
    this.dialog.showModal();
    if (deed === "trash") void this.look();
  }

  /** Brings the form that says with whom; what is changed in it has to be looked at anew. */
  private async sharing(): Promise<boolean> {
    const place = one("[data-bulk-shares]", this.dialog);
    if (!place || place.childElementCount) return Boolean(place);
    const answer = await fragment(`${this.url}/share`);
    if (answer.status !== 200) {
      toast(word("offline"));
      return false;
    }
    place.innerHTML = answer.html;
    startPickers(place, () => ({}));
    startKinds(place);
    for (const told of ["input", "change", "chosen"]) place.addEventListener(told, () => this.clear());
    place.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.look();
    });
    return true;
  }

  private clear(): void {
    one("[data-bulk-found]", this.dialog)?.replaceChildren();
    this.problem("");
    this.ready(false);
  }

  private ready(on: boolean): void {
    one<HTMLButtonElement>("[data-bulk-go]", this.dialog)?.toggleAttribute("disabled", !on);
  }

  private problem(text: string): void {
    const place = one("[data-bulk-problem]", this.dialog);
    if (!place) return;
    place.textContent = text;
    place.hidden = !text;
  }

  private async field(): Promise<void> {
    this.clear();
    const name = one<HTMLSelectElement>("[data-bulk-field]", this.dialog)?.value;
    const column = columnsOf(this.rows.table).find((each) => each?.field === name);
    const field = column ? this.editors.field(column) : undefined;
    const holder = one("[data-bulk-value]", this.dialog);
    if (!field || !holder) return;
    field.classList.remove("grid-field");
    one("[data-input]", field)?.setAttribute("aria-label", column?.label ?? "");
    one("[data-picker-text]", field)?.setAttribute("aria-label", column?.label ?? "");
    holder.replaceChildren(field);
    startPickers(field, () => ({}));
    startWidgets(field);
    field.addEventListener("input", () => this.clear());
    field.addEventListener("chosen", () => this.clear());
  }

  private body(ids: string[]): { ids: string[]; trash: boolean; values: Record<string, Wire> } {
    if (this.deed === "share") return { ids, trash: false, values: readFields(one("[data-bulk-shares]", this.dialog)!) };
    const field = one("[data-bulk-value] .field", this.dialog);
    const values = this.deed === "trash" || !field ? {} : { [field.dataset["field"] ?? ""]: readField(field) ?? null };
    return { ids, trash: this.deed === "trash", values };
  }

  private get address(): string {
    return this.deed === "share" ? `${this.url}/share` : this.url;
  }

  /** Tries it on the records and shows what would become of them. */
  private async look(): Promise<void> {
    const ids = [...this.chosen].slice(0, AT_ONCE);
    const button = one("[data-bulk-look]", this.dialog);
    button?.setAttribute("aria-busy", "true");
    const answer = await send(`${this.address}/rehearse`, this.body(ids));
    button?.removeAttribute("aria-busy");
    if (answer.status !== 200) return this.problem(refusal(answer));
    const found = answer.body as unknown as Outcome;
    const { done, refused } = found;
    const would = this.deed === "share" ? "WouldShare" : "Would";
    const told = refused ? this.words(would, { done, refused }) : this.words(`${would}All`, { done });
    const some = ids.length < this.chosen.size ? ` · ${this.words("Some", { count: ids.length })}` : "";
    this.problem("");
    this.show(told + some, this.words("Refused"), found.why);
    this.ready(done > 0);
  }

  private show(told: string, heading: string, why: Why[]): void {
    const lines = why.map((each) => {
      const named = each.records ? each.records.filter(Boolean).join(", ") : (each.title ?? "");
      return make("li", {}, make("b", {}, each.count ? `${each.count} × ` : "", each.records ? each.reason : named), make("small", {}, each.records ? named : each.reason));
    });
    const place = one("[data-bulk-found]", this.dialog);
    place?.replaceChildren(make("p", { class: "bulk-told" }, told), ...(lines.length ? [make("h3", { class: "dialog-sub" }, heading), make("ul", { class: "bulk-why" }, ...lines)] : []));
  }

  private async go(): Promise<void> {
    this.ready(false);
    const ids = [...this.chosen];
    const large = ids.length > AT_ONCE;
    one("[data-bulk-progress]", this.dialog)?.toggleAttribute("hidden", !large);
    const left = large && this.deed !== "share" ? await this.left(ids) : false;
    if (!left) await this.inParts(ids);
    one("[data-bulk-progress]", this.dialog)?.toggleAttribute("hidden", true);
  }

  /** Leaves what is much to a worker, which goes on when the page is closed; says whether there is one. */
  private async left(ids: string[]): Promise<boolean> {
    const { followed, leave } = await import("./bulk_following");
    const place = await leave(this.url, this.body(ids));
    if (place === "") return false;
    if (typeof place !== "string") {
      this.problem(refusal(place));
      return true;
    }
    one("[data-bulk-found]", this.dialog)?.replaceChildren(make("p", { class: "bulk-told" }, this.words("Left")));
    const answer = await followed(place, (gone, total) => this.progress(gone / total));
    if (answer.status !== 200) this.problem(refusal(answer));
    else this.ended(answer.body as unknown as Outcome, `${place}/undo`, NOTHING);
    return true;
  }

  private async inParts(ids: string[]): Promise<void> {
    const sum: Outcome = { done: 0, refused: 0, kept: 0, change_set: "", why: [] };
    const back: Back = { change_sets: [], shares: [] };
    for (let at = 0; at < ids.length; at += AT_ONCE) {
      const answer = await send(this.address, this.body(ids.slice(at, at + AT_ONCE)), onceKey());
      if (answer.status !== 200) {
        this.problem(refusal(answer));
        break;
      }
      const found = answer.body as unknown as Outcome;
      sum.done += found.done;
      sum.refused += found.refused;
      sum.why.push(...found.why);
      if (found.change_set) back.change_sets.push(found.change_set);
      back.shares.push(...(found.shares ?? []));
      this.progress((at + AT_ONCE) / ids.length);
    }
    this.ended(sum, `${this.url}/undo`, back);
  }

  private progress(share: number): void {
    const bar = one<HTMLProgressElement>("[data-bulk-progress]", this.dialog);
    if (bar) bar.value = Math.min(1, share);
  }

  private ended(sum: Outcome, url: string, back: Back): void {
    const told = this.words(this.deed === "share" ? "Shared" : "Did", { done: sum.done, refused: sum.refused });
    if (sum.done) keep({ url, back, said: told, path: location.pathname });
    if (!sum.refused && sum.done) {
      this.dialog.close();
      location.reload();
    } else this.show(told, this.words("Refused"), sum.why);
  }
}


/** Everything that is wrong with what was sent, in one line. */
function refusal(answer: Answer): string {
  return answer.body.errors?.map((error) => error.message).join(" ") || answer.body.message || word("offline");
}
