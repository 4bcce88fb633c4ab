// From one day to another; the end is never before the start.
import { one } from "../dom";
import { joinParts } from "./parts";

export function start(place: HTMLElement): void {
  const bound = (): void => {
    const from = one<HTMLInputElement>("[data-part=from]", place);
    const to = one<HTMLInputElement>("[data-part=to]", place);
    if (from && to) to.min = from.value;
  };
  joinParts(place, bound);
  place.addEventListener("input", bound);
}
