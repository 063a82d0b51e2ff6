// The rules as a list: what each looks for, whom it judges, and its alerts.
import { getAll } from "../lib/api.js";
import { describeRule, severityPill } from "../lib/alerts.js";
import { byId, make } from "../lib/dom.js";
import { number } from "../lib/format.js";
import { Keyed } from "../lib/keyed.js";
import { poll } from "../lib/poll.js";

const NAMED = 4;
const table = byId("rules");
const list = new Keyed(table.tBodies[0], { key: (rule) => `${rule.id}/${rule.rule_version}`, make: makeRow });

poll(5000, async () => {
  const { results } = await getAll("/api/v1/rules");
  list.show(results);
  table.hidden = results.length === 0;
  byId("no-rules").hidden = results.length > 0;
});

function makeRow(rule) {
  const name = table.dataset.admin ? make("a", { href: `${table.dataset.admin}${rule.id}/change/` }, rule.name) : rule.name;
  const stopped = rule.stopped_reason ? make("small", { class: "muted" }, ` ${rule.stopped_reason}`) : null;
  const state = make("span", { class: "pill", "data-state": rule.enabled ? "online" : "offline" }, rule.enabled ? "Judging" : "Off");
  return make(
    "tr",
    { "data-rule": String(rule.id) },
    make("td", {}, severityPill(rule.severity), " ", name),
    make("td", { class: "said" }, describeRule(rule)),
    make("td", { class: "wide said" }, whom(rule.scope)),
    make("td", {}, state, stopped),
    make("td", { class: "number wide" }, number(rule.rule_version)),
    make("td", {}, make("a", { href: `/alerts/?rule=${rule.id}` }, "Show")),
  );
}

function whom(scope) {
  const parts = Object.entries(scope ?? {}).filter(([, names]) => names?.length).map(([what, names]) => `${what.replace("_", " ")} ${few(names)}`);
  return parts.join("; ") || "every device";
}

function few(names) {
  const more = names.length - NAMED;
  return more > 0 ? `${names.slice(0, NAMED).join(", ")} and ${number(more)} more` : names.join(", ");
}
