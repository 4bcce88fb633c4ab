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
  for (const form of all<HTMLFormElement>("form[data-reminders]")) startReminders(form);
}

interface Rule {
  what: string;
  days: number;
  mail: boolean;
}

/** One's own rules of reminding: the lines there are, one more, or one less. */
function startReminders(form: HTMLFormElement): void {
  const rules = (): Rule[] =>
    all("[data-reminder]", form).map(({ dataset }) => ({
      what: dataset["what"] ?? "",
      days: Number(dataset["days"]),
      mail: "mail" in dataset,
    }));
  const save = async (kept: Rule[]): Promise<void> => {
    if (await prefer("reminders", { rules: kept })) location.reload();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const said = new FormData(form);
    const added = { what: String(said.get("what")), days: Number(said.get("days")), mail: said.has("mail") };
    void save([...rules(), added]);
  });
  for (const [at, button] of all("[data-reminder-remove]", form).entries()) {
    button.addEventListener("click", () => void save(rules().filter((_, place) => place !== at)));
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
