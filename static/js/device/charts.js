// One chart a type, all over the same time, with one cursor. Drag across one to look closer at all of them.
import { bandHooks } from "../lib/bands.js";
import { axis, Chart, joined, loners, timeAxis } from "../lib/chart.js";
import { colour, faded } from "../lib/colours.js";
import { byId, make } from "../lib/dom.js";
import { clock, number, setText, symbol, title } from "../lib/format.js";
import { eachFrame } from "../lib/pace.js";
import { gaps, resolutionFor } from "./history.js";

const TINTS = ["series-1", "series-2", "series-3", "series-4"];

export class Charts {
  /** `alerts` tells what lies over a chart: its bands and limits by type. */
  constructor(range, alerts) {
    Object.assign(this, { range, alerts });
    this.charts = new Map();
    this.paint = eachFrame(() => this.draw());
  }

  show(series) {
    this.changed(series);
  }

  changed(series) {
    this.series = series;
    this.paint();
  }

  draw() {
    for (const one of this.series.values()) this.drawOne(one);
  }

  drawOne(series) {
    const { from, to } = this.range.current();
    const resolution = resolutionFor(to - from);
    const entry = this.charts.get(series.type) ?? this.add(series);
    const hasData = series.rows.length > 0 || series.late.observed_at.length > 0;
    entry.panel.hidden = !hasData;
    Object.assign(entry.chart, { from: from / 1000, to: to / 1000 });
    entry.chart.box.dataset.points = series.rows.length;
    entry.chart.box.dataset.late = series.late.count;
    setText(entry.note, series.late.count ? `${number(series.late.count)} came late` : "");
    if (hasData) this.plot(entry, series, resolution);
  }

  /** Single readings have no band of smallest and largest values, so the chart changes with the resolution. */
  plot(entry, series, resolution) {
    const windows = resolution !== "raw";
    const data = asTable(series, resolution, this.range.current());
    if (entry.windows === windows) {
      entry.chart.show(data);
      return;
    }
    entry.windows = windows;
    entry.chart.data = data;
    entry.chart.rebuild();
  }

  over(type) {
    return bandHooks(() => this.alerts.bands(type), () => this.alerts.limits(type));
  }

  add(series) {
    const box = make("div", { class: "chart", "data-type": series.type });
    const note = make("span", { class: "muted" });
    const heading = make("h2", {}, `${title(series.type)} `, make("small", { class: "muted" }, symbol(series.unit)));
    const panel = make("section", { class: "panel", "aria-label": `${series.type} over time` }, make("div", { class: "panel-head" }, heading, note), box);
    byId("charts").append(panel);
    const entry = { panel, note, windows: null };
    const tint = TINTS[this.charts.size % TINTS.length];
    entry.chart = new Chart(box, () => options(entry, tint, this.range, this.over(series.type)), 210);
    this.charts.set(series.type, entry);
    return entry;
  }
}

/** Columns for uPlot: seconds, value or mean (min, max), late; a null where the line must break. */
function asTable(series, resolution, { from, to }) {
  const broken = gaps(series.rows, resolution, to - from);
  const names = resolution !== "raw" ? ["mean", "min", "max"] : ["mean"];
  const table = [[], ...names.map(() => [])];
  for (const row of series.rows) {
    if (broken.has(row)) addRow(table, row.at - 1, names.map(() => null));
    addRow(table, row.at, names.map((name) => row[name]));
  }
  const late = [series.late.observed_at.map((ms) => ms / 1000), series.late.value];
  return joined([table, unique(late)]);
}

function addRow(table, at, values) {
  [at / 1000, ...values].forEach((value, index) => table[index].push(value));
}

/** uPlot joins by time and wants each time once. */
function unique([times, values]) {
  const byTime = new Map(times.map((at, index) => [at, values[index]]));
  return [[...byTime.keys()], [...byTime.values()]];
}

function options(entry, tint, range, over) {
  const { chart, windows } = entry;
  const show = (_, value) => (value === null || value === undefined ? "–" : number(value, 2));
  const line = { stroke: colour(tint), width: 1.6, points: loners, value: show };
  const edge = { stroke: "transparent", width: 0, points: { show: false }, value: show };
  const late = { label: "Late", stroke: colour("late"), width: 0, paths: () => null, value: show, points: { show: true, size: 5, fill: colour("late"), stroke: colour("late"), width: 1 } };
  const values = windows ? [{ ...line, label: "Mean" }, { ...edge, label: "Min" }, { ...edge, label: "Max" }] : [{ ...line, label: "Value" }];
  return {
    cursor: { sync: { key: "device" }, drag: { x: true, y: false, setScale: false } },
    scales: { x: { range: () => [chart.from, chart.to] } },
    axes: [timeAxis(), axis({ size: 52 })],
    series: [{ label: "Time", value: (_, at) => (at ? clock(at * 1000) : "–") }, ...values, late],
    bands: windows ? [{ series: [3, 2], fill: faded(tint, 0.18) }] : [],
    hooks: { ...over, setSelect: [(plot) => zoom(plot, range)] },
  };
}

function zoom(plot, range) {
  const { left, width } = plot.select;
  if (width < 8) return;
  range.set(plot.posToVal(left, "x") * 1000, plot.posToVal(left + width, "x") * 1000);
  plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
}
