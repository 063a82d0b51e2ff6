// The chart of an alert: the readings around it, the time it lasted, the limit of its rule, what came late.
import { get } from "../lib/api.js";
import { limitsOf } from "../lib/alerts.js";
import { bandHooks, rangeWith } from "../lib/bands.js";
import { axis, Chart, joined, loners, timeAxis } from "../lib/chart.js";
import { colour } from "../lib/colours.js";
import { byId } from "../lib/dom.js";
import { clock, number, setText, symbol, title } from "../lib/format.js";
import { gaps, History } from "../device/history.js";
import { Fence } from "./fence.js";

const LEAST_MARGIN_MS = 240_000;
const MARGIN = 0.6;
const AGAIN_MS = 5000;

export class Picture {
  constructor(alert, rule, lateUrl) {
    Object.assign(this, { alert, rule, lateUrl, shown: 0 });
    this.history = new History(alert.device_id, lateUrl);
    this.fence = rule.kind === "geofence" ? new Fence(alert.device_id, rule.parameters.polygon) : null;
    byId("chart").hidden = Boolean(this.fence);
  }

  /** Drawn again after a revision, and now and then while the alert is open. */
  async show(alert, withdrawnAt) {
    this.withdrawnAt = withdrawnAt;
    const due = alert.revision !== this.alert.revision || (alert.state === "open" && Date.now() - this.shown > AGAIN_MS);
    if (this.shown && !due) return;
    Object.assign(this, { alert, shown: Date.now(), span: around(alert, withdrawnAt) });
    if (this.fence) await this.fence.show(this.span, band(alert, withdrawnAt));
    else await this.draw();
  }

  async draw() {
    const type = await this.chooseType();
    if (!type) return;
    this.history.types = [type];
    await this.history.fetch({ ...this.span, open: false });
    const series = this.history.series.get(type);
    setText(byId("chart-title"), `${title(type)} ${symbol(series.unit)}`.trim());
    setText(byId("chart-note"), series.late.count ? `${number(series.late.count)} came late` : "");
    byId("chart").dataset.points = series.rows.length;
    this.chart ??= new Chart(byId("chart"), () => this.options(), 260);
    this.chart.show(this.columns(series));
  }

  /** A rule for silence of any kind has no type of its own: any that the device measures shows the gap. */
  async chooseType() {
    if (this.rule.event_type) return this.rule.event_type;
    const { results } = await get("/api/v1/dashboard/devices", { device_id: this.alert.device_id });
    const types = Object.entries(results[0]?.latest ?? {}).filter(([, latest]) => typeof latest.value === "number");
    return types[0]?.[0];
  }

  columns(series) {
    const broken = gaps(series.rows, this.history.resolution, this.span.to - this.span.from);
    const [times, values] = [[], []];
    for (const row of series.rows) {
      if (broken.has(row)) times.push((row.at - 1) / 1000), values.push(null);
      if (row.at / 1000 !== times.at(-1)) times.push(row.at / 1000), values.push(row.mean);
    }
    const late = new Map(series.late.observed_at.map((at, index) => [at / 1000, series.late.value[index]]));
    const edges = [[this.span.from / 1000], [null]];
    return joined([times.length ? [times, values] : edges, late.size ? [[...late.keys()], [...late.values()]] : edges]);
  }

  options() {
    const show = (_, value) => (value === null || value === undefined ? "–" : number(value, 2));
    const limits = () => limitsOf(this.rule);
    return {
      cursor: { drag: { x: false, y: false } },
      scales: { x: { range: () => [this.span.from / 1000, this.span.to / 1000] }, y: { range: rangeWith(limits) } },
      axes: [timeAxis(), axis({ size: 52 })],
      hooks: bandHooks(() => [band(this.alert, this.withdrawnAt)], limits),
      series: [
        { label: "Time", value: (_, at) => (at ? clock(at * 1000) : "–") },
        { label: "Value", stroke: colour("series-1"), width: 1.7, points: loners, value: show },
        { label: "Late", stroke: colour("late"), width: 0, paths: () => null, value: show, points: { show: true, size: 5, fill: colour("late"), stroke: colour("late"), width: 1 } },
      ],
    };
  }
}

/** The time that an alert covers, as a band; one that was withdrawn is drawn pale, as far as it had come. */
export function band({ started_at: start, cleared_at: end, raised_at: raised, state, severity }, withdrawnAt) {
  const withdrawn = state === "withdrawn";
  const to = end ? Date.parse(end) : withdrawn ? withdrawnAt ?? Date.parse(raised) : null;
  return { from: Date.parse(start), to, severity: withdrawn ? "withdrawn" : severity };
}

function around(alert, withdrawnAt) {
  const { from, to } = band(alert, withdrawnAt);
  const end = to ?? Date.now();
  const margin = Math.max(LEAST_MARGIN_MS, (end - from) * MARGIN);
  return { from: from - margin, to: Math.max(end, Math.min(end + margin, Date.now())) };
}
