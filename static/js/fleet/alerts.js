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

  /** What cannot be had now is asked for again with the next figures. */
  async fetch() {
    const answer = await get("/api/v1/dashboard/alerts", { state: "open", limit: SHOWN }).catch(() => null);
    if (!answer) return;
    const { results, next } = answer;
    byId("alerts-panel").hidden = results.length === 0;
    setText(byId("alert-count"), next ? `the newest ${SHOWN}` : number(results.length));
    this.list.show(results);
  }
}

function makeRow(alert) {
  const { alert: name, device, began, lasted, acknowledged } = alertCells(alert);
  began.classList.add("wide");
  return make("tr", { "data-alert": String(alert.id) }, name, device, began, lasted, acknowledged);
}
