// What was done to many records is said after their list was drawn anew, and can be taken back.
import type { Outcome } from "./bulk";
import { all, filled, make, one, toast, word } from "./dom";
import { ask, onceKey, send } from "./net";

/** What takes it back: the changes that were entered, or the shares that were given. */
export interface Back {
  change_sets: string[];
  shares: string[];
}

/** For what is taken back by its address alone. */
export const NOTHING: Back = { change_sets: [], shares: [] };

interface Kept {
  url: string;
  back: Back;
  said: string;
  path: string;
}

const UNDO = "joinery.bulk";

/** Keeps what is said, and how it is taken back, for the page that comes. */
export function keep(kept: Kept): void {
  sessionStorage.setItem(UNDO, JSON.stringify(kept));
}

/** Says what was done to many records before the list was drawn anew; it can be taken back. */
export async function tellBulk(): Promise<void> {
  const kept = (await told()) ?? (JSON.parse(sessionStorage.getItem(UNDO) ?? "null") as Kept | null);
  if (!kept || kept.path !== location.pathname) return;
  sessionStorage.removeItem(UNDO);
  toast(kept.said, { label: word("undo"), act: () => void takeBack(kept.url, kept.back) });
}

/** A change that ended while nobody looked, named by the address that a notice leads to. */
async function told(): Promise<Kept | undefined> {
  const here = new URL(location.href);
  const named = here.searchParams.get("bulk");
  const dialog = one<HTMLDialogElement>("#bulk");
  if (!named || !dialog) return undefined;
  here.searchParams.delete("bulk");
  history.replaceState(history.state, "", here);
  const place = `${one("[data-bulk]")?.dataset["bulkUrl"]}/${encodeURIComponent(named)}`;
  const answer = await ask(place);
  if (answer.status !== 200 || answer.body["state"] !== "done") return undefined;
  const { done, refused } = answer.body as unknown as Outcome;
  const said = filled(dialog.dataset["wordsDid"] ?? "", { done, refused });
  return { url: `${place}/undo`, back: NOTHING, said, path: location.pathname };
}

async function takeBack(url: string, back: Back): Promise<void> {
  const answer = await send(url, back, onceKey());
  if (answer.status !== 200) return toast(answer.body.message ?? word("offline"));
  if (answer.body["follow"]) {
    const { followed } = await import("./bulk_following");
    toast(one("#bulk")?.dataset["wordsLeft"] ?? "");
    await followed(String(answer.body["follow"]), () => undefined);
    return location.reload();
  }
  const found = answer.body as unknown as Outcome;
  if (!found.kept) return location.reload();
  const dialog = one<HTMLDialogElement>("#bulk");
  if (!dialog) return toast(found.why.map((each) => `${each.title}: ${each.reason}`).join(" "));
  const { wordsUndid = "", wordsKept = "" } = dialog.dataset;
  const told = filled(wordsUndid, { done: found.done, kept: found.kept });
  for (const part of all("[data-bulk-what], [data-bulk-look], [data-bulk-go]", dialog)) part.hidden = true;
  const lines = found.why.map((each) => make("li", {}, make("b", {}, each.title ?? ""), make("small", {}, each.reason)));
  one("[data-bulk-title]", dialog)!.textContent = told;
  one("[data-bulk-found]", dialog)?.replaceChildren(make("h3", { class: "dialog-sub" }, wordsKept), make("ul", { class: "bulk-why" }, ...lines));
  dialog.addEventListener("close", () => location.reload());
  dialog.showModal();
}
