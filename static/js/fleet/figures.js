// The key figures on top of the fleet page.
import { byId } from "../lib/dom.js";
import { number, percent, rate, setText, span } from "../lib/format.js";

const FAR_BEHIND_S = 5;

export function showFigures(metrics) {
  const shards = metrics.shards ?? [];
  show("online", number(metrics.devices.online), `of ${number(metrics.devices.total)}`);
  show("rate", rate(metrics.events_per_second), "");
  show("late", percent(metrics.late_share), "");
  showAlerts(metrics.open_alerts);
  show("epoch", number(sum(shards, "epoch")), shards.length > 1 ? `over ${shards.length} shards` : "");
  showTether(shards);
}

function showAlerts(count) {
  figure("alerts").hidden = !count;
  show("alerts", number(count ?? 0), "", count ? "bad" : "");
}

function showTether(shards) {
  const seconds = Math.max(0, ...shards.map((shard) => shard.tether_seconds ?? 0));
  const absent = shards.filter((shard) => !shard.live).length;
  const state = absent ? "bad" : seconds > FAR_BEHIND_S ? "warn" : "";
  const note = absent ? "nobody is live" : seconds >= 0.05 ? span(seconds * 1000) : "up to date";
  show("tether", number(sum(shards, "tether_events")), `events, ${note}`, state);
}

function show(name, value, note, state = "") {
  const element = figure(name);
  element.dataset.state = state;
  setText(element.querySelector("b"), value);
  setText(element.querySelector("small"), note);
}

const figure = (name) => byId("figures").querySelector(`[data-figure="${name}"]`);
const sum = (rows, name) => rows.reduce((total, row) => total + (row[name] ?? 0), 0);
