// The readings of the time shown, per type: points or windows, and which points came late. No page in here.
import { get, getAll } from "../lib/api.js";

const WINDOW_MS = { raw: 0, "1m": 60_000, "1h": 3_600_000, "1d": 86_400_000 };
const PAGES = 10;
const AROUND = 5;

export class History {
  constructor(device, lateUrl) {
    Object.assign(this, { device, lateUrl, types: [], series: new Map(), resolution: "1m" });
  }

  get isEmpty() {
    return [...this.series.values()].every((series) => series.rows.length === 0 && series.late.observed_at.length === 0);
  }

  /** Everything of the range, of all types; true when done. */
  async fetch(range) {
    this.resolution = resolutionFor(range.to - range.from);
    const all = await Promise.all(this.types.map((type) => this.fetchType(type, range)));
    this.series = new Map(all.map((series) => [series.type, series]));
    return true;
  }

  /** Only what may have changed at the end of an open range. */
  async fetchTail(range) {
    if (resolutionFor(range.to - range.from) !== this.resolution) return this.fetch(range);
    await Promise.all([...this.series.values()].map((series) => this.extend(series, range)));
    return true;
  }

  /** A reading of the feed goes in at once where every reading is shown. */
  push(change) {
    const series = this.series.get(change.event_type);
    const at = Date.parse(change.observed_at);
    if (!series || this.resolution !== "raw" || typeof change.value !== "number") return;
    if (series.rows.length && series.rows.at(-1).at >= at) return;
    series.rows.push({ at, mean: change.value, min: change.value, max: change.value });
  }

  async fetchType(type, range) {
    const bounds = { from: iso(this.align(range.from)), to: range.open ? null : iso(range.to) };
    const [metrics, late] = await Promise.all([this.metrics(type, bounds), this.late(type, range)]).catch(absent);
    return { type, unit: metrics.unit, rows: metrics.results.map(asRow), late, trend: metrics.trends?.[0] };
  }

  async extend(series, range) {
    const last = series.rows.at(-1)?.at ?? range.from;
    const from = this.align(Math.max(range.from, last));
    const metrics = await this.metrics(series.type, { from: iso(from), to: range.open ? null : iso(range.to) });
    const kept = series.rows.filter((row) => row.at < from && row.at >= this.align(range.from));
    series.rows = kept.concat(metrics.results.map(asRow));
  }

  metrics(type, bounds) {
    return getAll(`/api/v1/metrics/${type}`, { device_id: this.device, resolution: this.resolution, ...bounds }, PAGES);
  }

  late(type, range) {
    const to = range.open ? range.to + 3_600_000 : range.to;
    return get(this.lateUrl, { event_type: type, from: Math.floor(range.from), to: Math.ceil(to) });
  }

  /** Windows are chosen by their start: the one that holds `ms` starts before it. */
  align(ms) {
    const size = WINDOW_MS[this.resolution];
    return size ? Math.floor(ms / size) * size : Math.floor(ms);
  }
}

/** The finest that a chart can show: some two thousand points. */
export function resolutionFor(span) {
  if (span <= 2 * 3_600_000) return "raw";
  if (span <= 36 * 3_600_000) return "1m";
  return span <= 60 * 86_400_000 ? "1h" : "1d";
}

/** A type that has been removed has readings and no metrics. */
function absent(error) {
  if (error.status !== 404) throw error;
  return [{ results: [], unit: null }, { observed_at: [], value: [], count: 0 }];
}

function asRow(row) {
  if (row.observed_at) return { at: Date.parse(row.observed_at), mean: row.value, min: row.value, max: row.value };
  return { at: Date.parse(row.start), mean: row.mean, min: row.min, max: row.max };
}

export const iso = (ms) => new Date(ms).toISOString();

/** The rows before which a line breaks: after a pause wide enough to see, and some times longer than the steps around it. */
export function gaps(rows, resolution, span) {
  const least = Math.max(2 * WINDOW_MS[resolution], span / 40);
  const steps = rows.slice(1).map((row, index) => row.at - rows[index].at);
  const found = steps.map((step, index) => step > least && step > 4 * usual(steps.slice(Math.max(0, index - AROUND), index + AROUND + 1)));
  return new Set(rows.filter((_, index) => found[index - 1]));
}

const usual = (steps) => steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)];
