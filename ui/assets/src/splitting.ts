// Splitting an option or a stage: while the condition is put together, how many records it takes is said.
import { all, debounced, one } from "./dom";
import { startLines } from "./filter";
import { send } from "./net";

export function startSplitting(form: HTMLFormElement): void {
  startLines(form);
  const text = one<HTMLTextAreaElement>("[data-filter-text]", form);
  const place = text?.closest<HTMLElement>(".field");
  const note = one("[data-split-said]", form);
  if (!text || !place || !note) return;
  const begun = note.textContent ?? "";
  const wrong = (): HTMLInputElement | undefined => all<HTMLInputElement>("[data-filter-lines] input", form).find((input) => !input.checkValidity());
  // Before it is sent: what is wrong is said beside what was typed.
  form.addEventListener("submit", (event) => {
    const input = wrong();
    if (!input) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    input.focus();
  }, { capture: true });
  const count = debounced(300, async () => {
    const written = text.value.trim();
    if (!written || wrong()) {
      place.classList.remove("has-error", "is-right");
      note.textContent = begun;
      return;
    }
    const answer = await send(form.dataset["splitCount"] ?? "", { values: { takes: written } });
    if (text.value.trim() !== written || answer.status !== 200) return;
    const errors = (answer.body.errors ?? []).map((error) => error.message);
    place.classList.toggle("has-error", errors.length > 0);
    place.classList.toggle("is-right", errors.length === 0);
    note.textContent = errors.join(" ") || String(answer.body["said"] ?? "");
  });
  text.addEventListener("input", count);
}
