// A record that is missing in a picker is made over the form that needs it, and taken there.
import { all, make, one, toast, word } from "./dom";
import { ask, fragment, type Offer } from "./net";

export interface Made {
  id: string;
  title: string;
}

/** Opens the short form of an offer over the page; answers what was made, nothing where it was left. */
export async function createHere(offer: Offer): Promise<Made | undefined> {
  const answer = await fragment(`${offer.url}&drawer=1`);
  if (answer.status !== 200) {
    toast(word("offline"));
    return undefined;
  }
  const place = make("div", { class: "create-form", "data-create-form": "" });
  place.innerHTML = answer.html;
  apart(place);
  one(".page-above", place)?.remove();
  const dialog = make("dialog", { class: "palette create", "aria-label": one("h1", place)?.textContent?.trim() ?? "" }, place) as HTMLDialogElement;
  document.body.append(dialog);
  dialog.showModal();
  const { startForm } = await import("./form");
  const left = leaving(dialog, place);
  await startForm(place);
  const address = await left;
  const id = address ? /\/([0-9a-f-]{36})$/.exec(address)?.[1] : undefined;
  return id ? { id, title: await titleOf(offer, id) } : undefined;
}

/** The address that the form leads to, once it does; none where it was cancelled. */
function leaving(dialog: HTMLDialogElement, place: HTMLElement): Promise<string | undefined> {
  const back = one("[data-form]", place)?.dataset["back"];
  return new Promise((resolve) => {
    const ended = (address?: string): void => {
      window.removeEventListener("go", went, true);
      dialog.remove();
      resolve(address);
    };
    // Whatever else is open would follow the address, too: it belongs to this form alone.
    const went = (event: Event): void => {
      event.preventDefault();
      event.stopImmediatePropagation();
      const address = (event as CustomEvent<string>).detail;
      ended(address === back ? undefined : address);
    };
    window.addEventListener("go", went, true);
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      one("[data-cancel]", place)?.click();
    });
    dialog.addEventListener("close", () => ended());
  });
}

async function titleOf(offer: Offer, id: string): Promise<string> {
  const answer = await ask(`${new URL(offer.url, location.href).pathname.replace(/\/records\/[^/]+\/new$/, "")}/pick/${offer.of}/${id}`);
  return answer.status === 200 ? String(answer.body["title"]) : offer.label;
}

/** Gives the form names of its own: another form lies under it, with the same ones. */
function apart(place: HTMLElement): void {
  for (const each of all("[id]", place)) each.id = `here-${each.id}`;
  for (const name of ["for", "aria-describedby", "aria-labelledby", "aria-controls"]) {
    for (const each of all(`[${name}]`, place)) each.setAttribute(name, `here-${each.getAttribute(name)}`);
  }
}
