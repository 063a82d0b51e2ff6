// The open alerts of the fleet: the newest few, as long as there are any.
import { get } from "../lib/api.js";
import { alertCells, alertKey, duration } from "../lib/alerts.js";
import { byId, make } from "../lib/dom.js";
import { number, setText } from "../lib/format.js";
import { Keyed, part } from "../lib/keyed.js";

const SHOWN = 8;

export class OpenAlerts {
  constructor() {
    this.list = new Keyed(byId("alerts").tBodies[0], { key: alertKey, make: makeRow, fill: (row, alert) => setText(part(row, "lasted"), duration(alert)) });
  }

  /** `count`: how many there are by now. */
  async follow(count) {
    const results = count ? (await get("/api/v1/dashboard/alerts", { state: "open", limit: SHOWN })).results : [];
    byId("alerts-panel").hidden = results.length === 0;
    setText(byId("alert-count"), count > SHOWN ? `the newest ${SHOWN} of ${number(count)}` : number(count ?? 0));
    this.list.show(results);
  }
}

function makeRow(alert) {
  const { alert: name, device, began, lasted, acknowledged } = alertCells(alert);
  began.classList.add("wide");
  return make("tr", { "data-alert": String(alert.id) }, name, device, began, lasted, acknowledged);
}
