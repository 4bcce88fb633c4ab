// The audit log: a line unfolds to what is known of it; people are chosen as everywhere.
import { one } from "./dom";
import { startPickers } from "./picker";

export function startLog(): void {
  const form = one<HTMLFormElement>("[data-log-filter]");
  if (form) startPickers(form, () => ({}));
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-unfold-button]") : null;
    const more = button ? one(".log-more", button.closest("[data-unfold]") ?? document) : null;
    if (!button || !more) return;
    more.hidden = !more.hidden;
    button.setAttribute("aria-expanded", String(!more.hidden));
  });
}
