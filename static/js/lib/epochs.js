// One epoch as a row of a table: its number, when, how much came late and how far back it reaches.
import { make } from "./dom.js";
import { clock, number, span, utc } from "./format.js";

export const epochAddress = (shard, epoch, deviceId) => `/epochs/${shard}/${epoch}/${deviceId ? `?device_id=${encodeURIComponent(deviceId)}` : ""}`;

export const epochKey = (row) => `${row.shard}/${row.epoch}`;

/** How long before the epoch its oldest late event was observed (ms); null where nothing tells. */
export function reach({ at, oldest_observed_at: oldest }) {
  return oldest ? Date.parse(at) - Date.parse(oldest) : null;
}

export function epochCells(row, several) {
  const at = Date.parse(row.at);
  const shard = several ? make("small", { class: "muted" }, ` shard ${row.shard}`) : null;
  const back = reach(row);
  return {
    epoch: make("td", {}, make("a", { href: epochAddress(row.shard, row.epoch) }, number(row.epoch)), shard),
    when: make("td", {}, make("time", { datetime: row.at, title: utc(at) }, clock(at))),
    late: make("td", { class: "number" }, number(row.late_events)),
    devices: make("td", { class: "number wide" }, number(row.devices)),
    back: make("td", { class: "number", title: row.oldest_observed_at ? `oldest observed ${row.oldest_observed_at}` : "" }, back === null ? "–" : span(back)),
    plan: make("td", { class: "wide" }, row.plan),
    took: make("td", { class: "number wide" }, span(row.seconds * 1000)),
  };
}
