// Dashboards: the chart library is fetched only when there is something to draw.
import { all, one } from "./dom";

export function startDashboard(): void {
  for (const form of all<HTMLFormElement>("[data-send-on-change]")) form.addEventListener("change", () => form.submit());
  if (one("[data-chart]")) void import("./charts").then(({ drawCharts }) => drawCharts());
}
