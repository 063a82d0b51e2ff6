// Whether the device is online and when it was last heard.
import { byId } from "../lib/dom.js";
import { ago, setText, utc } from "../lib/format.js";

const offlineAfterMs = Number(byId("device").dataset.offlineAfter) * 1000;
let heard = null;

export function showFacts(state) {
  const received = state.last_received_at ? Date.parse(state.last_received_at) : 0;
  heard = Math.max(heard ?? 0, received) || null;
  tickFacts();
}

export function heardNow() {
  heard = Date.now();
  tickFacts();
}

export function tickFacts() {
  const pill = byId("presence");
  const state = !heard ? "unknown" : Date.now() - heard < offlineAfterMs ? "online" : "offline";
  pill.dataset.state = state;
  setText(pill, { unknown: "Never heard", online: "Online", offline: "Offline" }[state]);
  setText(byId("last-seen"), heard ? `heard ${ago(heard)}` : "");
  byId("last-seen").title = heard ? utc(heard) : "";
}
