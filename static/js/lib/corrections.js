// Corrections in words: which number, from what, to what.
import { make } from "./dom.js";
import { clock, plain, title } from "./format.js";
import { ruleName } from "./rules.js";

export const VIEWS = {
  rollup_1m: "by minute",
  rollup_1h: "by hour",
  rollup_1d: "by day",
  track_1m: "track by minute",
  track_1h: "track by hour",
  track_1d: "track by day",
  latest: "latest reading",
};
const FIELDS = { distance_m: "distance in m", percent_per_day: "percent a day" };
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
export function rowName(key, view = "") {
  if (view === "alerts") return alertName(String(key));
  const wanted = view.endsWith("_1d") ? day : text;
  return String(key ?? "").split("/").filter(Boolean).map(wanted).join(", ");
}

/** The view of alerts is kept by rule and beginning. */
function alertName(key) {
  const [rule, began] = key.split("/");
  return `${ruleName(rule)}, begun ${text(began)}`;
}

/** Days are those of UTC. */
function day(value) {
  return RFC_3339.test(value) ? new Date(value).toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }) : value;
}

export function change({ field, from, to }) {
  const show = field.endsWith("_at") ? (value) => (typeof value === "number" ? clock(value) : text(value)) : text;
  const [before, after] = typeof from === "number" && typeof to === "number" && show === text ? apart(from, to) : [show(from), show(to)];
  return make("span", { class: "change" }, `${FIELDS[field] ?? field.replaceAll("_", " ")} `, make("del", {}, before), " → ", make("ins", {}, after));
}

/** Two numbers with as many digits as it takes to see that they differ. */
function apart(from, to) {
  for (let digits = 2; digits < 6; digits += 1) {
    const texts = [plain(from, digits), plain(to, digits)];
    if (texts[0] !== texts[1]) return texts;
  }
  return [plain(from, 6), plain(to, 6)];
}

export function text(value) {
  if (value === null || value === undefined) return "nothing";
  if (typeof value === "number") return plain(value, 2);
  if (typeof value === "string" && RFC_3339.test(value)) return clock(Date.parse(value));
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
