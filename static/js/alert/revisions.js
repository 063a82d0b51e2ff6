// Every revision in plain words: what changed, when, and which late event made it so.
import { get } from "../lib/api.js";
import { byId, make } from "../lib/dom.js";
import { epochAddress } from "../lib/epochs.js";
import { clock, plain, span, symbol, utc } from "../lib/format.js";
import { Keyed } from "../lib/keyed.js";
import { CHANGES, changes } from "../lib/revisions.js";

export class Revisions {
  constructor(shard) {
    this.shard = shard;
    this.events = new Map();
    this.list = new Keyed(byId("revisions"), { key: (row) => row.revision, make: (row) => this.make(row) });
  }

  /** The newest goes first. Causes are looked up before they are told: an identity alone says too little. */
  async show(revisions, alert) {
    this.alert = alert;
    const causes = revisions.map((row) => row.cause).filter((cause) => cause && !this.events.has(identity(cause)));
    await Promise.all(causes.map((cause) => this.find(cause)));
    this.list.show([...revisions].reverse());
  }

  async find(cause) {
    const from = Date.parse(cause.observed_at);
    const params = { device_id: cause.device_id, event_type: cause.event_type, from: new Date(from).toISOString(), to: new Date(from + 1).toISOString(), limit: 100 };
    const { results } = await get("/api/v1/events", params).catch(() => ({ results: [] }));
    this.events.set(identity(cause), results.find((event) => event.event_id === cause.event_id) ?? null);
  }

  make(row) {
    const at = make("time", { datetime: row.at, title: utc(Date.parse(row.at)), class: "muted" }, clock(Date.parse(row.at)));
    const what = make("p", {}, make("b", {}, CHANGES[row.change] ?? row.change), " ", at);
    const parts = [what, changes(row), this.because(row)].filter(Boolean);
    return make("li", { "data-change": row.change, "data-corrected": row.cause ? "yes" : null }, ...parts);
  }

  because({ cause, epoch }) {
    if (!cause) return null;
    const event = this.events.get(identity(cause));
    const link = make("a", { href: epochAddress(this.shard, epoch, cause.device_id), class: "why", title: `Epoch ${plain(epoch)}: all that changed with it` }, "why?");
    return make("p", { class: "because" }, describe(cause, event), " ", link);
  }
}

const identity = (cause) => [cause.event_type, cause.observed_at, cause.event_id].join(" ");

function describe(cause, event) {
  const observed = Date.parse(cause.observed_at);
  const reading = `a ${cause.event_type} reading from ${clock(observed)}`;
  if (!event) return `Because ${reading} came late.`;
  const value = typeof event.value === "number" ? ` (${plain(event.value, 2)} ${symbol(event.unit)})`.replace(" )", ")") : "";
  return `Because ${reading}${value} arrived ${span(Math.max(0, Date.parse(event.received_at) - observed))} late.`;
}
