// The epoch page: what changed, from what, to what, because of which events. The past of an epoch stays as it is.
import { get, getAll, patiently } from "../lib/api.js";
import { byId, make } from "../lib/dom.js";
import { epochAddress, reach } from "../lib/epochs.js";
import { number, setText, span } from "../lib/format.js";
import { learnRules } from "../lib/rules.js";
import { showAlerts } from "./alerts.js";
import { Devices } from "./devices.js";
import { tell } from "./story.js";

const page = byId("epoch").dataset;
const only = new URLSearchParams(location.search).get("device_id");
const asked = { shard: page.shard, epoch: page.epoch };
const PAGES = 5;
const FARTHEST = 5;

async function show() {
  const found = await patiently(() => Promise.all([
    get("/api/v1/epochs", asked),
    getAll("/api/v1/events", { ...asked, device_id: only }, PAGES),
    getAll("/api/v1/corrections", { ...asked, device_id: only }, PAGES),
  ]));
  if (!found) return;
  const [{ results: [epoch] }, late, corrections] = found;
  if (!epoch) return;
  await learnRules(corrections.results);
  const shown = only && !late.next ? partOf(epoch, late.results) : epoch;
  showFigures(shown, corrections);
  tell(shown, late.results, corrections);
  showOnly();
  showAlerts(page.alertsUrl, only);
  new Devices(late.results, corrections.results).show();
  showCut(late, corrections);
  showNeighbours(epoch);
}

/** The epoch as far as one device is concerned. */
function partOf(epoch, late) {
  const oldest = late.map((event) => event.observed_at).sort()[0] ?? null;
  return { ...epoch, late_events: late.length, devices: 1, oldest_observed_at: oldest };
}

function showFigures(epoch, { results, next }) {
  const back = reach(epoch);
  figure("late", number(epoch.late_events));
  figure("devices", number(epoch.devices));
  figure("numbers", next ? `${number(results.length)}+` : number(results.length));
  figure("back", back === null ? "–" : span(back));
  figure("took", span(epoch.seconds * 1000), epoch.plan);
}

function figure(name, value, note) {
  const element = byId("figures").querySelector(`[data-figure="${name}"]`);
  setText(element.querySelector("b"), value);
  if (note) setText(element.querySelector("small"), note);
}

function showOnly() {
  byId("only").hidden = !only;
  setText(byId("only").querySelector("b"), only ?? "");
}

function showCut(late, corrections) {
  const cut = late.next || corrections.next;
  byId("cut").hidden = !cut;
  if (cut) byId("cut").replaceChildren("This epoch is large: the first ", number(late.results.length), " events and ", number(corrections.results.length), " corrections are shown. ", make("a", { href: `/api/v1/corrections?shard=${page.shard}&epoch=${page.epoch}&format=csv` }, "All corrections as CSV"));
}

/** Epochs of a shard are not numbered without gaps. */
async function showNeighbours(epoch) {
  link("before", await first([{ to: epoch.at, limit: 1 }]));
  link("after", await first(Array.from({ length: FARTHEST }, (_, step) => ({ epoch: epoch.epoch + 1 + step }))));
}

async function first(questions) {
  for (const question of questions) {
    const { results: [epoch] } = await get("/api/v1/epochs", { shard: page.shard, ...question }).catch(() => ({ results: [] }));
    if (epoch) return epoch;
  }
  return null;
}

function link(id, epoch) {
  byId(id).hidden = !epoch;
  if (epoch) byId(id).href = epochAddress(epoch.shard, epoch.epoch);
}

show();
