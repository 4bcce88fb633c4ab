// Who else has this record open: told every few seconds while somebody looks at it.
import { make, one } from "./dom";
import { csrf, onceKey, send } from "./net";

const EVERY = 20_000;

/** Names this visit: what is still on its way when the page goes away does not bring it back. */
let visit = onceKey();

window.addEventListener("pageshow", (event) => {
  if (event.persisted) visit = onceKey();
});

/** The name of the visit that this page is. */
export function thisVisit(): string {
  return visit;
}

interface Person {
  name: string;
  initials: string;
  editing: boolean;
  said: string;
}

/** Tells that a record is open as long as its place is on the page, and shows who else is there. */
export function startPresence(place: HTMLElement, editing: boolean): void {
  const desk = place.dataset["desk"];
  if (!desk || desk.endsWith("/new")) return;
  const look = async (): Promise<void> => {
    if (!place.isConnected) return end();
    if (document.visibilityState !== "visible") return;
    const answer = await send(`${desk}/here`, { editing, visit });
    // Whoever may not tell, or is not signed in any more, is not asked again.
    if (answer.status === 200) show(place, (answer.body["people"] ?? []) as Person[]);
    else if (answer.status) end();
  };
  const timer = window.setInterval(() => void look(), EVERY);
  const back = (): void => void look();
  const away = (): void => leave(desk);
  const end = (): void => {
    window.clearInterval(timer);
    document.removeEventListener("visibilitychange", back);
    window.removeEventListener("pagehide", away);
  };
  document.addEventListener("visibilitychange", back);
  window.addEventListener("pagehide", away);
  void look();
}

/** Tells that a form or record is closed, also while its page goes away. */
export function leave(desk: string): void {
  const token = new FormData();
  token.set("csrf_token", csrf());
  token.set("visit", visit);
  navigator.sendBeacon(`${desk}/away`, token);
}

function show(place: HTMLElement, people: Person[]): void {
  const shown = one("[data-present]", place);
  if (!shown) return;
  const said = people.map((person) => person.said).join(" · ");
  if (shown.dataset["said"] === said) return;
  shown.dataset["said"] = said;
  const faces = people.map((person) => {
    const face = make("span", { class: `face${person.editing ? " is-editing" : ""}`, "aria-hidden": "true" }, person.initials);
    return face;
  });
  shown.replaceChildren(...faces, make("span", {}, said));
  shown.hidden = !people.length;
}
