// The fate ledger: what became of every event, and that it adds up.
import { colour, onTheme } from "./colours.js";
import { byId, make } from "./dom.js";
import { number, percent, setText } from "./format.js";

const FATES = [
  ["applied", "Applied", "series-1", "Came in order"],
  ["applied_late", "Applied late", "late", "Came late and was put in its place"],
  ["duplicate", "Duplicate", "series-2", "The same event again"],
  ["conflict", "Conflict", "series-4", "Same identity, other content: the first one counts"],
  ["future", "Future", "series-3", "Observed too far ahead of our clock; set aside"],
  ["too_old", "Too old", "muted", "Observed before what is kept; set aside"],
  ["invalid", "Invalid", "bad", "Could not be read; see the dead letters"],
  ["unknown_device", "Unknown device", "bad", "Nobody registered its device; see the dead letters"],
  ["pending", "Pending", "line-strong", "Not applied yet"],
];

let shown = null;
onTheme(() => shown && showLedger(shown));

export function showLedger(ledger) {
  shown = ledger;
  const total = FATES.reduce((sum, [name]) => sum + (ledger[name] ?? 0), 0);
  const present = FATES.filter(([name]) => ledger[name]);
  setText(byId("ledger-note"), total === ledger.received ? `${number(ledger.received)} received, all accounted for` : `${number(ledger.received)} received`);
  byId("ledger-bar").replaceChildren(...present.map(([name, , tint]) => segment(ledger[name], tint)));
  byId("ledger").replaceChildren(...(present.length ? present : FATES.slice(0, 1)).map((fate) => entry(fate, ledger)));
}

function segment(count, tint) {
  const part = make("i");
  part.style.flexGrow = count;
  part.style.background = colour(tint);
  return part;
}

function entry([name, title, tint, meaning], ledger) {
  const mark = make("i", { "aria-hidden": "true" });
  mark.style.background = colour(tint);
  const share = ledger.received ? ` (${percent(ledger[name] / ledger.received)})` : "";
  return make("div", { title: `${meaning}${share}` }, mark, make("dt", {}, title), make("dd", {}, number(ledger[name] ?? 0)));
}
