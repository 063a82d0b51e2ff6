// The alerts of a device in the time shown: a table, and what lies over the charts.
import { get } from "../lib/api.js";
import { alertCells, alertKey, duration, limitsOf, rulesById } from "../lib/alerts.js";
import { byId, make } from "../lib/dom.js";
import { number, setText } from "../lib/format.js";
import { Keyed, part } from "../lib/keyed.js";
import { iso } from "./history.js";

const MOST = 100;

export class Alerts {
  constructor(device) {
    Object.assign(this, { device, alerts: [], rules: new Map() });
    this.list = new Keyed(byId("alerts").tBodies[0], { key: alertKey, make: makeRow, fill: (row, alert) => setText(part(row, "lasted"), duration(alert)) });
  }

  /** False when they cannot be had now. */
  async fetch({ from, to, open }) {
    const params = { device_id: this.device, from: iso(from), to: open ? null : iso(to), limit: MOST };
    const answer = await get("/api/v1/dashboard/alerts", params).catch(() => null);
    if (!answer) return false;
    const { results, next } = answer;
    if (results.some((alert) => !this.rules.has(alert.rule))) this.rules = await rulesById();
    this.alerts = results;
    byId("alerts-panel").hidden = results.length === 0;
    setText(byId("alert-count"), next ? `the newest ${number(results.length)}` : number(results.length));
    this.list.show(results);
    return true;
  }

  /** The time that alerts of this type lasted; one that was withdrawn never was. Rules for any type lie over all. */
  bands(type) {
    const shown = this.alerts.filter((alert) => alert.state !== "withdrawn" && [type, null, undefined].includes(this.rules.get(alert.rule)?.event_type));
    return shown.map(({ started_at: start, cleared_at: end, severity }) => ({ from: Date.parse(start), to: end && Date.parse(end), severity }));
  }

  limits(type) {
    const ids = new Set(this.alerts.map((alert) => alert.rule));
    return [...ids].map((id) => this.rules.get(id)).filter((rule) => rule?.event_type === type).flatMap(limitsOf);
  }
}

function makeRow(alert) {
  const { alert: name, state, began, lasted, acknowledged } = alertCells(alert);
  return make("tr", { "data-alert": String(alert.id), "data-state": alert.state }, name, state, began, lasted, acknowledged);
}
