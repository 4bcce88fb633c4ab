// The inbox: one notice or many read, taken back, done; what comes in while it is open is shown.
import { all, make, one, toast, word } from "./dom";
import { lookAgain } from "./bell";
import { fragment, send } from "./net";

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [["day", 86_400], ["hour", 3600], ["minute", 60]];

export function startInbox(): void {
  const page = one("[data-inbox]");
  if (!page) return;
  ago();
  document.addEventListener("click", (event) => void pressed(event));
  document.addEventListener("change", (event) => {
    if (!(event.target instanceof HTMLInputElement) || !event.target.matches("[data-inbox-all]")) return;
    for (const box of all<HTMLInputElement>("[data-inbox-one]")) box.checked = event.target.checked;
  });
  document.addEventListener("told", () => void redraw());
}

/** Says of the last days how long ago something was, in the person's language. */
function ago(): void {
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
  for (const time of all<HTMLTimeElement>("time[data-ago]")) {
    const seconds = (Date.now() - new Date(time.dateTime).getTime()) / 1000;
    if (seconds > 3 * 86_400) continue;
    const step = STEPS.find(([, length]) => seconds >= length);
    time.title = time.textContent ?? "";
    time.textContent = step ? words.format(-Math.floor(seconds / step[1]), step[0]) : words.format(0, "minute");
  }
}

async function pressed(event: MouseEvent): Promise<void> {
  if (!(event.target instanceof Element)) return;
  const one_ = event.target.closest<HTMLElement>("[data-notice]");
  const mark = event.target.closest<HTMLElement>("[data-inbox-mark]");
  if (mark) return markMany(mark.dataset["inboxMark"] ?? "open");
  if (!one_) return;
  if (event.target.closest("[data-notice-done]")) return markThese([one_], "done");
  const link = event.target.closest("a");
  if (link && one_.classList.contains("is-unread")) {
    one_.classList.remove("is-unread");
    void post({ ids: [one_.dataset["notice"] ?? ""], state: "open" });
    if (link.getAttribute("href") === "#") event.preventDefault();
  }
}

async function markMany(state: string): Promise<void> {
  const chosen = all<HTMLInputElement>("[data-inbox-one]:checked").flatMap((box) => box.closest<HTMLElement>("[data-notice]") ?? []);
  await markThese(chosen.length ? chosen : all("[data-notice]"), state);
}

async function markThese(lines: HTMLElement[], state: string): Promise<void> {
  const ids = lines.map((line) => line.dataset["notice"] ?? "");
  if (!(await post({ ids, state }))) return;
  if (state === "done") toast(word("done"), { label: word("undo"), act: () => void post({ ids, state: "open" }).then(redraw) });
  await redraw();
}

async function post(values: object): Promise<boolean> {
  const answer = await send(one("[data-inbox]")?.dataset["markUrl"] ?? "", { values });
  if (answer.status !== 200) toast(answer.body.message ?? word("offline"));
  else lookAgain();
  return answer.status === 200;
}

async function redraw(): Promise<void> {
  const answer = await fragment(location.href);
  if (answer.status !== 200) return;
  const fresh = make("template") as HTMLTemplateElement;
  fresh.innerHTML = answer.html;
  const page = one("[data-inbox]", fresh.content);
  if (page) one("[data-inbox]")?.replaceChildren(...page.childNodes);
  ago();
}
