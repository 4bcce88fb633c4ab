// A formula while it is typed: what is wrong with it, what could follow, and what it gives.
import { all, debounced, first, make, one } from "./dom";
import { send } from "./net";

/** Follows every formula of the page, those of dialogs that come later, too. */
export function startFormulas(): void {
  if (!first("formulas")) return;
  document.addEventListener("input", (event) => {
    if (event.target instanceof HTMLTextAreaElement && event.target.matches("[data-formula]")) later(event.target);
  });
  document.addEventListener("click", (event) => {
    const insert = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-insert]") : null;
    if (insert) put(insert);
  });
}

/** Checks what formulas hold already. */
export function checkAll(within: ParentNode): void {
  for (const text of all<HTMLTextAreaElement>("[data-formula]", within)) if (text.value.trim()) void check(text);
}

const later = debounced(300, (text: HTMLTextAreaElement) => void check(text));

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
