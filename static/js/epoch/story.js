// One sentence that says what happened.
import { grouped } from "../lib/corrections.js";
import { byId, make } from "../lib/dom.js";
import { reach } from "../lib/epochs.js";
import { clock, number, span, utc } from "../lib/format.js";

const NAMED = 3;

export function tell(epoch, late, { results, next }) {
  const at = make("time", { datetime: epoch.at, title: utc(Date.parse(epoch.at)) }, clock(Date.parse(epoch.at)));
  const back = reach(epoch);
  const since = back === null ? "" : `, observed up to ${span(back)} before,`;
  const count = `${next ? "more than " : ""}${number(results.length)} ${results.length === 1 ? "number" : "numbers"}`;
  byId("story").replaceChildren("At ", at, ", ", events(epoch.late_events), " of ", ...who(epoch, late), since, ` took ${epoch.late_events === 1 ? "its" : "their"} place in the past, and `, results.length ? `${count} changed.` : "no number that is still on record changed.");
}

const events = (count) => `${number(count)} late ${count === 1 ? "event" : "events"}`;

function who(epoch, late) {
  const ids = grouped(late, (event) => event.device_id).sort((a, b) => b.length - a.length).map(([event]) => event.device_id);
  const names = ids.slice(0, NAMED).map((id) => make("a", { href: `#device-${id}` }, id));
  const others = epoch.devices - names.length;
  if (others > 0) names.push(`${number(others)} more ${others === 1 ? "device" : "devices"}`);
  return names.flatMap((name, index) => [index === 0 ? "" : index === names.length - 1 ? " and " : ", ", name]);
}
