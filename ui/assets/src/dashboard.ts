// Dashboards: the chart library is fetched only when there is something to draw.
import { one } from "./dom";

export function startDashboard(): void {
  if (one("[data-chart]")) void import("./charts").then(({ drawCharts }) => drawCharts());
}
