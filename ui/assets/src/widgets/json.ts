// JSON: said to be wrong while it is, set out well when it is left.
import { one, word } from "../dom";

export function start(place: HTMLElement): void {
  const input = one<HTMLTextAreaElement>("[data-input]", place);
  if (!input) return;
  const check = (): unknown => {
    try {
      const value: unknown = input.value.trim() ? JSON.parse(input.value) : undefined;
      delete input.dataset["unusable"];
      return value;
    } catch (error) {
      input.dataset["unusable"] = word("badJson", { why: error instanceof Error ? error.message : "" });
      return undefined;
    }
  };
  input.addEventListener("input", check);
  input.addEventListener("written", check);
  input.addEventListener("change", () => {
    const value = check();
    if (value !== undefined) input.value = JSON.stringify(value, null, 2);
  });
}
