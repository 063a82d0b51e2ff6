// Small charts of a device around its late events: the line as it was without them, and with them.
import { get } from "../lib/api.js";
import { axis, Chart, joined, loners, timeAxis } from "../lib/chart.js";
import { colour } from "../lib/colours.js";
import { grouped } from "../lib/corrections.js";
import { make } from "../lib/dom.js";
import { clock, number, symbol, title } from "../lib/format.js";
import { gaps } from "../device/history.js";

const LEAST_MARGIN_MS = 180_000;
const MARGIN = 0.35;
const MOST = 1000;
const MOST_CHARTS = 4;

/** A chart for each type of number; where there is more than can be shown, the first ones. */
export async function drawHealing(box, device, late) {
  const numbers = late.filter((event) => typeof event.value === "number");
  const types = grouped(numbers, (event) => event.event_type).slice(0, MOST_CHARTS);
  box.hidden = types.length === 0;
  for (const events of types) await drawOne(box, device, events);
}

async function drawOne(box, device, late) {
  const times = late.map((event) => Date.parse(event.observed_at));
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const margin = Math.max(LEAST_MARGIN_MS, (last - first) * MARGIN);
  const span = { from: first - margin, to: Math.min(last + margin, Math.max(Date.now(), last + 1)) };
  const params = { device_id: device, event_type: late[0].event_type, from: iso(span.from), to: iso(span.to), limit: MOST };
  const answer = await get("/api/v1/events", params).catch(() => null);
  if (!answer || answer.next) return;
  const plot = make("div", { class: "chart", "data-type": late[0].event_type, "data-late": String(late.length) });
  box.append(make("figure", {}, make("figcaption", {}, `${title(late[0].event_type)} `, make("small", { class: "muted" }, symbol(late[0].unit))), plot));
  new Chart(plot, () => options(span), 170).show(columns(answer.results, late, span));
}

function columns(events, late, { from, to }) {
  const mine = new Set(late.map(identity));
  const rows = events.filter((event) => typeof event.value === "number").map((event) => ({ at: Date.parse(event.observed_at), value: event.value, late: mine.has(identity(event)) }));
  const points = rows.filter((row) => row.late);
  const tables = [line(rows.filter((row) => !row.late), to - from), line(rows, to - from), unique(points)];
  return joined(tables.map((table) => (table[0].length ? table : [[from / 1000], [null]])));
}

const identity = (event) => [event.observed_at, event.event_id].join(" ");
const iso = (ms) => new Date(ms).toISOString();

/** A null where the line must break. */
function line(rows, span) {
  const broken = gaps(rows, "raw", span);
  const [times, values] = [[], []];
  for (const row of rows) {
    if (broken.has(row)) add(times, values, (row.at - 1) / 1000, null);
    if (row.at / 1000 !== times.at(-1)) add(times, values, row.at / 1000, row.value);
  }
  return [times, values];
}

function add(times, values, at, value) {
  times.push(at);
  values.push(value);
}

function unique(points) {
  const byTime = new Map(points.map(({ at, value }) => [at / 1000, value]));
  return [[...byTime.keys()], [...byTime.values()]];
}

function options({ from, to }) {
  const show = (_, value) => (value === null || value === undefined ? "–" : number(value, 2));
  const plain = { points: loners, value: show };
  return {
    cursor: { drag: { x: false, y: false } },
    legend: { live: false },
    scales: { x: { range: () => [from / 1000, to / 1000] } },
    axes: [timeAxis(), axis({ size: 50 })],
    series: [
      { label: "Time", value: (_, at) => (at ? clock(at * 1000) : "–") },
      { ...plain, label: "Without them", stroke: colour("muted"), width: 5, alpha: 0.35 },
      { ...plain, label: "With them", stroke: colour("series-1"), width: 1.8 },
      { label: "Late", stroke: colour("late"), width: 0, paths: () => null, value: show, points: { show: true, size: 5, fill: colour("late"), stroke: colour("late"), width: 1 } },
    ],
  };
}
