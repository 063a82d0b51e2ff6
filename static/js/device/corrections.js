// Which numbers late events changed: from what, to what, because of which event.
import { get, patiently } from "../lib/api.js";
import { byId, make } from "../lib/dom.js";
import { clock, plain, title, utc } from "../lib/format.js";

const VIEWS = {
  rollup_1m: "by minute",
  rollup_1h: "by hour",
  rollup_1d: "by day",
  track_1m: "track by minute",
  track_1h: "track by hour",
  track_1d: "track by day",
  latest: "latest reading",
};
const STEP = 50;
const MOST = 1000;
const RFC_3339 = /^\d{4}-\d\d-\d\dT/;

export class Corrections {
  constructor(device) {
    Object.assign(this, { device, limit: STEP, onChange: () => {} });
    byId("more-corrections").addEventListener("click", () => {
      this.limit = Math.min(this.limit * 3, MOST);
      this.onChange();
    });
  }

  async fetch() {
    const answer = await patiently(() => get("/api/v1/corrections", { device_id: this.device, limit: this.limit }));
    if (!answer) return;
    byId("corrections").replaceChildren(...grouped(answer.results).map(entry));
    byId("corrections-empty").hidden = answer.results.length > 0;
    byId("more-corrections").hidden = !answer.next || this.limit >= MOST;
  }
}

/** The fields of one row that one epoch changed belong together. */
function grouped(corrections) {
  const groups = new Map();
  for (const correction of corrections) {
    const key = [correction.epoch, correction.view, correction.key].join(" ");
    groups.set(key, [...(groups.get(key) ?? []), correction]);
  }
  return [...groups.values()];
}

function entry(group) {
  const { view, key } = group[0];
  const what = [...String(key ?? "").split("/").map(text), VIEWS[view] ?? title(view)].join(", ");
  const changes = group.map(({ field, from, to }) => make("span", { class: "change" }, `${field} `, make("del", {}, text(from)), " → ", make("ins", {}, text(to))));
  return make("li", {}, make("span", {}, what), make("span", { class: "changes" }, ...changes), make("span", { class: "muted" }, ...because(group[0])));
}

function because({ epoch, at, cause }) {
  const moment = make("time", { datetime: at, title: utc(Date.parse(at)) }, clock(Date.parse(at)));
  const event = cause ? `, because of ${cause.event_type} observed ${text(cause.observed_at)}` : "";
  return [`Epoch ${plain(epoch)}, `, moment, event];
}

function text(value) {
  if (value === null || value === undefined) return "nothing";
  if (typeof value === "number") return plain(value, 2);
  if (typeof value === "string" && RFC_3339.test(value)) return clock(Date.parse(value));
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
