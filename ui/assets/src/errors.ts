// What is wrong, beside the field it is about, all at once; the first one gets the focus.
import { all, one, word } from "./dom";
import type { Answer, FieldProblem } from "./net";
import { openTab } from "./shell";
import { FOCUSABLE } from "./values";

export function clearErrors(form: ParentNode): void {
  for (const field of all(".has-error", form)) {
    field.classList.remove("has-error");
    one("[aria-invalid]", field)?.removeAttribute("aria-invalid");
    const note = one(".field-note", field);
    if (note) note.textContent = note.dataset["help"] ?? "";
  }
}

export function showErrors(form: HTMLElement, answer: Answer): void {
  clearErrors(form);
  const problems = answer.body.errors ?? [];
  const placed = problems.filter((problem) => show(form, problem));
  const loose = problems.filter((problem) => !placed.includes(problem)).map((problem) => problem.message);
  const notice = one("[data-form-problem]", form);
  if (notice) {
    const fields = new Set(placed.map((problem) => JSON.stringify(problem.path))).size;
    const counted = fields > 1 ? [word("fix", { count: fields })] : [];
    const said = answer.body["reload"] ? [answer.body.message ?? ""] : [];
    const lines = problems.length ? [...said, ...loose, ...counted] : [answer.body.message ?? word("offline")];
    notice.textContent = lines.join(" ");
    notice.hidden = !lines.length;
    if (!placed.length) notice.focus();
  }
  const first = one(".has-error", form);
  if (first) reveal(first);
}

/** Takes a field's error away once it is being mended. */
export function mended(field: HTMLElement): void {
  if (field.classList.contains("has-error")) clearErrors(field.parentElement ?? document);
}

function show(form: HTMLElement, problem: FieldProblem): boolean {
  const field = find(form, problem.path);
  if (!field) return false;
  const note = one(".field-note", field) ?? one("[data-grid-note]", field);
  if (!note) return false;
  note.dataset["help"] ??= note.textContent?.trim() ?? "";
  note.textContent = field.classList.contains("has-error") ? `${note.textContent} ${problem.message}` : problem.message;
  field.classList.add("has-error");
  one(FOCUSABLE, field)?.setAttribute("aria-invalid", "true");
  return true;
}

function find(form: HTMLElement, path: (string | number)[]): HTMLElement | null {
  const [name, index, column] = path;
  if (typeof name !== "string") return null;
  const grid = one(`[data-grid="${CSS.escape(name)}"]`, form);
  if (grid && typeof index === "number") {
    const row = all("[data-row]", grid)[index];
    return row && typeof column === "string" ? (one(`[data-field="${CSS.escape(column)}"]`, row) ?? grid) : grid;
  }
  return grid ?? one(`.field[data-field="${CSS.escape(name)}"]`, form);
}

function reveal(field: HTMLElement): void {
  const panel = field.closest<HTMLElement>("[role=tabpanel]");
  const tab = panel?.hidden ? document.getElementById(panel.getAttribute("aria-labelledby") ?? "") : null;
  if (tab) openTab(tab);
  one(FOCUSABLE, field)?.focus();
  field.scrollIntoView({ block: "center" });
}
