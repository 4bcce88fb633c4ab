// A role's matrix: changes are gathered in a draft that outlives a reload, shown before they are published.
import { all, debounced, one, toast, word } from "./dom";
import { follow, said } from "./actions";
import { showErrors } from "./errors";
import { fragment, send } from "./net";

type Value = string | number | boolean | string[] | { where: string } | null;

interface Edit {
  path: string;
  value: Value;
}

export function startRole(): void {
  const page = one("[data-role]");
  if (page) new RolePage(page);
}

class RolePage {
  private readonly edits = new Map<string, Value>();
  private readonly kept: string;

  constructor(private readonly page: HTMLElement) {
    this.kept = `joinery.role.${one("[data-shell]")?.dataset["tenant"]}.${page.dataset["role"]}`;
    this.fillScopes();
    page.addEventListener("change", (event) => this.changed(event.target));
    page.addEventListener("input", (event) => this.typed(event.target));
    one("[data-matrix-find]", page)?.addEventListener("input", () => this.narrow());
    one("[data-matrix-granted]", page)?.addEventListener("change", () => this.narrow());
    one("[data-draft-discard]", page)?.addEventListener("click", () => this.discard());
    one("[data-draft-preview]", page)?.addEventListener("click", () => void this.preview());
    for (const fold of all<HTMLDetailsElement>("[data-fields-of]", page)) fold.addEventListener("toggle", () => void this.openFields(fold));
    for (const cell of all<HTMLSelectElement>("[data-cell][data-was=where]", page)) cell.title = cell.dataset["where"] ?? "";
    this.restore();
  }

  /** Gives each cell the scopes it can have; the page carries each of them once. */
  private fillScopes(): void {
    const template = one<HTMLTemplateElement>("[data-scopes]", this.page);
    if (!template) return;
    for (const cell of all<HTMLSelectElement>("[data-cell]", this.page)) {
      const now = cell.value;
      const options = [...(template.content.cloneNode(true) as DocumentFragment).querySelectorAll("option")];
      const whole = cell.dataset["whole"] !== undefined;
      cell.replaceChildren(...options.filter((option) => !whole || ["", "all", "never", now].includes(option.value)));
      cell.value = now;
    }
  }

  private changed(target: EventTarget | null): void {
    if (target instanceof HTMLSelectElement && target.matches("[data-cell]")) this.setCell(target, target.value, target.dataset["where"] ?? "");
    else if (target instanceof HTMLSelectElement && target.matches("[data-right]")) this.set(target, target.value || null, target.dataset["was"] || null);
    else if (target instanceof HTMLInputElement && target.matches("[data-flag]")) this.set(target, target.checked || null, target.dataset["was"] !== undefined || null);
    else if (target instanceof HTMLInputElement && target.matches("[data-choice], [data-choices-all]")) this.setChoices(target);
    else return;
    if (target instanceof HTMLSelectElement) target.dataset["scope"] = target.value;
    this.keep();
  }

  private typed(target: EventTarget | null): void {
    if (target instanceof HTMLInputElement && target.matches("[data-text]")) this.set(target, target.value.trim() || null, target.dataset["was"] || null);
    else if (target instanceof HTMLInputElement && target.matches("[data-number]")) this.set(target, number(target.value), number(target.dataset["was"] ?? ""));
    else if (target instanceof HTMLTextAreaElement && target.matches("[data-where-text]")) this.setWhere(target);
    else return;
    this.keep();
  }

  private set(input: HTMLElement, value: Value, was: Value): void {
    const path = input.dataset["path"] ?? "";
    if (JSON.stringify(value) === JSON.stringify(was)) this.edits.delete(path);
    else this.edits.set(path, value);
    input.classList.toggle("is-edited", this.edits.has(path));
  }

  /** A right and its denial lie in two places; a cell says both. */
  private setCell(cell: HTMLSelectElement, scope: string, where: string): void {
    const path = cell.dataset["path"] ?? "";
    const denial = path.replace(/^rights/, "deny");
    const was = cell.dataset["was"] ?? "";
    this.edits.delete(path);
    this.edits.delete(denial);
    const same = scope === was && (scope !== "where" || where === cell.dataset["where"]);
    if (!same) {
      if (scope === "never") this.edits.set(denial, "all");
      else {
        if (was === "never") this.edits.set(denial, null);
        this.edits.set(path, scope === "where" ? { where } : scope || null);
      }
    }
    cell.classList.toggle("is-edited", !same);
    this.showWhere(cell, scope, where);
  }

  private showWhere(cell: HTMLSelectElement, scope: string, where: string): void {
    const row = cell.closest("tr");
    for (const other of all(".matrix-where", row?.parentElement ?? document)) if (other.dataset["for"] === cell.dataset["path"] || scope === "where") other.remove();
    if (scope !== "where" || !row) return;
    const template = one<HTMLTemplateElement>("[data-where-row]", this.page);
    const made = template?.content.firstElementChild?.cloneNode(true);
    if (!(made instanceof HTMLElement)) return;
    made.dataset["for"] = cell.dataset["path"] ?? "";
    const text = one<HTMLTextAreaElement>("textarea", made);
    row.after(made);
    if (!text) return;
    text.value = where;
    text.focus();
  }

  private readonly check = debounced(350, (text: HTMLTextAreaElement, entity: string) => void this.checkFormula(text, entity));

  private setWhere(text: HTMLTextAreaElement): void {
    const made = text.closest<HTMLElement>(".matrix-where");
    const cell = one<HTMLSelectElement>(`[data-cell][data-path="${made?.dataset["for"]}"]`, this.page);
    if (!cell) return;
    const path = cell.dataset["path"] ?? "";
    this.edits.set(path, { where: text.value.trim() });
    if (text.value.trim() === cell.dataset["where"] && cell.dataset["was"] === "where") this.edits.delete(path);
    cell.classList.toggle("is-edited", this.edits.has(path));
    this.check(text, cell.closest<HTMLElement>("[data-entity]")?.dataset["entity"] ?? "");
  }

  /** Says while it is typed what is wrong with a formula. */
  private async checkFormula(text: HTMLTextAreaElement, entity: string): Promise<void> {
    const note = one("[data-where-note]", text.closest(".matrix-where") ?? this.page);
    if (!note || !text.value.trim()) return;
    note.dataset["help"] ??= note.textContent ?? "";
    const answer = await send(this.page.dataset["checkUrl"] ?? "", { entity, formula: text.value });
    const errors = (answer.body.errors ?? []).map((error) => error.message);
    note.textContent = errors.join(" ") || note.dataset["help"];
    text.closest(".matrix-where")?.classList.toggle("has-error", errors.length > 0);
  }

  private setChoices(input: HTMLInputElement): void {
    const place = input.closest<HTMLElement>("[data-choices]");
    if (!place) return;
    const every = one<HTMLInputElement>("[data-choices-all]", place);
    const boxes = all<HTMLInputElement>("[data-choice]", place);
    if (input === every && every.checked) for (const box of boxes) box.checked = true;
    if (input !== every && every) every.checked = false;
    const wasAll = place.dataset["wasAll"] !== undefined;
    const was = wasAll ? null : boxes.filter((box) => box.dataset["was"] !== undefined).map((box) => box.value);
    const now = every?.checked ? null : boxes.filter((box) => box.checked).map((box) => box.value);
    this.set(place, now, was);
  }

  private async openFields(fold: HTMLDetailsElement): Promise<void> {
    const place = one("[data-fields-place]", fold);
    if (!fold.open || !place || place.childElementCount) return;
    const answer = await fragment(`${this.page.dataset["roleUrl"]}/fields/${fold.dataset["fieldsOf"]}`);
    if (answer.status !== 200) return toast(word("offline"));
    place.innerHTML = answer.html;
    for (const select of all<HTMLSelectElement>("[data-right]", place)) this.redraw(select);
  }

  private narrow(): void {
    const text = (one<HTMLInputElement>("[data-matrix-find]", this.page)?.value ?? "").trim().toLowerCase();
    const granted = one<HTMLInputElement>("[data-matrix-granted]", this.page)?.checked ?? false;
    for (const group of all("[data-matrix-group]", this.page)) {
      const rows = all("[data-matrix-row]", group);
      for (const row of rows) {
        const named = (one("th", row)?.textContent ?? "").toLowerCase().includes(text);
        row.hidden = !named || (granted && row.dataset["granted"] === undefined);
      }
      group.hidden = rows.every((row) => row.hidden);
    }
  }

  private list(): Edit[] {
    return [...this.edits].map(([path, value]) => ({ path, value }));
  }

  private keep(): void {
    sessionStorage.setItem(this.kept, JSON.stringify(this.list()));
    this.count();
  }

  private count(): void {
    const bar = one("[data-draft-bar]", this.page);
    const said = one("[data-draft-count]", this.page);
    if (bar) bar.hidden = !this.edits.size;
    if (said) said.textContent = word("draftChanges", { count: this.edits.size });
  }

  private restore(): void {
    for (const { path, value } of JSON.parse(sessionStorage.getItem(this.kept) ?? "[]") as Edit[]) this.edits.set(path, value);
    for (const input of all("[data-path]", this.page)) this.redraw(input);
    this.count();
  }

  /** Shows an edit that was made before the page was loaded. */
  private redraw(input: HTMLElement): void {
    const path = input.dataset["path"] ?? "";
    const denied = this.edits.get(path.replace(/^rights/, "deny"));
    const cell = input.matches("[data-cell]");
    if (!this.edits.has(path) && !(cell && denied !== undefined)) return;
    const value = this.edits.get(path);
    if (cell && input instanceof HTMLSelectElement) {
      const where = value !== null && typeof value === "object" && "where" in value ? value.where : "";
      input.value = denied === "all" ? "never" : where ? "where" : String(value ?? "");
      input.title = where;
    } else if (input instanceof HTMLSelectElement) input.value = String(value ?? "");
    else if (input instanceof HTMLInputElement && input.type === "checkbox") input.checked = Boolean(value);
    else if (input instanceof HTMLInputElement) input.value = String(value ?? "");
    else if (input.matches("[data-choices]")) this.redrawChoices(input, Array.isArray(value) ? value : null);
    if (input instanceof HTMLSelectElement) input.dataset["scope"] = input.value;
    input.classList.add("is-edited");
  }

  private redrawChoices(place: HTMLElement, chosen: string[] | null): void {
    const every = one<HTMLInputElement>("[data-choices-all]", place);
    if (every) every.checked = chosen === null;
    for (const box of all<HTMLInputElement>("[data-choice]", place)) box.checked = chosen === null || chosen.includes(box.value);
  }

  private discard(): void {
    sessionStorage.removeItem(this.kept);
    location.reload();
  }

  private async preview(): Promise<void> {
    const button = one("[data-draft-preview]", this.page);
    button?.setAttribute("aria-busy", "true");
    const answer = await send(`${this.page.dataset["roleUrl"]}/preview`, { edits: this.list() });
    button?.removeAttribute("aria-busy");
    if (answer.status !== 200) return this.refused(this.page, answer);
    const place = one("[data-preview-place]");
    if (!place) return;
    place.innerHTML = String(answer.body["html"] ?? "");
    const dialog = one<HTMLDialogElement>("dialog", place);
    const form = one<HTMLFormElement>("form", place);
    form?.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.publish(form);
    });
    dialog?.showModal();
  }

  private async publish(form: HTMLFormElement): Promise<void> {
    const button = one("[type=submit]", form);
    button?.setAttribute("aria-busy", "true");
    const message = one<HTMLInputElement>("[data-message]", form)?.value ?? "";
    const answer = await send(`${this.page.dataset["roleUrl"]}/publish`, { edits: this.list(), over: Number(form.dataset["over"]), message, despite_red: one<HTMLInputElement>("[data-despite]", form)?.checked ?? false });
    button?.removeAttribute("aria-busy");
    if (answer.status !== 200) return this.refused(form, answer);
    sessionStorage.removeItem(this.kept);
    follow(answer);
  }

  /** Says what was refused; the draft stays as it is. */
  private refused(place: HTMLElement, answer: Parameters<typeof said>[0]): void {
    if (answer.status === 409) answer.body.message = word("publishedMeanwhile");
    showErrors(place, answer);
    for (const error of answer.body.errors ?? []) {
      const cell = one(`[data-path="${CSS.escape(error.path.slice(0, 3).join("/"))}"]`, this.page);
      cell?.classList.add("is-wrong");
      if (cell && !cell.title) cell.title = error.message;
    }
    if (!one("[data-form-problem]", place)) toast(said(answer));
  }
}

function number(text: string): number | null {
  return text.trim() ? Number(text) : null;
}
