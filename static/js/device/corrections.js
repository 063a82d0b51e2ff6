// Which numbers late events changed: from what, to what, because of which event.
import { get, patiently } from "../lib/api.js";
import { byId, make } from "../lib/dom.js";
import { clock, number, utc } from "../lib/format.js";

const STEP = 12;
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
    byId("corrections").replaceChildren(...answer.results.map(entry));
    byId("corrections-empty").hidden = answer.results.length > 0;
    byId("more-corrections").hidden = !answer.next || this.limit >= MOST;
  }
}

function entry(correction) {
  const what = [correction.view, ...String(correction.key ?? "").split("/").map(text)].join(" ");
  const change = make("span", { class: "change" }, `${correction.field}: `, make("del", {}, text(correction.from)), " → ", make("ins", {}, text(correction.to)));
  return make("li", {}, make("span", {}, what), change, make("span", { class: "muted" }, ...because(correction)));
}

function because({ epoch, at, cause }) {
  const moment = make("time", { datetime: at, title: utc(Date.parse(at)) }, clock(Date.parse(at)));
  const event = cause ? `, because of ${cause.event_type} observed ${text(cause.observed_at)}` : "";
  return [`Epoch ${number(epoch)}, `, moment, event];
}

function text(value) {
  if (value === null || value === undefined) return "nothing";
  if (typeof value === "number") return number(value, Number.isInteger(value) ? 0 : 2);
  if (typeof value === "string" && RFC_3339.test(value)) return clock(Date.parse(value));
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
