// The device page: fetches everything once subscribed, then follows the device's own feed.
import { get, patiently } from "../lib/api.js";
import { byId } from "../lib/dom.js";
import { openFeed } from "../lib/socket.js";
import { atMostEvery, whileVisible } from "../lib/pace.js";
import { Alerts } from "./alerts.js";
import { Cards } from "./cards.js";
import { Charts } from "./charts.js";
import { Corrections } from "./corrections.js";
import { Events } from "./events.js";
import { heardNow, showFacts, tickFacts } from "./facts.js";
import { History } from "./history.js";
import { Range } from "./range.js";
import { Track } from "./track.js";

const page = byId("device").dataset;
const range = new Range(() => fetchRange());
const history = new History(page.device, page.lateUrl);
const cards = new Cards();
const alerts = new Alerts(page.device);
const charts = new Charts(range, alerts);
const track = new Track(page.device);
const events = new Events(page.device);
const corrections = new Corrections(page.device);
let newest = null;

const fetchState = atMostEvery(2000, async () => {
  const answer = await patiently(() => get("/api/v1/dashboard/devices", { device_id: page.device }));
  const state = answer?.results[0];
  if (!state) return;
  newest = state.last_observed_at && Date.parse(state.last_observed_at);
  showFacts(state);
  cards.showLatest(state.latest);
  events.offerTypes(Object.keys(state.latest));
  byId("no-events").hidden = Object.keys(state.latest).length > 0;
  byId("history").hidden = Object.keys(state.latest).length === 0;
  const known = history.types.length;
  history.types = cards.types;
  if (history.types.length > known) fetchHistory();
});

const fetchHistory = atMostEvery(1000, async () => {
  const shown = await patiently(() => history.fetch(range.current()));
  if (shown) showHistory();
});
const fetchTail = atMostEvery(2000, async () => {
  if (await patiently(() => history.fetchTail(range.current()))) showHistory();
});
const fetchEvents = atMostEvery(1000, () => events.fetch(range.current()));
const fetchCorrections = atMostEvery(2000, () => corrections.fetch());
const fetchAlerts = atMostEvery(2000, async () => {
  if (await alerts.fetch(range.current())) charts.changed(history.series);
});
const fetchTrack = atMostEvery(2000, () => track.fetch(range.current()));
events.onChange = fetchEvents;
corrections.onChange = fetchCorrections;

function showHistory() {
  charts.show(history.series);
  cards.showSparks(history.series, range.current());
  range.note(history.resolution);
  range.showEmpty(history.isEmpty && !track.hasPoints, newest);
}

function fetchRange() {
  fetchHistory();
  fetchEvents();
  fetchTrack();
  fetchAlerts();
}

function fetchAll() {
  fetchState();
  fetchRange();
  fetchCorrections();
}

function onFrame(frame) {
  if (frame.changes.some((change) => change.kind === "alert")) fetchAlerts();
  const mine = frame.changes.filter((change) => change.device_id === page.device && change.kind === "reading");
  if (!mine.length) return;
  heardNow();
  for (const change of mine) {
    if (!cards.update(change)) fetchState();
    if (range.isOpen()) history.push(change);
    if (range.isOpen()) track.push(change);
  }
  charts.changed(history.series);
  fetchTail();
  fetchEvents();
}

openFeed({ subscribe: { view: "device", device_id: page.device }, onReady: fetchAll, onFrame, onResync: fetchAll });
whileVisible(1000, tickFacts);
whileVisible(30000, () => {
  fetchState();
  if (range.isOpen()) fetchTail();
});
whileVisible(30000, fetchAlerts); // what people do to alerts is told by no frame
