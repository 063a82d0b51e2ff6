// Every revision in plain words: what changed, when, and which late event made it so.
import { get } from "../lib/api.js";
import { alertAddress } from "../lib/alerts.js";
import { text } from "../lib/corrections.js";
import { byId, make } from "../lib/dom.js";
import { epochAddress } from "../lib/epochs.js";
import { clock, plain, span, symbol, utc } from "../lib/format.js";
import { Keyed } from "../lib/keyed.js";

const WORDS = { raised: "Raised", changed: "Changed", cleared: "Cleared", withdrawn: "Withdrawn", merged: "Merged", reopened: "Reopened" };
const FIELDS = { started_at: "began", raised_at: "raised", cleared_at: "over", value: "value", severity: "severity", rule_name: "rule" };

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
    const what = make("p", {}, make("b", {}, WORDS[row.change] ?? row.change), " ", at);
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

/** The fields that a revision changed; of a new alert, and of one that is withdrawn, the word says it all. */
function changes({ change, from, to }) {
  if (to?.merged_into) return make("p", { class: "changes" }, "into ", make("a", { href: alertAddress(to.merged_into) }, `alert ${to.merged_into}`));
  if (change === "raised") return raised(to ?? {});
  const fields = Object.keys(FIELDS).filter((name) => name in (to ?? {}) && (from?.[name] ?? null) !== (to[name] ?? null));
  if (!fields.length) return null;
  return make("p", { class: "changes" }, ...fields.map((name) => changed(name, from?.[name], to[name])));
}

function raised({ started_at: started, split_from: origin }) {
  const began = started ? `Began ${text(started)}` : "";
  const split = origin ? make("span", {}, " Split off ", make("a", { href: alertAddress(origin) }, `alert ${origin}`)) : null;
  return began || split ? make("p", { class: "changes muted" }, began, split) : null;
}

function changed(name, from, to) {
  if (from === null || from === undefined) return make("span", { class: "change" }, `${FIELDS[name]} `, make("ins", {}, text(to)));
  return make("span", { class: "change" }, `${FIELDS[name]} `, make("del", {}, text(from)), " → ", make("ins", {}, text(to)));
}
