// Totals under the columns of a long list: its rows do not wait for them.
import { all, one } from "./dom";
import { ask } from "./net";

export async function bringTotals(): Promise<void> {
  const foot = one("[data-totals-url]");
  if (!foot) return;
  const answer = await ask(foot.dataset["totalsUrl"] ?? "");
  foot.removeAttribute("aria-busy");
  for (const place of all("[data-total-of]", foot)) {
    const text = answer.status === 200 ? answer.body[place.dataset["totalOf"] ?? ""] : null;
    place.textContent = typeof text === "string" ? text : "–";
  }
}
