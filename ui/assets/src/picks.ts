// What may be chosen without a connection: records opened lately, and what a field offered last.
import { all, make } from "./dom";
import { send, type Hit } from "./net";
import { mine, recent } from "./places";

const MOST = 30;

function name(url: string): string {
  return `joinery.picks.${mine()}.${url}`;
}

/** Keeps what a field offers while nothing is typed. */
export function keepPicks(url: string, hits: Hit[]): void {
  localStorage.setItem(name(url), JSON.stringify(hits.slice(0, MOST)));
}

/** What may be chosen for a field, as far as this browser knows: by any part of a title. */
export function keptPicks(url: string, text: string): Hit[] {
  const kept = JSON.parse(localStorage.getItem(name(url)) ?? "[]") as Hit[];
  const kinds = new Set(kept.map((hit) => hit.of));
  const opened = recent().flatMap((place) => {
    const [, , at, of = "", id = ""] = place.url.split("/");
    return at === "records" && kinds.has(of) && id ? [{ id, of, title: place.label, detail: "", entity: "", url: place.url }] : [];
  });
  const wanted = text.toLowerCase();
  const found = new Map([...opened, ...kept].map((hit) => [hit.id, hit]));
  return [...found.values()].filter((hit) => hit.title.toLowerCase().includes(wanted)).slice(0, MOST);
}

/** Asks for what the fields of some kept forms offer, so that they can be filled in later; answers whether all was told. */
export async function learnPicks(pages: string[]): Promise<boolean> {
  for (const page of pages) {
    const kept = await caches.match(page);
    // Somebody else came meanwhile, or nobody is signed in any more: there is nothing to learn.
    if (!kept) return true;
    const held = make("template") as HTMLTemplateElement;
    held.innerHTML = await kept.text();
    for (const picker of all("form [data-picker]", held.content)) {
      const url = picker.dataset["url"] ?? "";
      const offered = await send(url, { text: "", this: {} });
      if (offered.status === 200) keepPicks(url, offered.body.hits ?? []);
      else if (!offered.status) return false;
    }
  }
  return true;
}
