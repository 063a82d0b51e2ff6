// One panel a shard: how events pass through it, and who calculates.
import { byId } from "../lib/dom.js";
import { number, setText, span } from "../lib/format.js";
import { copyOf, Keyed, part } from "../lib/keyed.js";
import { fillCalculator, makeCalculator, rank } from "./calculator.js";

const SILENT_MS = 5000;
const FAR_BEHIND = 10_000;
const ANSWER_SHOWN_MS = 30_000;

export class Shards {
  constructor(steering) {
    this.steering = steering;
    this.list = new Keyed(byId("shards"), { key: (row) => row.shard, make: (row) => this.make(row), fill });
  }

  show({ calculators, requests }, standings, logs) {
    const members = (shard) => calculators.filter((one) => one.shard === shard).sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
    const standing = new Map(standings.map((one) => [one.shard, one]));
    this.list.show(logs.map((log) => ({ ...log, standing: standing.get(log.shard), calculators: members(log.shard), asked: requests.find((one) => one.shard === log.shard) })));
  }

  make(row) {
    const element = copyOf(byId("shard-template"));
    element.dataset.shard = row.shard;
    setText(part(element, "title"), `Shard ${row.shard}`);
    const make = (calculator) => makeCalculator(calculator, this.steering);
    element.calculators = new Keyed(part(element, "calculators"), { key: (one) => one.name, make, fill: fillCalculator });
    return element;
  }
}

function fill(element, { raw, ordered, reformer, standing, calculators, asked }) {
  setText(part(element, "note"), describeRequest(asked));
  setText(part(element, "raw"), number(raw.events));
  setText(part(element, "raw-note"), `next position ${number(raw.position)}`);
  fillReformer(element, reformer);
  setText(part(element, "ordered"), number(ordered.events));
  setText(part(element, "ordered-note"), `next position ${number(ordered.position)}`);
  fillServed(element, standing);
  element.calculators.show(calculators);
  part(element, "nobody").hidden = calculators.length > 0;
}

/** What somebody asked for last, as long as it waits, and for a while what was answered. */
function describeRequest(asked) {
  if (!asked) return "";
  const what = `${asked.by || "Somebody"} asked to ${asked.wish} ${asked.calculator ?? "whoever is next"}`;
  if (!asked.answered_at) return `${what}: waiting until it has caught up`;
  return Date.now() - Date.parse(asked.answered_at) < ANSWER_SHOWN_MS ? `${what}: ${asked.answer}` : "";
}

function fillReformer(element, { position, pending, waiting, clock }) {
  const silent = Date.now() - clock;
  const down = clock > 0 && silent > SILENT_MS && pending > 0;
  part(element, "reformer").dataset.state = down ? "bad" : pending > FAR_BEHIND ? "warn" : "";
  setText(part(element, "pending"), number(Math.max(0, pending)));
  const late = waiting ? `, ${number(waiting)} late wait for their epoch` : "";
  setText(part(element, "reformer-note"), down ? `no sign of it for ${span(silent)}` : `at position ${number(position)}${late}`);
}

function fillServed(element, standing) {
  const served = Boolean(standing?.live);
  part(element, "served").dataset.state = served ? "" : "bad";
  setText(part(element, "epoch"), number(standing?.epoch));
  setText(part(element, "served-note"), served ? `position ${number(standing.position)}, served by ${standing.live}` : "nobody is live");
}
