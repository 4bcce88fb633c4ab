// Handing over: rules are lines, previewed before anything moves; the run is watched to its end.
import { all, one } from "./dom";
import { follow } from "./actions";
import { showErrors } from "./errors";
import { onceKey, send } from "./net";
import { startPickers } from "./picker";

/** How long to wait before asking again how far a hand-over is. */
const PAUSE = 1200;

export function startHandover(): void {
  const page = one("[data-handover]");
  if (page) start(page);
  if (one("[data-watch]")) window.setTimeout(() => location.reload(), PAUSE);
}

function start(page: HTMLElement): void {
  const key = onceKey();
  add(page, true);
  one("[data-add-rule]", page)?.addEventListener("click", () => add(page, false));
  one("[data-plan]", page)?.addEventListener("click", (event) => void plan(page, event.currentTarget));
  one("[data-start]", page)?.addEventListener("click", (event) => void run(page, event.currentTarget, key));
  startPickers(page, () => ({}));
  page.addEventListener("change", (event) => {
    const kind = event.target instanceof HTMLSelectElement && event.target.matches("[data-rule-kind]") ? event.target : null;
    for (const place of kind ? all("[data-for-kind]", kind.closest("[data-rule]") ?? page) : []) place.hidden = place.dataset["forKind"] !== kind?.value;
    stale(page);
  });
  page.addEventListener("input", () => stale(page));
  page.addEventListener("chosen", () => stale(page));
}

let added = 0;

/** Adds a rule: the one for everything else, or one before it. */
function add(page: HTMLElement, last: boolean): void {
  const row = one<HTMLTemplateElement>("[data-rule-row]", page)?.content.firstElementChild?.cloneNode(true);
  const list = one("[data-rules]", page);
  if (!(row instanceof HTMLElement) || !list) return;
  added += 1;
  for (const part of all("[id]", row)) part.id += `-${added}`;
  const entity = one<HTMLSelectElement>("[data-rule-entity]", row);
  if (last) {
    entity?.setAttribute("disabled", "");
    one("[data-rule-filter]", row)?.setAttribute("hidden", "");
    one("[data-remove-rule]", row)?.setAttribute("hidden", "");
    list.append(row);
  } else {
    entity?.options[0]?.remove();
    list.lastElementChild?.before(row);
    one("[data-remove-rule]", row)?.addEventListener("click", () => {
      row.remove();
      stale(page);
    });
    entity?.focus();
  }
}

function rules(page: HTMLElement): Record<string, unknown>[] {
  return all("[data-rule]", page).map((row) => {
    const kind = one<HTMLSelectElement>("[data-rule-kind]", row)?.value ?? "people";
    const chosen = one<HTMLInputElement>(`[data-for-kind="${kind}"] [data-link]`, row)?.value ?? "";
    return {
      entity: one<HTMLSelectElement>("[data-rule-entity]", row)?.value ?? "",
      filter: one<HTMLInputElement>("[data-rule-filter]", row)?.value.trim() ?? "",
      to: kind === "people" ? { people: [chosen] } : kind === "team" ? { team: chosen } : { [kind]: true },
    };
  }).filter((rule) => JSON.stringify(rule.to) !== '{"people":[""]}');
}

function body(page: HTMLElement): Record<string, unknown> {
  return { rules: rules(page), disable: one<HTMLInputElement>("[data-disable]", page)?.checked ?? true };
}

/** What was previewed holds only for the rules it was made with. */
function stale(page: HTMLElement): void {
  one("[data-start-bar]", page)?.setAttribute("hidden", "");
  one("[data-plan-place]", page)?.replaceChildren();
}

async function plan(page: HTMLElement, button: EventTarget | null): Promise<void> {
  const busy = button instanceof HTMLElement ? button : page;
  busy.setAttribute("aria-busy", "true");
  const answer = await send(page.dataset["planUrl"] ?? "", body(page));
  busy.removeAttribute("aria-busy");
  const place = one("[data-plan-place]", page);
  one("[data-form-problem]", page)?.setAttribute("hidden", "");
  if (answer.status !== 200) return showErrors(page, answer);
  if (place) place.innerHTML = String(answer.body["html"] ?? "");
  one("[data-start-bar]", page)?.toggleAttribute("hidden", answer.body["ready"] !== true);
  place?.scrollIntoView({ block: "nearest" });
}

async function run(page: HTMLElement, button: EventTarget | null, key: string): Promise<void> {
  const busy = button instanceof HTMLElement ? button : page;
  busy.setAttribute("aria-busy", "true");
  const answer = await send(page.dataset["startUrl"] ?? "", body(page), key);
  busy.removeAttribute("aria-busy");
  if (answer.status === 200) follow(answer);
  else showErrors(page, answer);
}
