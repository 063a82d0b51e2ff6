// One alert: its chart, every revision in plain words, and what people did.
import { get, getAll } from "../lib/api.js";
import { describeRule, duration, severityPill, statePill } from "../lib/alerts.js";
import { byId } from "../lib/dom.js";
import { clock, setText, span } from "../lib/format.js";
import { poll } from "../lib/poll.js";
import { Handling } from "./handling.js";
import { Picture } from "./picture.js";
import { Revisions } from "./revisions.js";

const page = byId("alert").dataset;
const handling = new Handling(page.alert, () => ask());
const revisions = new Revisions(page.shard);
let rule = null;
let picture = null;

const ask = poll(2000, async () => {
  const address = `/api/v1/alerts/${page.alert}`;
  rule ??= await get(`/api/v1/rules/${page.rule}`).catch(() => ({}));
  const [alert, told] = await Promise.all([get(address), getAll(`${address}/revisions`)]);
  picture ??= new Picture(alert, rule, page.lateUrl);
  showHead(alert);
  handling.show(alert);
  const withdrawn = told.results.findLast((revision) => ["withdrawn", "merged"].includes(revision.change));
  await Promise.all([revisions.show(told.results, alert), picture.show(alert, withdrawn && Date.parse(withdrawn.at))]);
});

function showHead(alert) {
  const key = `${alert.severity} ${alert.state}`;
  if (byId("pills").dataset.key !== key) byId("pills").replaceChildren(severityPill(alert.severity), " ", statePill(alert.state));
  byId("pills").dataset.key = key;
  setText(byId("condition"), rule.kind ? describeRule(rule) : "");
  setText(byId("story"), story(alert));
}

function story(alert) {
  const [start, raised] = [Date.parse(alert.started_at), Date.parse(alert.raised_at)];
  const begin = `It began at ${clock(start)}${raised - start >= 1000 ? ` and was raised ${span(raised - start)} later` : ""}`;
  if (alert.state === "withdrawn") return "It was withdrawn: by all that is known today it should not have been raised.";
  if (alert.state === "open") return `${begin}. It has lasted ${duration(alert)} and is still open.`;
  return `${begin}. It was over at ${clock(Date.parse(alert.cleared_at))}, after ${duration(alert)}.`;
}
