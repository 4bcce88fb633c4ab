// What somebody prefers: kept as soon as it is chosen, on every device.
import { all, one, toast, word } from "./dom";
import { send } from "./net";

export async function prefer(name: string, values: object): Promise<boolean> {
  const answer = await send(`${one("[data-shell]")?.dataset["home"] ?? ""}/preferences/${name}`, { values });
  if (answer.status !== 200) toast(answer.body.message ?? word("offline"));
  return answer.status === 200;
}

export function startPreferences(): void {
  for (const form of all<HTMLFormElement>("form[data-preference]")) {
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", () => void keep(form));
  }
}

async function keep(form: HTMLFormElement): Promise<void> {
  const name = form.dataset["preference"] ?? "";
  const off = all<HTMLInputElement>("[data-kind]:not(:checked)", form).map((box) => box.value);
  const values = name === "notices" ? { off } : Object.fromEntries(new FormData(form));
  if (!(await prefer(name, values))) return;
  toast(word("saved"));
  const density = (values as { density?: string }).density;
  if (density) document.documentElement.dataset["density"] = density;
}
