// Lists: a row opens its record, the quick search answers Enter and Esc; a sheet brings its own script.
import { composing, one } from "./dom";
import { openRecord } from "./opening";

export function startLists(): void {
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || !(event.target instanceof Element) || event.target.closest("a, button, input, label, summary, select")) return;
    const row = event.target.closest<HTMLElement>("tr[data-href]");
    if (!row || window.getSelection()?.toString()) return;
    // Where cells are edited, a click on one chooses it; on a phone there are cards and no cells.
    if (row.closest("[data-editable]") && window.matchMedia("(min-width: 821px)").matches) return;
    const address = row.dataset["href"] ?? "";
    if (event.metaKey || event.ctrlKey) window.open(address, "_blank", "noopener");
    else openRecord(address);
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
  if (one("[data-exact]")) void import("./counting").then(({ startCounting }) => startCounting());
  if (one("[data-totals-url]")) void import("./totals").then(({ bringTotals }) => bringTotals());
  if (one("[data-sheet], [data-keeping]")) void import("./sheet").then(({ startSheet }) => startSheet());
}
