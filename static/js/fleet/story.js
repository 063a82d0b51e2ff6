// The demo's device with a story: what it is up to, and where to look.
import { get } from "../lib/api.js";
import { alertAddress } from "../lib/alerts.js";
import { byId, make } from "../lib/dom.js";
import { epochAddress } from "../lib/epochs.js";
import { number } from "../lib/format.js";
import { whileVisible } from "../lib/pace.js";

const LOOK_MS = 2000;
const RECENT_MS = 200_000;
const SILENT_MS = 8000;
const BUFFER = 10;

export function followStory() {
  const box = byId("story");
  if (!box) return;
  const tell = async () => show(box, await scene(box.dataset).catch(() => null));
  tell();
  whileVisible(LOOK_MS, tell);
}

async function scene({ device, shard }) {
  const [states, alerts, epochs] = await Promise.all([
    get("/api/v1/dashboard/devices", { device_id: device }),
    get("/api/v1/dashboard/alerts", { device_id: device, limit: 20 }),
    get("/api/v1/corrections", { device_id: device, shard, limit: 1 }),
  ]);
  const state = states.results[0];
  if (!state?.last_received_at) return null;
  const link = make("a", { href: `/devices/${encodeURIComponent(device)}/?range=10m` }, device);
  if (Date.now() - Date.parse(state.last_received_at) > SILENT_MS) return silent(link, alerts.results);
  const correction = epochs.results[0];
  if (correction && Date.now() - Date.parse(correction.at) < RECENT_MS) return back(link, correction, alerts.results);
  return { name: "calm", words: ["Watch ", link, ": every few minutes it falls silent, and comes back with all that it could not send."] };
}

function silent(link, alerts) {
  const open = alerts.find((alert) => alert.state === "open");
  const told = open ? [" and an alert was raised: ", alertLink(open), "."] : [". Soon that will raise an alert."];
  return { name: "silent", key: open?.id, words: [link, " has fallen silent", ...told, " In a minute it comes back with what it could not send."] };
}

async function back(link, { shard, epoch, device_id: device, at }, alerts) {
  const { results: late } = await get("/api/v1/events", { shard, epoch, device_id: device, limit: 1000 });
  if (late.length < BUFFER) return null;
  const since = Date.parse(at) - RECENT_MS;
  const [withdrawn, raised] = ["withdrawn", "cleared"].map((state) => alerts.find((alert) => alert.state === state && Date.parse(alert.started_at) > since));
  const words = [link, ` came back with ${number(late.length)} events that it could not send: its charts have healed`];
  if (withdrawn) words.push(", ", alertLink(withdrawn), " was withdrawn");
  if (raised) words.push(", ", alertLink(raised), " was raised after all");
  words.push(". ", make("a", { href: epochAddress(shard, epoch, device) }, "See what changed, and why"));
  return { name: "back", key: `${epoch} ${withdrawn?.id} ${raised?.id}`, words };
}

const alertLink = (alert) => make("a", { href: alertAddress(alert.id) }, alert.rule_name);

function show(box, told) {
  if (!told) return;
  const key = `${told.name} ${told.key ?? ""}`;
  if (box.dataset.key === key) return;
  Object.assign(box.dataset, { key, scene: told.name });
  box.querySelector("p").replaceChildren(...told.words);
  box.hidden = false;
}
