// Encrypted values: an eye asks for the clear one, which the audit log is told of, and hides it again.
import { first, one } from "./dom";
import { send } from "./net";

/** The masks of values that are shown in the clear now. */
const masks = new WeakMap<HTMLElement, string>();

export function startSecrets(): void {
  if (!first("secrets")) return;
  document.addEventListener("click", (event) => {
    const eye = event.target instanceof Element ? event.target.closest<HTMLButtonElement>("[data-unmask]") : null;
    if (eye) void toggle(eye);
  });
  // What is typed replaces the whole value: nobody mends a mask.
  document.addEventListener("focusin", (event) => {
    if (event.target instanceof HTMLInputElement && event.target.matches("[data-secret]")) event.target.select();
  });
}

async function toggle(eye: HTMLButtonElement): Promise<void> {
  const shown = one("[data-secret]", eye.closest<HTMLElement>("[data-secret-of]") ?? document.body);
  if (!shown || eye.getAttribute("aria-busy") === "true") return;
  const mask = masks.get(shown);
  if (mask !== undefined) {
    put(shown, mask);
    masks.delete(shown);
    eye.setAttribute("aria-pressed", "false");
    return;
  }
  eye.setAttribute("aria-busy", "true");
  const answer = await send(eye.dataset["unmask"] ?? "", { field: eye.dataset["name"] });
  eye.removeAttribute("aria-busy");
  if (answer.status !== 200) {
    eye.title = answer.body.message ?? String(answer.body["detail"] ?? answer.body["title"] ?? "");
    return;
  }
  masks.set(shown, read(shown));
  put(shown, String(answer.body["value"] ?? ""));
  eye.setAttribute("aria-pressed", "true");
}

function read(shown: HTMLElement): string {
  return shown instanceof HTMLInputElement ? shown.value : (shown.textContent ?? "");
}

function put(shown: HTMLElement, text: string): void {
  if (shown instanceof HTMLInputElement) shown.value = text;
  else shown.textContent = text;
}
