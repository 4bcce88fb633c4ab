// The filter builder: lines become a formula; the formula is what the address and the server know.
import { all, make, one } from "./dom";

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

function chosenOperator(row: HTMLElement): HTMLOptionElement | undefined {
  return one<HTMLSelectElement>("[data-part=operator]", row)?.selectedOptions[0];
}

/** Puts what the chosen comparison takes beside it: nothing, an input, options. */
function fillValue(form: HTMLFormElement, row: HTMLElement, text: string): void {
  const place = one("[data-part=value]", row);
  const field = one<HTMLSelectElement>("[data-part=field]", row)?.value ?? "";
  const takes = chosenOperator(row)?.dataset["takes"] ?? "nothing";
  if (!place) return;
  place.replaceChildren();
  if (takes === "nothing") return;
  const options = one<HTMLTemplateElement>(`[data-options-of="${field}"]`, form);
  if (takes === "options" && options) place.append(checks(options, text.split("\n")));
  else if (takes === "option" && options) place.append(select(options, text));
  else {
    const mode = ["number", "percent", "days"].includes(takes) ? "decimal" : "text";
    const input = make("input", { class: "form-control", type: takes === "date" || takes === "time" ? takes : "text", inputmode: mode, value: text });
    if (takes === "percent") input.setAttribute("placeholder", "%");
    place.append(input);
  }
}

function select(options: HTMLTemplateElement, text: string): HTMLSelectElement {
  const made = make("select", { class: "form-select" }) as HTMLSelectElement;
  made.append(options.content.cloneNode(true));
  if (text) made.value = text;
  return made;
}

function checks(options: HTMLTemplateElement, chosen: string[]): HTMLElement {
  const lines = all<HTMLOptionElement>("option", options.content).map((option) => {
    const box = make("input", { type: "checkbox", value: option.value }) as HTMLInputElement;
    box.checked = chosen.includes(option.value);
    box.toggleAttribute("checked", box.checked);
    return make("label", { class: "check-mark" }, box, make("span", {}, option.text));
  });
  return make("fieldset", { class: "checks" }, ...lines);
}

function value(row: HTMLElement): string {
  const boxes = all<HTMLInputElement>("[data-part=value] :checked[type=checkbox]", row);
  if (boxes.length) return boxes.map((box) => box.value).join("\n");
  return one<HTMLInputElement | HTMLSelectElement>("[data-part=value] > :is(input, select)", row)?.value.trim() ?? "";
}

function write(form: HTMLFormElement): void {
  const joined = one<HTMLSelectElement>("[data-filter-join]", form)?.value === "or" ? " or " : " and ";
  const parts = all(".filter-row", form).map(condition).filter(Boolean);
  const text = one<HTMLTextAreaElement>("[data-filter-text]", form);
  // A comparison that is two in itself stays one among others.
  if (text) text.value = parts.map((part) => (parts.length > 1 && / (and|or) /.test(part) ? `(${part})` : part)).join(joined);
}

function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** The formula of a line: the comparison's own, its open places filled. */
function condition(row: HTMLElement): string {
  const operator = chosenOperator(row);
  if (!operator) return "";
  const { takes = "nothing", formula = "" } = operator.dataset;
  if (takes === "nothing") return formula;
  const text = value(row);
  return text ? formula.replaceAll("{value}", literal(takes, text)) : "";
}

function literal(takes: string, text: string): string {
  if (takes === "number" || takes === "percent" || takes === "days") {
    const number = text.normalize("NFKC").replace(/[,\s%]/g, "");
    return takes === "percent" ? `${number}%` : number;
  }
  if (takes === "date") {
    const [year, month, day] = text.split("-").map(Number);
    return `DATE(${year}, ${month}, ${day})`;
  }
  return takes === "options" ? `[${text.split("\n").map(quoted).join(", ")}]` : quoted(text);
}
