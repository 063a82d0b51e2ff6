// Every revision in plain words: what changed, when, and which late event made it so.
import { get } from "../lib/api.js";
import { byId, make } from "../lib/dom.js";
import { epochAddress } from "../lib/epochs.js";
import { clock, number, plain, span, symbol, utc } from "../lib/format.js";
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
    const unknown = revisions.filter(({ cause }) => cause && !this.events.has(identity(cause)));
    await Promise.all(unknown.map(({ cause, epoch }) => this.find(cause, epoch)));
    this.list.show([...revisions].reverse());
  }

  /** The late event itself, and all that came late with it of the same device. */
  async find(cause, epoch) {
    const params = { shard: this.shard, epoch, device_id: cause.device_id, limit: 1000 };
    const { results } = await get("/api/v1/events", params).catch(() => ({ results: [] }));
    const event = results.find((one) => identity(one) === identity(cause)) ?? null;
    this.events.set(identity(cause), { event, others: results.filter((one) => one !== event) });
  }

  make(row) {
    const at = make("time", { datetime: row.at, title: utc(Date.parse(row.at)), class: "muted" }, clock(Date.parse(row.at)));
    const what = make("p", {}, make("b", {}, CHANGES[row.change] ?? row.change), " ", at);
    const parts = [what, changes(row), this.because(row)].filter(Boolean);
    return make("li", { "data-change": row.change, "data-corrected": row.cause ? "yes" : null }, ...parts);
  }

  because({ cause, epoch }) {
    if (!cause) return null;
    const { event, others } = this.events.get(identity(cause));
    const link = make("a", { href: epochAddress(this.shard, epoch, cause.device_id), class: "why", title: `Epoch ${plain(epoch)}: all that changed with it` }, "why?");
    return make("p", { class: "because" }, describe(cause, event, others), " ", link);
  }
}

const identity = (cause) => [cause.event_type, cause.observed_at, cause.event_id].join(" ");

function describe(cause, event, others) {
  const reading = `a ${cause.event_type} reading from ${clock(Date.parse(cause.observed_at))}`;
  if (!event) return `Because ${reading} came late.`;
  const value = typeof event.value === "number" ? ` (${plain(event.value, 2)} ${symbol(event.unit)})`.replace(" )", ")") : "";
  const farthest = Math.max(0, ...others.map(lateness));
  const more = others.length ? `, with ${number(others.length)} other late ${others.length === 1 ? "event" : "events"}, up to ${span(farthest)} late` : "";
  return `Because ${reading}${value} arrived ${span(lateness(event))} late${more}.`;
}

const lateness = (event) => Math.max(0, Date.parse(event.received_at) - Date.parse(event.observed_at));
