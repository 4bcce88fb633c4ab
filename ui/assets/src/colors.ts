// Colour rules of a list: a condition beside a colour; the first that holds gives a row its colour.
import { all, make, one } from "./dom";
import { condition, newLine, type Line } from "./filter";
import { arrange } from "./sheet_keeping";

interface Rule {
  when: string;
  color: string;
  line: Line | null;
}

export function startColors(): void {
  const dialog = one<HTMLDialogElement>("#colors");
  const form = one<HTMLFormElement>("[data-filter]");
  const place = dialog ? one("[data-rules]", dialog) : null;
  if (!dialog || !form || !place) return;
  const rules = JSON.parse(place.dataset["rules"] || "[]") as Rule[];
  for (const rule of rules) add(form, dialog, place, rule);
  one("[data-rule-add]", dialog)?.addEventListener("click", () => add(form, dialog, place));
  one("[data-rule-save]", dialog)?.addEventListener("click", () => {
    const colors = all("[data-rule]", place).map((row) => ({
      when: row.dataset["when"] ?? condition(row),
      color: one<HTMLSelectElement>("[data-rule-color]", row)?.value ?? "",
    }));
    void arrange({ colors: colors.filter((rule) => rule.when) }, { reload: true });
  });
}

/** A rule as a line of the filter builder; one that says more than a line stands as its formula. */
function add(form: HTMLFormElement, dialog: HTMLElement, place: HTMLElement, rule?: Rule): void {
  const row = rule && !rule.line ? make("div", { class: "filter-row" }, make("code", {}, rule.when), button(form)) : newLine(form, rule?.line ?? undefined);
  const colors = one<HTMLTemplateElement>("[data-rule-colors]", dialog)?.content.firstElementChild?.cloneNode(true);
  if (!row || !(colors instanceof HTMLSelectElement)) return;
  row.dataset["rule"] = "";
  if (rule && !rule.line) row.dataset["when"] = rule.when;
  if (rule) colors.value = rule.color;
  row.prepend(colors);
  one("[data-part=remove]", row)?.addEventListener("click", () => row.remove());
  place.append(row);
}

function button(form: HTMLFormElement): Node {
  const template = one<HTMLTemplateElement>("[data-filter-row]", form);
  return (template ? one("[data-part=remove]", template.content) : null)?.cloneNode(true) ?? document.createTextNode("");
}
