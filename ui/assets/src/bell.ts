// What is new, by itself: one tab of a browser asks for all of them, seldom while nobody looks.
import { all, make, one, word } from "./dom";
import { ask, csrf } from "./net";

const SEEN = 10_000;
const HIDDEN = 60_000;
const LONGEST = 300_000;
/** After this long without a key or a touch nothing is asked: an open page alone keeps nobody signed in. */
const UNATTENDED = 30 * 60_000;

interface News {
  count: number;
  mark: string;
  latest: { id: string; text: string; said: string; url: string }[];
}

let channel: BroadcastChannel | undefined;
let timer: number | undefined;
let failures = 0;
let leads = false;
let attended = Date.now();
let title = "";

export function startBell(): void {
  const shell = one("[data-shell]");
  if (!shell) return;
  title = document.title;
  show(kept());
  if ("BroadcastChannel" in window) {
    channel = new BroadcastChannel(name());
    channel.addEventListener("message", (event: MessageEvent<News | "look">) => {
      if (event.data === "look") here();
      else take(event.data);
    });
  }
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return plan();
    if (leads) here();
    else channel?.postMessage("look");
  });
  for (const sign of ["pointerdown", "keydown"]) {
    window.addEventListener(sign, () => {
      const away = Date.now() - attended > UNATTENDED;
      attended = Date.now();
      if (away && leads) void look();
      else if (away) channel?.postMessage("look");
    }, { capture: true, passive: true });
  }
  if (record()) void look();
  // Whoever holds the lock asks for all tabs; the next one takes over when its tab is closed.
  if ("locks" in navigator) void navigator.locks.request(name(), () => new Promise<void>(lead));
  else lead();
}

/** Somebody is there, in this tab or another. */
function here(): void {
  attended = Date.now();
  if (leads) void look();
}

/** Asks now, so that what was just done is counted. */
export function lookAgain(): void {
  void look();
}

function lead(): void {
  leads = true;
  if (!record()) void look();
  else plan();
}

function name(): string {
  const shell = one("[data-shell]");
  return `joinery.unseen.${shell?.dataset["tenant"] ?? ""}.${shell?.dataset["person"] ?? ""}`;
}

/** The record that this page shows: what was told of it is read by looking at it. */
function record(): string {
  const [, , place, entity, id] = location.pathname.split("/");
  return place === "records" && /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(id ?? "") ? `${entity}:${id}` : "";
}

async function look(): Promise<void> {
  window.clearTimeout(timer);
  const shell = one("[data-shell]");
  const at = document.visibilityState === "visible" ? record() : "";
  const asked = new URLSearchParams({ mark: at && kept().count ? "" : kept().mark, ...(at ? { at } : {}) });
  const answer = await ask(`${shell?.dataset["inboxUrl"] ?? ""}/unseen?${asked.toString()}`);
  if (answer.status === 200) {
    const news = answer.body as unknown as News;
    take(news);
    channel?.postMessage(news);
  }
  // Signed out, or taken off the tenant: there is nothing to ask for any more.
  if (answer.status === 401 || answer.status === 403 || answer.status === 404 || !csrf()) return;
  failures = answer.status === 0 || answer.status >= 500 || answer.status === 429 ? failures + 1 : 0;
  plan();
}

function plan(): void {
  window.clearTimeout(timer);
  if (!leads || Date.now() - attended > UNATTENDED) return;
  const wait = (document.visibilityState === "visible" ? SEEN : HIDDEN) * 2 ** Math.min(failures, 5);
  timer = window.setTimeout(() => void look(), Math.min(wait, LONGEST));
}

function kept(): News {
  try {
    return { count: 0, mark: "", latest: [], ...(JSON.parse(localStorage.getItem(name()) ?? "{}") as Partial<News>) };
  } catch {
    return { count: 0, mark: "", latest: [] };
  }
}

/** Takes in what is new, and says what was not said before. */
function take(news: News): void {
  const before = kept();
  localStorage.setItem(name(), JSON.stringify(news));
  show(news);
  const newest = before.latest[0]?.id ?? "";
  // The first look of a browser says how many there are, and not what they are.
  const fresh = before.mark ? news.latest.filter((each) => each.id > newest) : [];
  if (document.visibilityState === "visible") for (const each of fresh.reverse()) say(each);
  if (fresh.length) document.dispatchEvent(new CustomEvent("told"));
}

function show(news: News): void {
  const text = news.count > 99 ? "99+" : String(news.count);
  for (const place of all("[data-bell] [data-unseen]")) {
    place.textContent = text;
    place.hidden = !news.count;
  }
  // One with words of its own is called by what it shows.
  for (const bell of all("[data-bell][aria-label]")) {
    const label = one("[data-shell]")?.dataset["inboxLabel"] ?? "";
    bell.setAttribute("aria-label", news.count ? word("unseen", { count: text }) : label);
  }
  document.title = news.count ? `(${text}) ${title}` : title;
}

function say(each: News["latest"][number]): void {
  const line = make("div", { class: "toast-line toast-news" }, make("span", {}, each.text, ...(each.said ? [make("q", {}, each.said)] : [])));
  if (each.url) line.append(make("a", { href: each.url }, word("open")));
  one("#toasts")?.append(line);
  window.setTimeout(() => line.remove(), 12_000);
}
