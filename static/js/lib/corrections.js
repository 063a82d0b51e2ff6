// Corrections in words: which number, from what, to what.
import { make } from "./dom.js";
import { clock, plain, title } from "./format.js";

export const VIEWS = {
  rollup_1m: "by minute",
  rollup_1h: "by hour",
  rollup_1d: "by day",
  track_1m: "track by minute",
  track_1h: "track by hour",
  track_1d: "track by day",
  latest: "latest reading",
};
const RFC_3339 = /^\d{4}-\d\d-\d\dT/;

export const viewName = (view) => VIEWS[view] ?? title(view);

/** The fields of one row that one epoch changed belong together. */
export function grouped(corrections, by = ({ shard, epoch, device_id: device, view, key }) => [shard, epoch, device, view, key].join(" ")) {
  const groups = new Map();
  for (const correction of corrections) {
    const key = by(correction);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(correction);
  }
  return [...groups.values()];
}

/** Which row of a view a key names: its type and its window, in the viewer's time. */
export const rowName = (key) => String(key ?? "").split("/").filter(Boolean).map(text).join(", ");

export function change({ field, from, to }) {
  const [before, after] = [from, to].map((value) => (field === "observed_at" && typeof value === "number" ? clock(value) : text(value)));
  return make("span", { class: "change" }, `${field} `, make("del", {}, before), " → ", make("ins", {}, after));
}

export function text(value) {
  if (value === null || value === undefined) return "nothing";
  if (typeof value === "number") return plain(value, 2);
  if (typeof value === "string" && RFC_3339.test(value)) return clock(Date.parse(value));
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
