// The inbox: open alerts first, filtered as the address says, acknowledged many at a time.
import { get, post } from "../lib/api.js";
import { rulesById } from "../lib/alerts.js";
import { byId, make } from "../lib/dom.js";
import { clearNotice, showNotice } from "../lib/notice.js";
import { poll } from "../lib/poll.js";
import { Filters } from "./filters.js";
import { Inbox } from "./inbox.js";

const STEP = 50;
const MOST = 1000;
const mayAct = byId("inbox").dataset.mayAct === "yes";
let limit = STEP;

const inbox = new Inbox({ mayAct, onAcknowledge: acknowledge });
const filters = new Filters(() => {
  limit = STEP;
  inbox.forget();
  ask();
});

/** Of all states the open ones go first, whenever they were raised. */
async function load() {
  const asked = filters.current();
  const page = (state) => get("/api/v1/dashboard/alerts", { ...asked, state, limit });
  if (asked.state) return page(asked.state);
  const [open, ...over] = await Promise.all(["open", "cleared", "withdrawn"].map(page));
  const rest = over.flatMap((answer) => answer.results).sort((a, b) => b.started_at.localeCompare(a.started_at));
  const results = [...open.results, ...rest];
  return { results: results.slice(0, limit), next: open.next || over.some((answer) => answer.next) || results.length > limit };
}

const ask = poll(2000, async () => {
  const { results, next } = await load();
  inbox.show(results, { filtered: filters.any, rules: byId("filters").elements.rule.options.length - 1 });
  byId("more-alerts").hidden = !next || limit >= MOST;
});

byId("more-alerts").addEventListener("click", () => {
  limit = Math.min(limit * 3, MOST);
  ask();
});

async function acknowledge(ids) {
  try {
    await post("/api/v1/alerts/acknowledge", { ids });
    clearNotice("acknowledge");
  } catch (error) {
    showNotice("acknowledge", error.message, "bad");
  }
  inbox.forget();
  ask();
}

const rules = await rulesById();
filters.offerRules([...rules.values()].map((rule) => make("option", { value: String(rule.id) }, rule.name)));
