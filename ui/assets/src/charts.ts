// The charts of a dashboard, drawn from the tables beside them; loaded only where there is one.
import { BarChart, LineChart, PieChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { getInstanceByDom, init, use, type ECharts } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { all, one } from "./dom";

use([BarChart, LineChart, PieChart, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

interface Figure {
  value: number;
  exact: string;
  short: string;
  tone: string;
  url: string;
}

interface Line {
  label: string;
  total: boolean;
  figures: Figure[];
}

interface Figures {
  heads: string[];
  lines: Line[];
}

/** Colours of series and slices, neighbours apart. */
const TONES = ["teal", "orange", "blue", "yellow", "purple", "cyan", "red", "lime", "indigo", "pink", "gray"].map((tone) => `--tone-${tone}`);

const STACKED = new Set(["column", "bar", "area"]);

const resized = new ResizeObserver((entries) => {
  for (const entry of entries) if (entry.target instanceof HTMLElement) getInstanceByDom(entry.target)?.resize();
});

const dark = window.matchMedia("(prefers-color-scheme: dark)");

export function drawCharts(within: ParentNode): void {
  for (const place of all("[data-chart]", within)) {
    draw(place);
    resized.observe(place);
  }
  dark.onchange = () => drawCharts(document);
}

/** Lets go of the charts in a part of the page that goes away. */
export function clearCharts(within: ParentNode): void {
  for (const place of all("[data-chart]", within)) {
    resized.unobserve(place);
    getInstanceByDom(place)?.dispose();
  }
}

export function colour(name: string): string {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

function figuresOf(place: HTMLElement): Figures {
  const table = one("[data-chart-points]", place.parentElement ?? document);
  if (!table) return { heads: [], lines: [] };
  return {
    heads: all("thead th", table).slice(1).map((head) => head.textContent ?? ""),
    lines: all("tbody tr", table).map((row) => ({
      label: one("th", row)?.textContent ?? "",
      total: row.dataset["level"] === "0",
      figures: all("td", row).map((cell) => ({
        value: Number(cell.dataset["value"] ?? 0),
        exact: cell.textContent ?? "",
        short: cell.dataset["short"] ?? "",
        tone: cell.dataset["tone"] ?? "",
        url: one<HTMLAnchorElement>("a", cell)?.getAttribute("href") ?? "",
      })),
    })),
  };
}

function draw(place: HTMLElement): ECharts {
  const figures = figuresOf(place);
  const type = place.dataset["chart"] ?? "column";
  getInstanceByDom(place)?.dispose();
  const chart = init(place, undefined, { renderer: "svg" });
  const flat = type === "bar";
  const many = figures.heads.length > 1 && type !== "pie";
  chart.setOption({
    animationDuration: window.matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 350,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    grid: { left: 6, right: 18, top: many ? 34 : 14, bottom: 4, containLabel: true },
    ...(many ? { legend: { type: "scroll", top: 0, left: 0, itemWidth: 10, itemHeight: 10, icon: "roundRect", textStyle: { color: colour("--ink-2"), fontSize: 12 } } } : {}),
    tooltip: { trigger: "item", formatter: (mark: Mark) => tip(figures, place, mark), backgroundColor: colour("--raised"), borderColor: colour("--line"), textStyle: { color: colour("--ink"), fontSize: 12 } },
    ...(type === "pie" ? {} : axes(figures, flat, type)),
    series: type === "pie" ? [slices(figures)] : type === "waterfall" ? steps(figures) : figures.heads.map((head, at) => series(place, flat, figures, head, at)),
  });
  chart.on("click", (event) => {
    const url = markOf(figures, event as Mark)?.url;
    if (url) location.assign(url);
  });
  return chart;
}

interface Mark {
  dataIndex: number;
  seriesIndex?: number;
  seriesName?: string;
}

function markOf(figures: Figures, mark: Mark): Figure | undefined {
  const line = figures.lines[mark.dataIndex];
  return line?.figures[line.figures.length > 1 ? (mark.seriesIndex ?? 0) : 0];
}

function axes(figures: Figures, flat: boolean, type: string): object {
  const names = { type: "category" as const, data: figures.lines.map((line) => line.label), inverse: flat, boundaryGap: type !== "area", axisTick: { show: false }, axisLine: { lineStyle: { color: colour("--line") } }, axisLabel: { color: colour("--ink-2"), fontSize: 12, width: flat ? 110 : undefined, overflow: "truncate" as const, hideOverlap: type !== "waterfall", interval: type === "waterfall" ? 0 : ("auto" as const) } };
  const amounts = { type: "value" as const, splitNumber: 4, minInterval: whole(figures) ? 1 : undefined, axisLabel: { color: colour("--ink-3"), fontSize: 11, formatter: short }, splitLine: { lineStyle: { color: colour("--line-soft") } } };
  return { xAxis: flat ? amounts : names, yAxis: flat ? names : amounts };
}

/** Whether all figures are whole and few, so that no axis counts half a record. */
function whole(figures: Figures): boolean {
  return figures.lines.every((line) => line.figures.every(({ value }) => Number.isInteger(value)));
}

function series(place: HTMLElement, flat: boolean, figures: Figures, name: string, at: number): object {
  const type = place.dataset["chart"] ?? "column";
  const many = figures.heads.length > 1;
  const tone = many ? colour(TONES[at % TONES.length] ?? "--pine") : colour("--pine");
  const data = figures.lines.map((line) => line.figures[at]?.value ?? 0);
  const stack = "parts" in place.dataset && STACKED.has(type) ? { stack: "all" } : {};
  if (type === "line" || type === "area") {
    return { type: "line", name, smooth: 0.2, symbolSize: 7, data, color: tone, ...stack, ...(type === "area" ? { areaStyle: { opacity: many ? 0.35 : 0.12 } } : {}) };
  }
  const rounded = "parts" in place.dataset ? 0 : 4;
  return { type: "bar", name, barMaxWidth: flat ? 20 : 34, data, color: tone, ...stack, itemStyle: { borderRadius: flat ? [0, rounded, rounded, 0] : [rounded, rounded, 0, 0] }, emphasis: { itemStyle: many ? {} : { color: colour("--ochre") } } };
}

function slices(figures: Figures): object {
  const ink = colour("--ink-2");
  return { type: "pie", radius: ["42%", "64%"], color: TONES.map(colour), itemStyle: { borderColor: colour("--surface"), borderWidth: 2 }, label: { color: ink, fontSize: 12, overflow: "break", width: 84 }, labelLine: { length: 8, length2: 8 }, data: figures.lines.map((line) => ({ name: line.label, value: Math.max(line.figures[0]?.value ?? 0, 0) })) };
}

/** Bars that begin where the one before ended; totals stand on the ground. */
function steps(figures: Figures): object[] {
  let ground = 0;
  const bars = figures.lines.map((line) => {
    const value = line.figures[0]?.value ?? 0;
    const from = line.total ? 0 : ground;
    ground = line.total ? value : ground + value;
    const own = line.figures[0]?.tone;
    const tone = own ? `--tone-${own}` : line.total ? "--pine" : value < 0 ? "--tone-red" : "--tone-green";
    return { base: Math.min(from, ground), size: Math.abs(ground - from), tone: colour(tone), label: line.figures[0]?.short ?? "" };
  });
  return [
    { type: "bar", stack: "all", silent: true, data: bars.map((bar) => bar.base), itemStyle: { color: "transparent" }, tooltip: { show: false } },
    { type: "bar", stack: "all", barMaxWidth: 46, data: bars.map((bar) => ({ value: bar.size, itemStyle: { color: bar.tone, borderRadius: 3 }, label: { show: true, position: "top", formatter: bar.label, color: colour("--ink-2"), fontSize: 11 } })) },
  ];
}

function tip(figures: Figures, place: HTMLElement, mark: Mark): HTMLElement | string {
  const line = figures.lines[mark.dataIndex];
  const figure = markOf(figures, mark);
  if (!line || !figure) return "";
  const shown = document.createElement("div");
  const head = figures.heads.length > 1 ? ` · ${figures.heads[mark.seriesIndex ?? 0] ?? ""}` : "";
  const share = place.dataset["chart"] === "pie" ? part(figures, figure) : "";
  shown.textContent = `${line.label}${head}  ${figure.exact}${share}`;
  return shown;
}

function part(figures: Figures, figure: Figure): string {
  const sum = figures.lines.reduce((all, line) => all + Math.max(line.figures[0]?.value ?? 0, 0), 0);
  return sum > 0 ? ` (${new Intl.NumberFormat(document.documentElement.lang || "en", { style: "percent", maximumFractionDigits: 1 }).format(figure.value / sum)})` : "";
}

/** A tick as short as it can be: 120万, 1.2M. */
function short(value: number): string {
  const language = document.documentElement.lang || "en";
  return new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 }).format(value);
}
