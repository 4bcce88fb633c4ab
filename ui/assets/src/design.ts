// The page of components measures itself: each colour of text against what it stands on (WCAG 2.2).
import { all, one } from "./dom";

type Rgb = [number, number, number];

export function startDesign(): void {
  const pad = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  if (!pad) return;
  for (const specimen of all("[data-specimen]")) {
    const paper = colour(pad, getComputedStyle(specimen).backgroundColor);
    for (const line of all("[data-ink]", specimen)) said(pad, line, one("b", line) ?? line, paper);
    for (const mark of all("[data-tone]", specimen)) said(pad, mark, mark, over(pad, getComputedStyle(mark).backgroundColor, paper));
  }
}

function said(pad: CanvasRenderingContext2D, place: HTMLElement, text: HTMLElement, ground: Rgb): void {
  const ratio = contrast(colour(pad, getComputedStyle(text).color), ground);
  place.dataset["ratio"] = ratio.toFixed(2);
  const note = one("[data-contrast]", place);
  if (note) note.textContent = `${ratio.toFixed(1)} : 1${ratio >= 4.5 ? " AA" : ""}`;
  place.title = `${ratio.toFixed(2)} : 1`;
}

/** A colour as the screen has it, whatever space it is written in. */
function colour(pad: CanvasRenderingContext2D, text: string): Rgb {
  return over(pad, text, [255, 255, 255]);
}

function over(pad: CanvasRenderingContext2D, text: string, ground: Rgb): Rgb {
  pad.fillStyle = `rgb(${ground.join(" ")})`;
  pad.fillRect(0, 0, 1, 1);
  pad.fillStyle = text;
  pad.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0] = pad.getImageData(0, 0, 1, 1).data;
  return [red, green, blue];
}

function contrast(one_: Rgb, other: Rgb): number {
  const [light, dark] = [luminance(one_), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(rgb: Rgb): number {
  const [red = 0, green = 0, blue = 0] = rgb.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
