// Bars and lines of a dashboard; loaded only where there is one.
import { BarChart, LineChart, PieChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { init, use, type ECharts } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { all, one } from "./dom";

use([BarChart, LineChart, PieChart, GridComponent, TooltipComponent, SVGRenderer]);

interface Point {
  label: string;
  value: number;
  shown: string;
  url: string;
}

/** The colours of a pie's slices, neighbours apart. */
const SLICES = ["teal", "orange", "blue", "yellow", "purple", "cyan", "red", "lime", "indigo", "pink", "gray"].map((tone) => `--tone-${tone}`);

export function drawCharts(): void {
  const drawn = all("[data-chart]").map((place) => draw(place));
  window.addEventListener("resize", () => drawn.forEach((chart) => chart.resize()));
}

function colour(name: string): string {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

function pointsOf(place: HTMLElement): Point[] {
  const table = one("[data-chart-points]", place.parentElement ?? document);
  return all<HTMLElement>("tr", table ?? document).map((row) => ({
    label: one("th", row)?.textContent ?? "",
    value: Number(row.dataset["value"] ?? 0),
    shown: one("td", row)?.textContent ?? "",
    url: one<HTMLAnchorElement>("a", row)?.href ?? "",
  }));
}

function draw(place: HTMLElement): ECharts {
  const points = pointsOf(place);
  const type = place.dataset["chart"] ?? "column";
  const chart = init(place, undefined, { renderer: "svg" });
  const flat = type === "bar" || type === "leaderboard";
  const ink = colour("--ink-3");
  const names = { type: "category" as const, data: points.map((point) => point.label), inverse: flat, axisTick: { show: false }, axisLine: { lineStyle: { color: colour("--line") } }, axisLabel: { color: colour("--ink-2"), fontSize: 12, width: flat ? 110 : undefined, overflow: "truncate" as const, hideOverlap: true } };
  const amounts = { type: "value" as const, splitNumber: 4, axisLabel: { color: ink, fontSize: 11, formatter: short }, splitLine: { lineStyle: { color: colour("--line-soft") } } };
  chart.setOption({
    animationDuration: 350,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    grid: { left: 6, right: 18, top: 14, bottom: 4, containLabel: true },
    tooltip: { trigger: "item", formatter: (mark: { dataIndex: number }) => tip(points[mark.dataIndex]), backgroundColor: colour("--raised"), borderColor: colour("--line"), textStyle: { color: colour("--ink"), fontSize: 12 } },
    ...(type === "pie" ? {} : { xAxis: flat ? amounts : names, yAxis: flat ? names : amounts }),
    series: [series(type, flat, points)],
  });
  chart.on("click", (event) => {
    const url = points[event.dataIndex]?.url;
    if (url) location.assign(url);
  });
  return chart;
}

function series(type: string, flat: boolean, points: Point[]): object {
  const pine = colour("--pine");
  if (type === "pie") {
    const ink = colour("--ink-2");
    return { type: "pie", radius: ["42%", "64%"], color: SLICES.map(colour), itemStyle: { borderColor: colour("--surface"), borderWidth: 2 }, label: { color: ink, fontSize: 12, overflow: "break", width: 84 }, labelLine: { length: 8, length2: 8 }, data: points.map((point) => ({ name: point.label, value: point.value })) };
  }
  if (type === "line" || type === "area") {
    return { type: "line", smooth: 0.2, symbolSize: 7, data: points.map((point) => point.value), color: pine, ...(type === "area" ? { areaStyle: { opacity: 0.12 } } : {}) };
  }
  return { type: "bar", barMaxWidth: flat ? 20 : 34, data: points.map((point) => point.value), color: pine, itemStyle: { borderRadius: flat ? [0, 4, 4, 0] : [4, 4, 0, 0] }, emphasis: { itemStyle: { color: colour("--ochre") } } };
}

function tip(point: Point | undefined): HTMLElement | string {
  if (!point) return "";
  const line = document.createElement("div");
  line.textContent = `${point.label}  ${point.shown}`;
  return line;
}

/** A tick as short as it can be: 120万, 1.2M. */
function short(value: number): string {
  const language = document.documentElement.lang || "en";
  return new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 }).format(value);
}
