// The alerts that late events of this epoch corrected. Their records follow a moment after the epoch.
import { get } from "../lib/api.js";
import { alertAddress, severityPill } from "../lib/alerts.js";
import { byId, make } from "../lib/dom.js";
import { number, setText } from "../lib/format.js";
import { CHANGES, changes } from "../lib/revisions.js";

const LOOKS = 4;
const PAUSE_MS = 1500;

export async function showAlerts(url, only) {
  for (let look = 0; look < LOOKS; look += 1) {
    const { results, more } = await get(url).catch(() => ({ results: [], more: false }));
    const shown = results.filter((revision) => !only || revision.alert.device_id === only);
    byId("alerts-panel").hidden = shown.length === 0;
    setText(byId("alerts-note"), more ? `the first ${number(results.length)}` : "");
    byId("alerts").replaceChildren(...shown.map(item));
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

function item(revision) {
  const { alert } = revision;
  const name = make("a", { href: alertAddress(alert.id) }, alert.rule_name);
  const device = make("a", { href: `/devices/${encodeURIComponent(alert.device_id)}/` }, alert.device_id);
  const what = make("p", {}, make("b", {}, CHANGES[revision.change] ?? revision.change), ": ", severityPill(alert.severity), " ", name, ", ", device);
  return make("li", { "data-change": revision.change, "data-alert": String(alert.id) }, ...[what, changes(revision)].filter(Boolean));
}
