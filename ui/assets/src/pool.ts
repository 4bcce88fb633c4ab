// A public pool: records that nobody has, chosen and claimed together.
import { follow } from "./actions";
import { all, one } from "./dom";
import { send } from "./net";

export function startPool(): void {
  const page = one("[data-pool]");
  const bar = one("[data-pool-bar]");
  if (!page || !bar) return;
  page.addEventListener("change", (event) => {
    const box = event.target;
    if (!(box instanceof HTMLInputElement)) return;
    if (box.matches("[data-pool-all]")) for (const each of boxes(page)) each.checked = box.checked;
    if (box.matches("[data-pool-all], [data-pool-pick]")) draw(page, bar);
  });
  one("[data-pool-none]", bar)?.addEventListener("click", () => {
    for (const each of boxes(page)) each.checked = false;
    draw(page, bar);
  });
  const claim = one<HTMLButtonElement>("[data-pool-claim]", bar);
  claim?.addEventListener("click", () => void claimChosen(page, claim));
  draw(page, bar);
}

function boxes(page: HTMLElement): HTMLInputElement[] {
  return all<HTMLInputElement>("[data-pool-pick]", page);
}

function chosen(page: HTMLElement): string[] {
  const rows = boxes(page).map((box) => (box.checked ? box.closest<HTMLElement>("[data-id]")?.dataset["id"] : undefined));
  return rows.filter((id) => id !== undefined);
}

function draw(page: HTMLElement, bar: HTMLElement): void {
  const count = chosen(page).length;
  for (const box of boxes(page)) box.closest("tr")?.classList.toggle("is-picked", box.checked);
  const every = one<HTMLInputElement>("[data-pool-all]", page);
  if (every) {
    every.checked = count > 0 && count === boxes(page).length;
    every.indeterminate = count > 0 && !every.checked;
  }
  bar.hidden = count === 0;
  const told = one("[data-pool-count]", bar);
  if (told) told.textContent = (told.dataset["words"] ?? "").replace("{count}", String(count));
}

async function claimChosen(page: HTMLElement, button: HTMLButtonElement): Promise<void> {
  button.setAttribute("aria-busy", "true");
  const answer = await send(page.dataset["pool"] ?? "", { values: { ids: chosen(page) } });
  // Whoever looked for something goes on with it.
  if (answer.body.location === location.pathname) answer.body.location += location.search;
  follow(answer);
  button.removeAttribute("aria-busy");
}
