// Lists: a row opens its record, the quick search answers Enter and Esc.
import { composing, one } from "./dom";

export function startLists(): void {
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || event.target.closest("a, button, input, label, summary")) return;
    const row = event.target.closest<HTMLElement>("tr[data-href]");
    if (!row || window.getSelection()?.toString()) return;
    const address = row.dataset["href"] ?? "";
    if (event.metaKey || event.ctrlKey) window.open(address, "_blank", "noopener");
    else location.assign(address);
  });
  const search = one<HTMLInputElement>("[data-quick-search]");
  search?.addEventListener("keydown", (event) => {
    if (composing(event)) return;
    if (event.key === "Escape") {
      const held = search.defaultValue !== "";
      search.value = "";
      search.blur();
      if (held) search.form?.submit();
    }
  });
  search?.addEventListener("search", () => {
    if (!search.value && search.defaultValue) search.form?.submit();
  });
}
