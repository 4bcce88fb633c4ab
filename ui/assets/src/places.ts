// Pages that somebody keeps at the top of the menu, and those they came from.
import { all, icon, make, one } from "./dom";
import { prefer } from "./prefer";

export interface Place {
  label: string;
  url: string;
  icon: string;
}

const MOST_RECENT = 12;

const OWN = ["joinery.recent.", "joinery.unseen.", "joinery.picks."];

/** Whose these pages are: what is kept under another name is not theirs. */
export function mine(): string {
  const shell = one("[data-shell]");
  return `${shell?.dataset["tenant"] ?? ""}.${shell?.dataset["person"] ?? ""}`;
}

function key(): string {
  return `joinery.recent.${mine()}`;
}

/** What was opened last in this browser, the latest first. */
export function recent(): Place[] {
  try {
    return JSON.parse(localStorage.getItem(key()) ?? "[]") as Place[];
  } catch {
    return [];
  }
}

/** Remembers a record or page that is looked at. */
export function remember(place: Place): void {
  const others = recent().filter((each) => each.url !== place.url);
  localStorage.setItem(key(), JSON.stringify([place, ...others].slice(0, MOST_RECENT)));
}

/** Forgets what was opened, by everybody or by everybody else: what one person saw is not for the next one. */
export function forgetRecent(others = false): void {
  const person = one("[data-shell]")?.dataset["person"] ?? "";
  for (const name of Object.keys(localStorage)) {
    if (OWN.some((start) => name.startsWith(start)) && !(others && name.includes(`.${person}`))) localStorage.removeItem(name);
  }
}

export function startPlaces(): void {
  if (one("[data-shell]")) forgetRecent(true);
  const star = one("[data-keep-place]");
  const here = star ? placeOf(star) : null;
  if (here && star) {
    remember(here);
    star.setAttribute("aria-pressed", String(kept().some((each) => each.url === here.url)));
    star.hidden = false;
    star.addEventListener("click", () => void toggle(star, here));
  }
}

function placeOf(star: HTMLElement): Place {
  const query = new URLSearchParams(location.search);
  const view = query.get("view");
  return { label: star.dataset["keepPlace"] ?? document.title, url: location.pathname + (view ? `?view=${view}` : ""), icon: star.dataset["keepIcon"] || "star" };
}

/** The pages in the menu, as it shows them. */
function kept(): Place[] {
  const places = one("[data-places]");
  return all<HTMLAnchorElement>("a", places ?? document.createElement("i")).map((link) => ({
    label: one("span", link)?.textContent ?? "",
    url: link.getAttribute("href") ?? "",
    icon: link.dataset["icon"] ?? "star",
  }));
}

async function toggle(star: HTMLElement, here: Place): Promise<void> {
  const on = star.getAttribute("aria-pressed") === "true";
  const others = kept().filter((each) => each.url !== here.url);
  const places = on ? others : [...others, here];
  if (!(await prefer("places", { kept: places }))) return;
  star.setAttribute("aria-pressed", String(!on));
  for (const menu of all(".side-menu")) draw(menu, places, one("svg", star));
}

function draw(menu: HTMLElement, places: Place[], star: Element | null): void {
  one("[data-places]", menu)?.remove();
  if (!places.length) return;
  const lines = places.map((place) => {
    const drawn = star ? star.cloneNode(true) : icon("star");
    return make("li", {}, make("a", { href: place.url, "data-icon": place.icon }, drawn, make("span", {}, place.label)));
  });
  menu.prepend(make("section", { class: "menu-places", "data-places": "" }, make("ul", { class: "menu-lines" }, ...lines)));
}
