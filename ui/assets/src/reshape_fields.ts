// The dialogs of fields, stages and rules: a type is chosen, options are written, formulas are checked as they are typed.
import { all, composing, debounced, make, one } from "./dom";
import { send } from "./net";

export function startFieldDialogs(): void {
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
  for (const text of all<HTMLTextAreaElement>("[data-formula]", dialog)) if (text.value.trim()) void check(text);
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
  if (target instanceof HTMLTextAreaElement && target.matches("[data-formula]")) later(target);
}

const later = debounced(300, (text: HTMLTextAreaElement) => void check(text));

function pressed(target: EventTarget | null): void {
  if (!(target instanceof Element)) return;
  const add = target.closest<HTMLElement>("[data-add-option]");
  if (add) addOption(add);
  const insert = target.closest<HTMLElement>("[data-insert]");
  if (insert) put(insert);
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

interface Hint {
  text: string;
  label: string;
}

/** Says while a formula is typed what is wrong with it, what could follow, and its value for a real record. */
async function check(text: HTMLTextAreaElement): Promise<void> {
  const place = text.closest<HTMLElement>(".field");
  const note = place ? one("[data-formula-said]", place) : null;
  if (!place || !note) return;
  const written = text.value;
  if (!written.trim()) return said(place, note, "", false);
  const values = { formula: written, at: text.selectionStart, expect: text.dataset["formula"] ?? "" };
  const answer = await send(text.dataset["checkUrl"] ?? "", { values });
  if (text.value !== written) return;
  const errors = (answer.body.errors ?? []).map((error) => error.message);
  said(place, note, errors.join(" ") || String(answer.body["said"] ?? ""), errors.length > 0);
  offer(place, text, (answer.body["completions"] as Hint[] | undefined) ?? []);
}

function said(place: HTMLElement, note: HTMLElement, words: string, wrong: boolean): void {
  note.textContent = words;
  place.classList.toggle("has-error", wrong);
  place.classList.toggle("is-right", !wrong && words !== "");
  if (!words) one("[data-completions]", place)?.replaceChildren();
}

function offer(place: HTMLElement, text: HTMLTextAreaElement, hints: Hint[]): void {
  const list = one("[data-completions]", place);
  list?.replaceChildren(
    ...hints.map((hint) => {
      const button = make("button", { type: "button", class: "completion", "data-insert": hint.text, "data-into": text.id }, hint.label);
      return button;
    }),
  );
}

/** Puts a name where the cursor is, in the place of what was begun of it. */
function put(button: HTMLElement): void {
  const text = document.getElementById(button.dataset["into"] ?? "");
  if (!(text instanceof HTMLTextAreaElement)) return;
  const end = text.selectionStart;
  const begun = button.closest("[data-completions]") ? /[\p{L}\p{N}_「]*$/u.exec(text.value.slice(0, end))?.[0].length ?? 0 : 0;
  text.setRangeText(button.dataset["insert"] ?? "", end - begun, text.selectionEnd, "end");
  text.focus();
  void check(text);
}
