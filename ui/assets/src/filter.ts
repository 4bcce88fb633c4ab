// The filter builder: lines become a formula; the formula is what the address and the server know.
import { all, make, one } from "./dom";

const VALUELESS = new Set(["blank", "filled", "true", "false", "me", "this_month", "this_quarter", "this_year", "past"]);

interface Line {
  field: string;
  operator: string;
  value: string;
}

export function startFilter(): void {
  const form = one<HTMLFormElement>("[data-filter]");
  if (!form) return;
  const simple = form.dataset["simple"] === "true";
  for (const kept of all("[data-condition]", form)) {
    const { field = "", operator = "", value = "" } = kept.dataset;
    add(form, { field, operator, value });
  }
  if (simple && !all(".filter-row", form).length) add(form);
  one("[data-filter-add]", form)?.addEventListener("click", () => add(form));
  form.addEventListener("input", (event) => {
    if (!(event.target instanceof Element) || event.target.matches("[data-filter-text]")) return;
    write(form);
  });
  one("[data-filter-clear]", form)?.addEventListener("click", () => {
    const text = one<HTMLTextAreaElement>("[data-filter-text]", form);
    if (text) text.value = "";
    form.requestSubmit();
  });
  form.addEventListener("submit", () => {
    for (const input of all<HTMLInputElement>("[data-part] input, [data-part] select, select[data-part]", form)) input.removeAttribute("name");
    const text = one<HTMLTextAreaElement>("[data-filter-text]", form);
    if (text && !text.value.trim()) text.disabled = true;
  });
}

function add(form: HTMLFormElement, line?: Line): void {
  const template = one<HTMLTemplateElement>("[data-filter-row]", form);
  const row = template?.content.firstElementChild?.cloneNode(true);
  if (!(row instanceof HTMLElement)) return;
  const field = one<HTMLSelectElement>("[data-part=field]", row);
  const operator = one<HTMLSelectElement>("[data-part=operator]", row);
  if (!field || !operator) return;
  if (line) field.value = line.field;
  fillOperators(form, row, line?.operator);
  fillValue(form, row, line?.value ?? "");
  field.addEventListener("change", () => {
    fillOperators(form, row);
    fillValue(form, row, "");
    write(form);
  });
  operator.addEventListener("change", () => {
    fillValue(form, row, value(row));
    write(form);
  });
  one("[data-part=remove]", row)?.addEventListener("click", () => {
    row.remove();
    write(form);
  });
  one("[data-filter-rows]", form)?.append(row);
}

function fillOperators(form: HTMLFormElement, row: HTMLElement, chosen?: string): void {
  const name = one<HTMLSelectElement>("[data-part=field]", row)?.value ?? "";
  const operator = one<HTMLSelectElement>("[data-part=operator]", row);
  const offered = one<HTMLTemplateElement>(`[data-operators-of="${name}"]`, form);
  if (!operator || !offered) return;
  operator.replaceChildren(offered.content.cloneNode(true));
  if (chosen) operator.value = chosen;
}

function fillValue(form: HTMLFormElement, row: HTMLElement, text: string): void {
  const place = one("[data-part=value]", row);
  const field = one<HTMLSelectElement>("[data-part=field]", row);
  const operator = one<HTMLSelectElement>("[data-part=operator]", row)?.value ?? "";
  if (!place || !field) return;
  place.replaceChildren();
  if (VALUELESS.has(operator)) return;
  const kind = field.selectedOptions[0]?.dataset["kind"] ?? "text";
  const options = one<HTMLTemplateElement>(`[data-options-of="${field.value}"]`, form);
  if (options) {
    const select = make("select", { class: "form-select" }) as HTMLSelectElement;
    select.append(options.content.cloneNode(true));
    if (text) select.value = text;
    place.append(select);
    return;
  }
  const type = kind === "date" ? "date" : "text";
  const mode = kind === "number" || kind === "percent" ? "decimal" : "text";
  const input = make("input", { class: "form-control", type, inputmode: mode, value: text });
  if (kind === "percent") input.setAttribute("placeholder", "%");
  place.append(input);
}

function value(row: HTMLElement): string {
  return one<HTMLInputElement | HTMLSelectElement>("[data-part=value] > *", row)?.value.trim() ?? "";
}

function write(form: HTMLFormElement): void {
  const joined = one<HTMLSelectElement>("[data-filter-join]", form)?.value === "or" ? " or " : " and ";
  const parts = all(".filter-row", form).map(condition).filter(Boolean);
  const text = one<HTMLTextAreaElement>("[data-filter-text]", form);
  if (text) text.value = parts.join(joined);
}

function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

function condition(row: HTMLElement): string {
  const field = one<HTMLSelectElement>("[data-part=field]", row);
  const operator = one<HTMLSelectElement>("[data-part=operator]", row)?.value ?? "";
  const option = field?.selectedOptions[0];
  if (!field || !option) return "";
  const name = field.value;
  const fixed: Record<string, string> = {
    blank: `ISBLANK(${name})`,
    filled: `not ISBLANK(${name})`,
    true: name,
    false: `not ${name}`,
    me: `${name} == user.id`,
    past: `${name} < TODAY()`,
    this_month: `STARTOF(${name}, "month") == STARTOF(TODAY(), "month")`,
    this_quarter: `STARTOF(${name}, "quarter") == STARTOF(TODAY(), "quarter")`,
    this_year: `STARTOF(${name}, "year") == STARTOF(TODAY(), "year")`,
  };
  if (fixed[operator]) return fixed[operator];
  const text = value(row);
  if (!text) return "";
  if (operator === "contains") return `CONTAINS(${option.dataset["path"]}, ${quoted(text)})`;
  return `${name} ${operator} ${literal(option.dataset["kind"] ?? "text", text)}`;
}

function literal(kind: string, text: string): string {
  if (kind === "number" || kind === "percent") {
    const number = text.normalize("NFKC").replace(/[,\s%]/g, "");
    return kind === "percent" ? `${number}%` : number;
  }
  if (kind === "date") {
    const [year, month, day] = text.split("-").map(Number);
    return `DATE(${year}, ${month}, ${day})`;
  }
  return quoted(text);
}
