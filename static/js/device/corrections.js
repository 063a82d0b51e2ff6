// Which numbers late events changed: from what, to what, because of which event.
import { get, patiently } from "../lib/api.js";
import { change, grouped, rowName, text, viewName } from "../lib/corrections.js";
import { byId, make } from "../lib/dom.js";
import { epochAddress } from "../lib/epochs.js";
import { clock, plain, utc } from "../lib/format.js";
import { learnRules } from "../lib/rules.js";

const STEP = 50;
const MOST = 1000;

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
    await learnRules(answer.results);
    byId("corrections").replaceChildren(...grouped(answer.results).map(entry));
    byId("corrections-empty").hidden = answer.results.length > 0;
    byId("more-corrections").hidden = !answer.next || this.limit >= MOST;
  }
}

function entry(group) {
  const { view, key } = group[0];
  const what = [rowName(key, view), viewName(view)].filter(Boolean).join(", ");
  return make("li", {}, make("span", {}, what), make("span", { class: "changes" }, ...group.map(change)), make("span", { class: "muted" }, ...because(group[0])));
}

function because({ shard, epoch, at, cause, device_id: device }) {
  const moment = make("time", { datetime: at, title: utc(Date.parse(at)) }, clock(Date.parse(at)));
  const event = cause ? `, because of ${cause.event_type} observed ${text(cause.observed_at)}` : "";
  const why = make("a", { href: epochAddress(shard, epoch, device), class: "why", title: `Epoch ${plain(epoch)}: all that changed, and the late events that did it` }, "why?");
  return [`Epoch ${plain(epoch)}, `, moment, event, " ", why];
}
