// Dashboards: filters that send themselves, figures that keep themselves fresh; charts, pictures and
// statements are fetched only where they are asked for.
import { all, one, toast, word } from "./dom";
import { fragment, send } from "./net";

/** How long figures may stand before they are asked for again, in milliseconds. */
const FRESH = 5 * 60_000;

export function startDashboard(): void {
  for (const form of all<HTMLFormElement>("[data-send-on-change]")) {
    form.addEventListener("change", (event) => changed(form, event));
    catchUp(form);
  }
  const page = one("[data-dashboard]");
  if (page) {
    page.addEventListener("click", (event) => pressed(page, event));
    const fresh = window.setInterval(() => {
      if (!document.hidden && !one("details[open], dialog[open]", page) && !page.classList.contains("is-arranging")) void refresh(page);
    }, FRESH);
    window.addEventListener("pagehide", () => window.clearInterval(fresh));
  }
  document.addEventListener("click", (event) => {
    const statement = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-statement]") : null;
    if (statement) void showStatement(statement.dataset["statement"] ?? "");
  });
  drawn(document);
}

function drawn(within: ParentNode): void {
  if (one("[data-chart]", within)) void import("./charts").then(({ drawCharts }) => drawCharts(within));
}

/** What was chosen before this script came is sent now; what a browser puts back of an earlier visit is not what is shown. */
function catchUp(form: HTMLFormElement): void {
  const [visit] = performance.getEntriesByType("navigation");
  const chosen = all<HTMLSelectElement>("select", form).find((select) => {
    const options = [...select.options];
    const given = options.map((option) => option.defaultSelected).lastIndexOf(true);
    return select.selectedIndex !== (given < 0 ? options.findIndex((option) => !option.disabled) : given);
  });
  if (!chosen) return;
  if (visit instanceof PerformanceNavigationTiming && visit.type !== "navigate") form.reset();
  else chosen.dispatchEvent(new Event("change", { bubbles: true }));
}

/** Sends filters; two days of one's own are waited for until both are there. */
async function changed(form: HTMLFormElement, event: Event): Promise<void> {
  let waits = false;
  for (const select of all<HTMLSelectElement>("[data-period]", form)) {
    const days = select.nextElementSibling;
    if (!(days instanceof HTMLElement)) continue;
    const own = select.value === "custom";
    days.hidden = !own;
    const inputs = all<HTMLInputElement>("input", days);
    for (const input of inputs) input.disabled = !own;
    if (own && inputs.some((input) => !input.value)) {
      waits = true;
      if (event.target === select) inputs[0]?.focus();
    }
  }
  if (waits) return;
  // Other records have other fields: what was chosen of the former ones means nothing there.
  if (event.target instanceof HTMLSelectElement && "fresh" in event.target.dataset) {
    for (const other of all<HTMLSelectElement | HTMLInputElement>("select, input", form)) other.disabled = other !== event.target && other.name !== "type";
  }
  const keep = form.dataset["keep"];
  if (keep) await send(keep, Object.fromEntries(new FormData(form)));
  form.submit();
}

function pressed(page: HTMLElement, event: MouseEvent): void {
  if (!(event.target instanceof Element)) return;
  const tile = event.target.closest<HTMLElement>("[data-tile]");
  if (event.target.closest("[data-refresh]")) void refresh(page);
  if (event.target.closest("[data-full-screen]")) void (document.fullscreenElement ? document.exitFullscreen() : page.requestFullscreen());
  const day = event.target.closest("[data-pick-day]")?.nextElementSibling;
  if (day instanceof HTMLInputElement) day.showPicker();
  const plain = event.target.closest<HTMLAnchorElement>("a[href$='?plain=1']");
  const keep = one<HTMLFormElement>("form[data-keep]", page)?.dataset["keep"];
  if (plain && keep) {
    event.preventDefault();
    void send(keep, {}).then(() => location.assign(plain.href));
  }
  const arrange = event.target.closest<HTMLElement>("[data-arrange]");
  if (arrange) void import("./arrange").then(({ toggleArranging }) => toggleArranging(page, arrange));
  if (tile && event.target.closest("[data-picture]")) void import("./picture").then(({ savePicture }) => savePicture(tile));
}

/** Puts fresh figures in the place of the old ones, at the same places. */
async function refresh(page: HTMLElement): Promise<void> {
  const old = one("[data-tiles]", page);
  if (!old) return;
  const answer = await fragment(page.dataset["dashboard"] ?? location.href);
  const fresh = answer.status === 200 ? one("[data-tiles]", new DOMParser().parseFromString(answer.html, "text/html")) : null;
  page.classList.toggle("is-stale", !fresh);
  if (!fresh) {
    toast(word("offline"));
    return;
  }
  const { clearCharts } = await import("./charts");
  clearCharts(old);
  old.replaceWith(document.adoptNode(fresh));
  drawn(page);
}

async function showStatement(url: string): Promise<void> {
  const dialog = one<HTMLDialogElement>("#statement");
  const body = one("[data-statement-body]");
  if (!dialog || !body) return;
  const answer = await fragment(url);
  if (answer.status !== 200) {
    toast(word("offline"));
    return;
  }
  body.replaceChildren(...new DOMParser().parseFromString(answer.html, "text/html").body.childNodes);
  dialog.showModal();
}
