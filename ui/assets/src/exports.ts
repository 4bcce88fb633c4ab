// Exports that are counted: a refusal is said on the page, where a link would only fail to download.
import { make, toast, word } from "./dom";
import { csrf } from "./net";

export function startExports(): void {
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[data-counted]") : null;
    if (!link) return;
    event.preventDefault();
    void fetched(link.href);
  });
}

/** Fetches a file and saves it; with a body it is asked for by what the body says. */
export async function fetched(url: string, body?: unknown): Promise<void> {
  const asked = { method: "POST", headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf() }, body: JSON.stringify(body) };
  try {
    const answer = await fetch(url, body === undefined ? {} : asked);
    if (answer.ok) return save(await answer.blob(), called(answer.headers));
    const refused = (await answer.json()) as { detail?: string };
    toast(refused.detail ?? word("offline"));
  } catch {
    toast(word("offline"));
  }
}

function called(headers: Headers): string {
  const found = /filename\*=UTF-8''([^;]+)/.exec(headers.get("Content-Disposition") ?? "");
  return found?.[1] ? decodeURIComponent(found[1]) : "export";
}

function save(file: Blob, name: string): void {
  const href = URL.createObjectURL(file);
  make("a", { href, download: name }).click();
  // Browsers read it after the click; one that goes too early is never saved.
  window.setTimeout(() => URL.revokeObjectURL(href), 30_000);
}
