// A widget as a picture: a chart as it is drawn, anything else as its words, figures and bars.
import { colour } from "./charts";
import { all, one } from "./dom";

const SCALE = 2;
const ROW = 30;
const MARGIN = 20;

/** Saves a widget as a PNG file that is called after it. */
export async function savePicture(tile: HTMLElement): Promise<void> {
  const box = tile.getBoundingClientRect();
  const chart = one<SVGSVGElement>("[data-chart] svg", tile);
  const rows = chart ? [] : rowsOf(tile);
  const height = chart ? box.height : Math.max(box.height, 60 + rows.length * ROW + MARGIN);
  const canvas = document.createElement("canvas");
  canvas.width = box.width * SCALE;
  canvas.height = height * SCALE;
  const pen = canvas.getContext("2d");
  if (!pen) return;
  pen.scale(SCALE, SCALE);
  pen.fillStyle = colour("--surface");
  pen.fillRect(0, 0, box.width, height);
  write(pen, tile.getAttribute("aria-label") ?? "", MARGIN, 28, "--ink-2", 13, 600);
  if (chart) await place(pen, chart, box);
  else rows.forEach((row, at) => line(pen, row, 60 + at * ROW, box.width));
  canvas.toBlob((picture) => picture && save(picture, `${tile.getAttribute("aria-label") || "joinery"}.png`), "image/png");
}

interface Row {
  label: string;
  value: string;
  share: number;
}

function rowsOf(tile: HTMLElement): Row[] {
  const text = (element: Element | null): string => (element?.textContent ?? "").replace(/\s+/g, " ").trim();
  const steps = all(".funnel li, .ranks li", tile);
  if (steps.length) {
    return steps.map((step) => ({ label: text(one(".funnel-label, .rank-name", step)), value: text(one(".funnel-value, .rank-value", step)), share: Number(one("rect", step)?.getAttribute("width") ?? 0) }));
  }
  const lines = all("table tr", tile);
  if (lines.length) return lines.map((row) => ({ label: text(one("th", row)), value: all("td, th:not(:first-child)", row).map(text).join("    "), share: 0 }));
  return all(".tile-figure, .gauge-figure, .beside, .gauge-words, .tile-text", tile).map((each) => ({ label: text(each), value: "", share: 0 }));
}

function line(pen: CanvasRenderingContext2D, row: Row, top: number, width: number): void {
  if (row.share) {
    pen.fillStyle = colour("--pine-wash");
    pen.fillRect(MARGIN, top - 16, ((width - 2 * MARGIN) * row.share) / 100, 22);
  }
  write(pen, row.label, MARGIN + 4, top, "--ink", 13, 400);
  pen.textAlign = "right";
  write(pen, row.value, width - MARGIN, top, "--ink", 13, 550);
  pen.textAlign = "left";
}

function write(pen: CanvasRenderingContext2D, words: string, left: number, top: number, tone: string, size: number, weight: number): void {
  pen.fillStyle = colour(tone);
  pen.font = `${weight} ${size}px ${getComputedStyle(document.body).fontFamily}`;
  pen.fillText(words, left, top);
}

async function place(pen: CanvasRenderingContext2D, chart: SVGSVGElement, tile: DOMRect): Promise<void> {
  const box = chart.getBoundingClientRect();
  const copy = chart.cloneNode(true) as SVGSVGElement;
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  const picture = new Image(box.width, box.height);
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  await picture.decode();
  pen.drawImage(picture, box.left - tile.left, box.top - tile.top, box.width, box.height);
}

function save(picture: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(picture);
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
