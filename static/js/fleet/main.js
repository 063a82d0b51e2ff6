// The fleet page: fetches everything once subscribed, then follows the feed.
import { get, getAll, patiently } from "../lib/api.js";
import { openFeed } from "../lib/socket.js";
import { atMostEvery, whileVisible } from "../lib/pace.js";
import { Activity } from "./activity.js";
import { OpenAlerts } from "./alerts.js";
import { showFigures } from "./figures.js";
import { Fleet } from "./fleet.js";
import { FleetMap } from "./fleet_map.js";
import { showLedger } from "../lib/ledger.js";
import { followStory } from "./story.js";
import { Table } from "./table.js";

const fleet = new Fleet();
const table = new Table(fleet);
const map = new FleetMap(fleet);
const activity = new Activity();
const alerts = new OpenAlerts();

const fetchDevices = atMostEvery(2000, async () => {
  const answer = await patiently(() => getAll("/api/v1/dashboard/devices"));
  if (!answer) return;
  fleet.load(answer.results);
  table.refresh();
  map.refresh();
});

const fetchAlerts = atMostEvery(1000, () => alerts.fetch());
const fetchFigures = atMostEvery(1000, async () => {
  const answer = await patiently(() => get("/api/v1/dashboard/metrics"));
  if (!answer) return;
  showFigures(answer);
  showLedger(answer.ledger);
  fetchAlerts();
});

const fetchActivity = atMostEvery(1000, () => activity.fetch());

function fetchAll() {
  fetchDevices();
  fetchFigures();
  fetchActivity();
}

function onFrame(frame) {
  if (frame.changes.length) {
    const newcomers = fleet.apply(frame.changes);
    table.changed();
    map.changed();
    if (newcomers) fetchDevices();
  }
  fetchFigures();
  fetchActivity();
}

openFeed({ subscribe: { view: "fleet" }, onReady: fetchAll, onFrame, onResync: fetchAll });
whileVisible(5000, () => {
  fetchFigures();
  fetchActivity();
  table.changed();
});
whileVisible(30000, fetchDevices); // devices that fell silent are told by no frame
followStory();
