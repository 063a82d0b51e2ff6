// Alerts in words and colours, the same on every page.
import { getAll } from "./api.js";
import { make } from "./dom.js";
import { clock, plain, span, symbol, utc } from "./format.js";

const STATES = { open: "Open", cleared: "Cleared", withdrawn: "Withdrawn" };
const KINDS = { threshold: "Threshold", range: "Range", rate_of_change: "Rate of change", no_data: "No data", geofence: "Geofence", battery: "Battery" };

export const alertAddress = (id) => `/alerts/${id}/`;
export const kindName = (kind) => KINDS[kind] ?? kind;

export const severityPill = (severity) => make("span", { class: "pill severity", "data-severity": severity }, severity);
export const statePill = (state) => make("span", { class: "pill alert-state", "data-state": state }, STATES[state] ?? state);

/** How long it lasted, or has lasted so far, by the devices' own time (ms). */
export function lasted({ started_at: start, cleared_at: end, state }) {
  if (!end && state !== "open") return null;
  return (end ? Date.parse(end) : Date.now()) - Date.parse(start);
}

export function duration(alert) {
  const ms = lasted(alert);
  return ms === null ? "–" : span(Math.max(0, ms));
}

/** Every rule by its id; empty where there are none to be had. */
export async function rulesById() {
  const { results } = await getAll("/api/v1/rules").catch(() => ({ results: [] }));
  return new Map(results.map((rule) => [rule.id, rule]));
}

/** The lines that a rule draws across a chart of its type. */
export function limitsOf(rule) {
  const { value, clear_value: clear, low, high, below, operator } = rule?.parameters ?? {};
  const line = (at, label) => (typeof at === "number" ? [{ value: at, label }] : []);
  switch (rule?.kind) {
    case "threshold": return [...line(value, `${operator} ${plain(value, 2)}`), ...line(clear, `clears at ${plain(clear, 2)}`)];
    case "range": return [...line(low, `low ${plain(low, 2)}`), ...line(high, `high ${plain(high, 2)}`)];
    case "battery": return line(below, `below ${plain(below, 1)} %`);
    default: return [];
  }
}

/** A rule's condition as people would say it. */
export function describeRule({ kind, event_type: type, parameters }, unit = "") {
  const p = parameters ?? {};
  const amount = (value) => `${plain(value, 2)} ${symbol(unit)}`.trim();
  const held = p.for_s ? ` for ${span(p.for_s * 1000)}` : "";
  switch (kind) {
    case "threshold": return `${type} ${p.operator} ${amount(p.value)}${held}`;
    case "range": return `${type} outside ${amount(p.low)} to ${amount(p.high)}${held}`;
    case "rate_of_change": return `${type} changes by more than ${amount(p.limit)} in ${span((p.per_s ?? 60) * 1000)}${held}`;
    case "no_data": return `no ${type ?? "data"} for ${span((p.after_s ?? 0) * 1000)}`;
    case "geofence": return `position ${p.when ?? "inside"} the fence${held}`;
    case "battery": return p.below !== undefined ? `battery below ${plain(p.below, 1)} %` : `battery empty within ${plain(p.days_left_below, 1)} days`;
    default: return kind;
  }
}

/** Who has acknowledged an alert, and when. */
export const acknowledged = (alert) => (alert.acknowledged_at ? `${alert.acknowledged_by ?? "somebody"}, ${clock(Date.parse(alert.acknowledged_at))}` : "–");

/** Cells of a table of alerts; a row is made anew whenever its alert has changed (`alertKey`). */
export function alertCells(alert) {
  const began = make("time", { datetime: alert.started_at, title: utc(Date.parse(alert.started_at)) }, clock(Date.parse(alert.started_at)));
  return {
    alert: make("td", { "data-part": "alert" }, severityPill(alert.severity), " ", make("a", { href: alertAddress(alert.id) }, alert.rule_name)),
    device: make("td", {}, make("a", { href: `/devices/${encodeURIComponent(alert.device_id)}/` }, alert.device_id)),
    state: make("td", {}, statePill(alert.state)),
    began: make("td", { class: "began" }, began),
    lasted: make("td", { class: "number", "data-part": "lasted" }),
    acknowledged: make("td", { class: "wide" }, acknowledged(alert)),
  };
}

export const alertKey = ({ id, revision, acknowledged_at: at }) => `${id}/${revision}/${at}`;
