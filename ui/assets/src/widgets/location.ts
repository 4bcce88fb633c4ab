// A place on the map: typed, or asked of the device; a link shows it on a map.
import { one, toast, word } from "../dom";
import { joinParts } from "./parts";

export function start(place: HTMLElement): void {
  const point = (): void => {
    const link = one<HTMLAnchorElement>("[data-map]", place);
    const [lat, lon] = ["lat", "lon"].map((name) => one<HTMLInputElement>(`[data-part="${name}"]`, place)?.value.trim());
    if (!link) return;
    link.hidden = !lat || !lon;
    link.href = (link.dataset["map"] ?? "").replace("{lat}", lat ?? "").replace("{lon}", lon ?? "");
  };
  const parts = joinParts(place, point);
  place.addEventListener("input", point);
  const button = one<HTMLButtonElement>("[data-here-now]", place);
  if (!button || !navigator.geolocation) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    button.setAttribute("aria-busy", "true");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        button.removeAttribute("aria-busy");
        parts.set({ lat: coords.latitude.toFixed(6), lon: coords.longitude.toFixed(6) });
        point();
      },
      () => {
        button.removeAttribute("aria-busy");
        toast(word("noLocation"));
      },
      { enableHighAccuracy: true, timeout: 15_000 },
    );
  });
}
