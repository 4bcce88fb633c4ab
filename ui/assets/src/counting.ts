// How many records a list holds: what is narrowed is counted behind its first rows, exactly on asking.
import { one, toast, word } from "./dom";
import { ask } from "./net";

export function startCounting(): void {
  const button = one<HTMLButtonElement>("[data-exact]");
  if (!button) return;
  if (button.dataset["exactSoon"] !== undefined) void count(button, false);
  button.addEventListener("click", () => void count(button, true));
}

async function count(button: HTMLButtonElement, exact: boolean): Promise<void> {
  button.setAttribute("aria-busy", "true");
  const url = new URL(button.dataset["exact"] ?? "", location.href);
  if (exact) url.searchParams.set("exact", "1");
  const answer = await ask(url.pathname + url.search);
  button.removeAttribute("aria-busy");
  if (answer.status !== 200) return exact ? toast(answer.body.message ?? word("offline")) : undefined;
  const text = String(answer.body["text"]);
  if (answer.body["more"]) button.textContent = text;
  else button.replaceWith(text);
}
