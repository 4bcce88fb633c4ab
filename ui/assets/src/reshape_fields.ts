// The dialogs of fields, stages and rules: a type is chosen, options are written, formulas are checked as they are typed.
import { all, composing, one } from "./dom";
import { checkAll, startFormulas } from "./formula_help";

export function startFieldDialogs(): void {
  startFormulas();
  document.addEventListener("change", (event) => chosen(event.target));
  document.addEventListener("input", (event) => typed(event.target));
  document.addEventListener("click", (event) => pressed(event.target));
  document.addEventListener("keydown", (event) => keyed(event));
  new MutationObserver((found) => {
    for (const node of found.flatMap((each) => [...each.addedNodes])) if (node instanceof HTMLDialogElement) opened(node);
  }).observe(document.body, { childList: true });
}

function opened(dialog: HTMLDialogElement): void {
  const type = one<HTMLInputElement>("[data-type-choice]:checked", dialog);
  if (type) fitted(dialog, type.value);
  checkAll(dialog);
  for (const list of all("[data-options]", dialog)) gather(list);
  const split = one<HTMLFormElement>("form[data-split-count]", dialog);
  if (split) void import("./splitting").then((found) => found.startSplitting(split));
}

function chosen(target: EventTarget | null): void {
  if (!(target instanceof HTMLInputElement || target instanceof HTMLSelectElement)) return;
  const dialog = target.closest("dialog");
  if (!dialog) return;
  if (target.matches("[data-type-choice]")) fitted(dialog, target.value);
  const list = target.closest<HTMLElement>("[data-options]");
  if (list) gather(list);
}

/** Shows what a field of the chosen type can say, and the word for the type itself. */
function fitted(dialog: HTMLElement, type: string): void {
  for (const part of all("[data-types]", dialog)) {
    const not = part.dataset["notTypes"]?.split(" ") ?? [];
    part.hidden = part.dataset["types"] !== "*" && !(part.dataset["types"] ?? "").split(" ").includes(type);
    if (not.includes(type)) part.hidden = true;
  }
  const fold = one<HTMLDetailsElement>("[data-type-fold]", dialog);
  const card = one<HTMLInputElement>(`[data-type-choice][value="${CSS.escape(type)}"]`, dialog)?.closest("label");
  const said = one("[data-type-said]", dialog);
  if (said && card) said.replaceChildren(...[...card.querySelectorAll(".icon, b")].map((part) => part.cloneNode(true)));
  if (fold?.open && fold.dataset["chosen"] === undefined) fold.dataset["chosen"] = "";
  else if (fold?.open) fold.open = false;
}

function typed(target: EventTarget | null): void {
  if (!(target instanceof HTMLElement)) return;
  const list = target.closest<HTMLElement>("[data-options]");
  if (list) gather(list);
}

function pressed(target: EventTarget | null): void {
  if (!(target instanceof Element)) return;
  const add = target.closest<HTMLElement>("[data-add-option]");
  if (add) addOption(add);
  const button = target.closest<HTMLElement>("[data-option-do]");
  const line = button?.closest<HTMLElement>("[data-option]");
  const list = line?.closest<HTMLElement>("[data-options]");
  if (!button || !line || !list) return;
  const doing = button.dataset["optionDo"];
  if (doing === "up") line.previousElementSibling?.before(line);
  if (doing === "down") line.nextElementSibling?.after(line);
  if (doing === "remove") line.remove();
  gather(list);
  if (line.isConnected) button.focus();
}

/** Enter in an option begins the next one instead of sending the form. */
function keyed(event: KeyboardEvent): void {
  if (event.key !== "Enter" || composing(event) || !(event.target instanceof HTMLElement)) return;
  const line = event.target.closest<HTMLElement>("[data-option]");
  const add = line ? one("[data-add-option]", line.closest(".field") ?? document) : null;
  if (!line || !add) return;
  event.preventDefault();
  addOption(add);
}

function addOption(add: HTMLElement): void {
  const place = add.closest<HTMLElement>(".field");
  const list = place ? one("[data-options]", place) : null;
  const row = place ? one<HTMLTemplateElement>("[data-option-row]", place)?.content.firstElementChild?.cloneNode(true) : null;
  if (!list || !(row instanceof HTMLElement)) return;
  list.append(row);
  gather(list);
  one<HTMLInputElement>("input", row)?.focus();
}

/** Keeps the options, in order, in the hidden input that is sent. */
function gather(list: HTMLElement): void {
  const held = one<HTMLInputElement>("[data-input][data-json]", list.closest(".field") ?? document);
  if (!held) return;
  const options = all("[data-option]", list).map((line) => ({
    name: line.dataset["option"] ?? "",
    label: one<HTMLInputElement>("[data-option-label]", line)?.value.trim() ?? "",
    color: one<HTMLSelectElement>("[data-option-color]", line)?.value ?? "",
    fate: one<HTMLSelectElement>("[data-option-fate]", line)?.value ?? "",
  }));
  held.value = JSON.stringify(options.filter((option) => option.name || option.label));
  for (const line of all("[data-option]", list)) line.dataset["tone"] = one<HTMLSelectElement>("[data-option-color]", line)?.value ?? "";
}
