// The events chart: events per second by receive time, how many of them late, and their share.
import { get, patiently } from "../lib/api.js";
import { axis, Chart, timeAxis } from "../lib/chart.js";
import { colour, faded } from "../lib/colours.js";
import { byId, choices } from "../lib/dom.js";
import { compact, percent, rate } from "../lib/format.js";

const SPANS = { "5m": [300_000, 2_000], "1h": [3_600_000, 20_000], "24h": [86_400_000, 600_000] };

export class Activity {
  constructor() {
    this.box = byId("activity");
    this.span = "5m";
    this.chart = new Chart(this.box, options, 210);
    choices(byId("activity-span"), (span) => {
      this.span = span;
      this.fetch();
    });
  }

  async fetch() {
    const span = this.span;
    const [length, bucket] = SPANS[span];
    const end = (Math.floor(Date.now() / bucket) + 1) * bucket;
    const answer = await patiently(() => get(this.box.dataset.url, { from: end - length, to: end, bucket_ms: bucket }));
    if (answer && span === this.span) this.chart.show(columns(answer, end - length, end));
  }
}

/** Buckets nothing came in are zeros; the one that is still running is left out while it is young. */
function columns({ bucket_ms: bucket, clock, start, received, late }, from, to) {
  const at = new Map(start.map((ms, index) => [ms, index]));
  const table = [[], [], [], []];
  for (let ms = from; ms < to; ms += bucket) {
    const seconds = Math.min(bucket, clock - ms) / 1000;
    if (seconds < bucket / 2000) break;
    const index = at.get(ms);
    const all = index === undefined ? 0 : received[index];
    const tardy = index === undefined ? 0 : late[index];
    table[0].push(ms / 1000);
    table[1].push(all / seconds);
    table[2].push(tardy / seconds);
    table[3].push(all ? tardy / all : null);
  }
  return table;
}

function options() {
  return {
    cursor: { drag: { x: false, y: false } },
    scales: { y: { range: (_, low, high) => [0, Math.max(high * 1.1, 1)] }, share: { range: [0, 1] } },
    axes: [timeAxis(), axis({ size: 46, values: (_, ticks) => ticks.map(compact) }), axis({ scale: "share", side: 1, size: 54, grid: { show: false }, values: (_, ticks) => ticks.map(percent) })],
    series: [
      { label: "Time", value: (_, at) => (at ? new Date(at * 1000).toLocaleTimeString() : "–") },
      { label: "Events/s", stroke: colour("series-1"), fill: faded("series-1", 0.16), width: 1.6, points: { show: false }, value: (_, value) => (value === null ? "–" : rate(value)) },
      { label: "Late/s", stroke: colour("late"), fill: faded("late", 0.3), width: 1.4, points: { show: false }, value: (_, value) => (value === null ? "–" : rate(value)) },
      { label: "Late share", scale: "share", stroke: colour("muted"), width: 1, dash: [3, 4], points: { show: false }, value: (_, value) => percent(value) },
    ],
  };
}
