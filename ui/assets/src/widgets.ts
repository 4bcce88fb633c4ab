// Inputs that are more than one element: each kind is fetched where there is one.
import { all } from "./dom";
import { heldUntil } from "./early";

type Start = (place: HTMLElement) => void;

const KINDS: Record<string, () => Promise<{ start: Start }>> = {
  address: () => import("./widgets/address"),
  barcode: () => import("./widgets/barcode"),
  color: () => import("./widgets/color"),
  files: () => import("./widgets/files"),
  json: () => import("./widgets/json"),
  links: () => import("./widgets/links"),
  location: () => import("./widgets/location"),
  period: () => import("./widgets/period"),
  rich_text: () => import("./widgets/rich_text"),
  signature: () => import("./widgets/signature"),
};

/** Starts every widget inside, and those of lines that are added later. */
export function startWidgets(within: HTMLElement): void {
  for (const place of all("[data-widget]", within)) void start(place);
  within.addEventListener("row-added", (event) => {
    for (const place of all("[data-widget]", event.target as HTMLElement)) void start(place);
  });
}

async function start(place: HTMLElement): Promise<void> {
  const fetch = KINDS[place.dataset["widget"] ?? ""];
  if (!fetch) return;
  const begun = fetch().then(({ start: begin }) => begin(place));
  heldUntil(place, begun);
  await begun;
  place.dataset["started"] = "true";
}
