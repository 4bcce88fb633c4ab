// A colour that may also be none.
import { one } from "../dom";

export function start(place: HTMLElement): void {
  const held = one<HTMLInputElement>("[data-holds]", place);
  const input = one<HTMLInputElement>("[data-part]", place);
  const clear = one<HTMLButtonElement>("[data-clear]", place);
  if (!held || !input) return;
  const draw = (): void => {
    if (held.value) input.value = held.value;
    place.classList.toggle("is-blank", !held.value);
    if (clear) clear.hidden = !held.value;
    held.dataset["said"] = held.value;
  };
  const keep = (text: string): void => {
    held.value = text;
    draw();
    held.dispatchEvent(new Event("input", { bubbles: true }));
  };
  input.addEventListener("input", () => keep(input.value));
  clear?.addEventListener("click", () => keep(""));
  held.addEventListener("written", draw);
  draw();
}
