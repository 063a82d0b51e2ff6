// A uPlot chart that follows its box's width and the theme.
import { colour, onTheme } from "./colours.js";

const charts = new Set();
const resizing = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) {
    for (const chart of charts) if (chart.box === target) chart.fit(contentRect.width);
  }
});
onTheme(() => charts.forEach((chart) => chart.rebuild()));

export class Chart {
  /** `options()` gives uPlot's options without size; it is asked again whenever the theme changes. */
  constructor(box, options, height = 200) {
    Object.assign(this, { box, options, height, data: null, plot: null });
    charts.add(this);
    resizing.observe(box);
  }

  /** `data` as uPlot wants it: columns, the first one is seconds since 1970. */
  show(data) {
    this.data = data;
    if (!this.plot) return this.rebuild();
    this.plot.setData(data);
    this.showNewest();
  }

  /** While nobody points at the chart, its legend tells the newest values. */
  showNewest() {
    const { plot, data } = this;
    if (!plot || plot.cursor.idx !== null && plot.cursor.idx !== undefined) return;
    const idx = data[1].findLastIndex((value) => value !== null && value !== undefined);
    if (idx >= 0) plot.setLegend({ idx }, false);
  }

  rebuild() {
    if (!this.data) return;
    this.plot?.destroy();
    const width = this.box.clientWidth || 300;
    this.plot = new uPlot({ width, height: this.height, ...this.options() }, this.data, this.box);
    queueMicrotask(() => this.showNewest()); // a new plot first clears its legend
  }

  fit(width) {
    if (this.plot && width > 0 && Math.abs(width - this.plot.width) >= 1) this.plot.setSize({ width, height: this.height });
  }

  remove() {
    charts.delete(this);
    resizing.unobserve(this.box);
    this.plot?.destroy();
  }
}

/** Tables over one time. Where a line breaks (null), it does so over the times that only others have, too. */
export function joined(tables) {
  const expand = 2;
  return uPlot.join(tables, tables.map((table) => table.map(() => expand)));
}

/** For the `points` of a line: only those that no line reaches, which would not be seen otherwise. */
export const loners = {
  show: false,
  filter: ({ data }, series) => {
    const values = data[series];
    const own = [...values.keys()].filter((index) => values[index] !== undefined); // the others are times of other series
    return own.filter((at, index) => values[at] !== null && [own[index - 1], own[index + 1]].every((near) => (values[near] ?? null) === null));
  },
};

export function axis(more = {}) {
  const grid = { stroke: colour("line"), width: 1 };
  return { stroke: colour("muted"), grid, ticks: { ...grid, size: 5 }, font: "12px system-ui", ...more };
}

const two = (count) => String(count).padStart(2, "0");

/** Times in the viewer's zone, as fine as the ticks are apart; a new day is named. */
export function timeAxis(more = {}) {
  return axis({ size: 32, space: 72, values: (_, ticks, __, ___, step) => ticks.map((at) => tick(new Date(at * 1000), step)), ...more });
}

function tick(date, step) {
  const midnight = date.getHours() === 0 && date.getMinutes() === 0 && date.getSeconds() === 0;
  if (step >= 86400 || midnight) return date.toLocaleDateString(undefined, { day: "numeric", month: "short" });
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return step < 60 ? `${time}:${two(date.getSeconds())}` : time;
}
