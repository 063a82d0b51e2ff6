// Every change of role with its reason, the newest first.
import { byId, make } from "../lib/dom.js";
import { clock, setText, utc } from "../lib/format.js";
import { Keyed } from "../lib/keyed.js";

const WORDS = {
  appointed: (role) => `became ${role}`,
  promoted: (role) => `promoted to ${role}`,
  "failed over": (role) => `took over as ${role}`,
  vacated: (role) => `is ${role} no more`,
  drained: () => "drained",
  undrained: () => "may serve again",
  retired: () => "retired",
  fenced: () => "fenced off",
};
const WITHOUT_ROLE = new Set(["vacated", "drained", "undrained", "retired", "fenced"]);

export class Transitions {
  constructor() {
    this.list = new Keyed(byId("transitions").tBodies[0], { key: (row) => row.id, make: makeRow });
    this.known = null;
  }

  show(transitions, several) {
    byId("transitions").dataset.several = several ? "yes" : "no";
    byId("transitions").hidden = transitions.length === 0;
    byId("no-transitions").hidden = transitions.length > 0;
    this.list.show(transitions);
    if (this.known !== null) this.mark(transitions.filter((row) => row.id > this.known));
    this.known = Math.max(this.known ?? 0, ...transitions.map((row) => row.id));
  }

  mark(rows) {
    rows.forEach((row) => this.list.elements.get(String(row.id)).classList.add("arrived"));
  }
}

function makeRow({ at, shard, calculator, role, change, reason }) {
  const when = make("time", { datetime: at, title: utc(Date.parse(at)) });
  setText(when, clock(Date.parse(at)));
  const what = make("span", { class: "role", "data-role": WITHOUT_ROLE.has(change) ? "gone" : role }, WORDS[change]?.(role) ?? `${change}, ${role}`);
  const cells = [[when], [String(shard), "shard-column"], [calculator], [what], [reason, "reason"]];
  return make("tr", { "data-change": change }, ...cells.map(([content, style]) => make("td", { class: style }, content)));
}
