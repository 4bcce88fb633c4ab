// The filter builder: lines in groups become a formula; the formula is what the address and the server know.
import { all, make, one, word } from "./dom";
import { fragment } from "./net";

export interface Line {
  field: string;
  operator: string;
  value: string;
}

interface Group {
  joined: string;
  items: (Line | Group)[];
}

export function startFilter(): void {
  const form = one<HTMLFormElement>("[data-filter]");
  if (!form || !startLines(form)) return;
  const fold = one<HTMLDetailsElement>(".filter-formula", form);
  fold?.addEventListener("toggle", () => void import("./formula_help").then(({ startFormulas }) => startFormulas()), { once: true });
  form.addEventListener("submit", () => {
    for (const input of all<HTMLInputElement>("[data-part] input, [data-part] select, select[data-part]", form)) input.removeAttribute("name");
    const text = one<HTMLTextAreaElement>("[data-filter-text]", form);
    if (!text || text.value.trim()) return;
    // Where a view has a filter of its own, taking it away has to be said.
    if (text.defaultValue.trim() && one("[data-keeping]")) text.value = "true";
    else text.disabled = true;
  });
}

/** The lines of a builder: what is put together in them is written into the form's formula. */
export function startLines(form: HTMLFormElement): boolean {
  const lines = one("[data-filter-lines]", form);
  const root = one("[data-filter-root]", form);
  if (!lines || !root) return false;
  root.classList.add("filter-root");
  const tree = JSON.parse(lines.dataset["tree"] || '{"joined":"and","items":[]}') as Group;
  addGroup(form, root, tree);
  form.addEventListener("input", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-filter-lines]")) write(form);
  });
  form.addEventListener("click", (event) => clicked(form, event));
  return true;
}

function clicked(form: HTMLFormElement, event: Event): void {
  const button = event.target instanceof Element ? event.target.closest<HTMLElement>("button") : null;
  const group = button?.closest<HTMLElement>(".filter-group");
  if (!button) return;
  if (button.matches("[data-filter-clear]")) {
    const text = one<HTMLTextAreaElement>("[data-filter-text]", form);
    if (text) text.value = "";
    form.requestSubmit();
  } else if (button.matches("[data-filter-add]") && group) addLine(form, group);
  else if (button.matches("[data-filter-add-group]") && group) {
    const rows = one("[data-filter-rows]", group);
    const joined = one<HTMLSelectElement>("[data-filter-join]", group)?.value === "or" ? "and" : "or";
    if (rows) addGroup(form, rows, { joined, items: [] });
  } else if (button.matches("[data-part=remove]")) {
    (button.closest(".filter-row") ?? group)?.remove();
    write(form);
  }
}

function addGroup(form: HTMLFormElement, place: HTMLElement, held: Group): void {
  const made = one<HTMLTemplateElement>("[data-filter-group]", form)?.content.firstElementChild?.cloneNode(true);
  if (!(made instanceof HTMLElement)) return;
  const join = one<HTMLSelectElement>("[data-filter-join]", made);
  if (join) join.value = held.joined;
  place.append(made);
  const rows = one("[data-filter-rows]", made);
  for (const item of held.items) {
    if ("items" in item && rows) addGroup(form, rows, item);
    else if ("field" in item) addLine(form, made, item);
  }
  if (!held.items.length && form.dataset["simple"] === "true") addLine(form, made);
}

function addLine(form: HTMLFormElement, group: HTMLElement, line?: Line): void {
  const row = newLine(form, line);
  if (row) one("[data-filter-rows]", group)?.append(row);
}

/** A line of the builder that stands by itself, filled from what it is to say. */
export function newLine(form: HTMLFormElement, line?: Line): HTMLElement | undefined {
  const row = one<HTMLTemplateElement>("[data-filter-row]", form)?.content.firstElementChild?.cloneNode(true);
  if (!(row instanceof HTMLElement)) return undefined;
  const field = one<HTMLSelectElement>("[data-part=field]", row);
  const operator = one<HTMLSelectElement>("[data-part=operator]", row);
  if (!field || !operator) return undefined;
  if (line) field.value = line.field;
  fillOperators(form, row, line?.operator);
  fillValue(form, row, line?.value ?? "");
  field.addEventListener("change", () => void chosen(form, row, field));
  operator.addEventListener("change", () => {
    fillValue(form, row, value(row));
    write(form);
  });
  return row;
}

/** A link's own fields are asked for when somebody goes through it. */
async function chosen(form: HTMLFormElement, row: HTMLElement, field: HTMLSelectElement): Promise<void> {
  const leads = field.selectedOptions[0]?.dataset["leads"];
  if (leads) {
    await through(form, leads);
    const first = all<HTMLOptionElement>("option", field).find((option) => option.value.startsWith(`${leads}.`) && option.value !== `${leads}.`);
    if (first) field.value = first.value;
  }
  fillOperators(form, row);
  fillValue(form, row, "");
  write(form);
}

async function through(form: HTMLFormElement, link: string): Promise<void> {
  const lines = one("[data-filter-lines]", form);
  if (!lines || one(`template[data-operators-of^="${link}."]`, form)) return;
  const answer = await fragment(`${lines.dataset["fieldsUrl"]}?of=${encodeURIComponent(link)}`);
  if (answer.status !== 200) return;
  const holder = make("div");
  holder.innerHTML = answer.html;
  const found = all<HTMLTemplateElement>("template[data-operators-of]", holder);
  const options = found.map((each) => make("option", { value: each.dataset["operatorsOf"] ?? "" }, each.dataset["label"] ?? ""));
  lines.append(...holder.childNodes);
  const template = one<HTMLTemplateElement>("[data-filter-row]", form);
  const selects = [...all<HTMLSelectElement>("[data-part=field]", form), ...(template ? all<HTMLSelectElement>("[data-part=field]", template.content) : [])];
  for (const select of selects) one(`option[value="${link}."]`, select)?.before(...options.map((option) => option.cloneNode(true)));
}

function fillOperators(form: HTMLFormElement, row: HTMLElement, picked?: string): void {
  const name = one<HTMLSelectElement>("[data-part=field]", row)?.value ?? "";
  const operator = one<HTMLSelectElement>("[data-part=operator]", row);
  const offered = one<HTMLTemplateElement>(`[data-operators-of="${name}"]`, form);
  if (!operator || !offered) return;
  operator.replaceChildren(offered.content.cloneNode(true));
  if (picked) operator.value = picked;
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
    const input = make("input", { class: "form-control", type: takes === "date" || takes === "time" ? takes : "text", inputmode: mode, value: text, "aria-label": chosenOperator(row)?.text ?? "" });
    if (takes === "percent") input.setAttribute("placeholder", "%");
    place.append(input);
    if (mode === "decimal") judged(place, input as HTMLInputElement, takes);
  }
}

/** Says at once that what was typed is no number; the form is not sent with it. */
function judged(place: HTMLElement, input: HTMLInputElement, takes: string): void {
  const judge = (): void => {
    const typed = input.value.trim();
    const wrong = typed !== "" && !(takes === "days" ? /^\d{1,5}$/ : /^-?\d+(\.\d+)?$/).test(plain(typed));
    const said = wrong ? word(takes === "days" ? "daysNeeded" : "numberNeeded") : "";
    input.setCustomValidity(said);
    input.setAttribute("aria-invalid", String(wrong));
    place.classList.toggle("has-error", wrong);
    one(".field-note", place)?.remove();
    if (wrong) place.append(make("small", { class: "field-note", role: "alert" }, said));
  };
  input.addEventListener("input", judge);
  judge();
}

/** A number as it was typed, as a formula writes it. */
function plain(text: string): string {
  return text.normalize("NFKC").replace(/[,\s%]/g, "");
}

function select(options: HTMLTemplateElement, text: string): HTMLSelectElement {
  const made = make("select", { class: "form-select" }) as HTMLSelectElement;
  made.append(options.content.cloneNode(true));
  if (text) made.value = text;
  return made;
}

function checks(options: HTMLTemplateElement, ticked: string[]): HTMLElement {
  const lines = all<HTMLOptionElement>("option", options.content).map((option) => {
    const box = make("input", { type: "checkbox", value: option.value }) as HTMLInputElement;
    box.checked = ticked.includes(option.value);
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
  const text = one<HTMLTextAreaElement>("[data-filter-text]", form);
  const root = one("[data-filter-root] > .filter-group", form);
  if (!text || !root) return;
  text.value = formula(root);
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

/** The formula of a group; what is joined in itself stands in brackets among others. */
function formula(group: HTMLElement): string {
  const joined = one<HTMLSelectElement>("[data-filter-join]", group)?.value === "or" ? " or " : " and ";
  const rows = one("[data-filter-rows]", group);
  const parts = all(":scope > .filter-row, :scope > .filter-group", rows ?? group).map((each) => (each.matches(".filter-row") ? condition(each) : formula(each))).filter(Boolean);
  if (parts.length === 1) return parts[0] ?? "";
  return parts.map((part) => (/ (and|or) /.test(part) ? `(${part})` : part)).join(joined);
}

function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** The formula of a line: the comparison's own, its open places filled. */
export function condition(row: HTMLElement): string {
  const operator = chosenOperator(row);
  if (!operator) return "";
  const { takes = "nothing", formula: open = "" } = operator.dataset;
  if (takes === "nothing") return open;
  const text = value(row);
  return text ? open.replaceAll("{value}", literal(takes, text)) : "";
}

function literal(takes: string, text: string): string {
  if (takes === "number" || takes === "percent" || takes === "days") {
    return takes === "percent" ? `${plain(text)}%` : plain(text);
  }
  if (takes === "date") {
    const [year, month, day] = text.split("-").map(Number);
    return `DATE(${year}, ${month}, ${day})`;
  }
  return takes === "options" ? `[${text.split("\n").map(quoted).join(", ")}]` : quoted(text);
}
