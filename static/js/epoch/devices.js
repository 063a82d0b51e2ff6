// One panel a device: charts without and with the late events, the numbers that changed, the events to blame.
import { change, grouped, rowName, viewName } from "../lib/corrections.js";
import { byId, make } from "../lib/dom.js";
import { number, plain, setText, span, symbol, clock, utc } from "../lib/format.js";
import { copyOf, part } from "../lib/keyed.js";
import { drawHealing } from "./healing.js";

const AT_ONCE = 8;
const CAUSES = 12;
const OPEN_ROWS = 12;

export class Devices {
  constructor(late, corrections) {
    this.late = new Map(grouped(late, (event) => event.device_id).map((group) => [group[0].device_id, group]));
    this.corrections = new Map(grouped(corrections, (one) => one.device_id).map((group) => [group[0].device_id, group]));
    const weight = (id) => (this.late.get(id)?.length ?? 0);
    this.ids = [...new Set([...this.late.keys(), ...this.corrections.keys()])].sort((a, b) => weight(b) - weight(a));
    this.shown = 0;
    byId("more-devices").addEventListener("click", () => this.show());
  }

  show() {
    const next = this.ids.slice(this.shown, this.shown + AT_ONCE);
    this.shown += next.length;
    next.forEach((id) => this.add(id));
    byId("more-devices").hidden = this.shown >= this.ids.length;
  }

  add(id) {
    const [late, corrections] = [this.late.get(id) ?? [], this.corrections.get(id) ?? []];
    const element = copyOf(byId("device-template"));
    element.id = `device-${id}`;
    element.dataset.device = id;
    const link = part(element, "device");
    link.href = `/devices/${encodeURIComponent(id)}/`;
    setText(link, id);
    setText(part(element, "note"), `${number(late.length)} late ${late.length === 1 ? "event" : "events"}, ${number(corrections.length)} ${corrections.length === 1 ? "number" : "numbers"} corrected`);
    fillViews(element, corrections);
    fillCauses(element, late);
    byId("devices").append(element);
    drawHealing(part(element, "charts"), id, late);
  }
}

const FIRST = ["latest", "rollup_1d", "rollup_1h", "track_1d", "track_1h"];
const LAST = ["rollup_1m", "track_1m"];
const rank = (view) => (LAST.includes(view) ? 99 : FIRST.indexOf(view) + 1 || 50);

function fillViews(element, corrections) {
  const views = grouped(corrections, (one) => one.view).sort(([a], [b]) => rank(a.view) - rank(b.view));
  part(element, "no-views").hidden = corrections.length > 0;
  part(element, "views").replaceChildren(...views.map(viewBlock));
}

function viewBlock(corrections) {
  const rows = grouped(corrections);
  const name = viewName(corrections[0].view);
  const heading = make("summary", {}, `${name.charAt(0).toUpperCase()}${name.slice(1)} `, make("span", { class: "muted" }, `${number(rows.length)} ${rows.length === 1 ? "row" : "rows"}, ${number(corrections.length)} numbers`));
  const block = make("details", { "data-view": corrections[0].view, open: rows.length <= OPEN_ROWS && !LAST.includes(corrections[0].view) }, heading);
  const fill = () => block.childElementCount === 1 && block.append(make("ol", { class: "corrections" }, ...rows.map(rowBlock)));
  if (block.open) fill();
  block.addEventListener("toggle", fill);
  return block;
}

function rowBlock(group) {
  return make("li", {}, make("span", {}, rowName(group[0].key, group[0].view)), make("span", { class: "changes" }, ...group.map(change)));
}

function fillCauses(element, late) {
  const body = element.querySelector(".causes tbody");
  const more = part(element, "more");
  const show = (events) => body.replaceChildren(...events.map(causeRow));
  show(late.slice(0, CAUSES));
  more.hidden = late.length <= CAUSES;
  setText(more, `Show all ${number(late.length)}`);
  more.addEventListener("click", () => {
    show(late);
    more.hidden = true;
  });
}

function causeRow(event) {
  const [observed, received] = [Date.parse(event.observed_at), Date.parse(event.received_at)];
  return make(
    "tr",
    {},
    make("td", { title: event.event_id }, event.event_type),
    make("td", { class: "number", title: JSON.stringify(event.payload) }, value(event)),
    make("td", {}, make("time", { datetime: event.observed_at, title: utc(observed) }, clock(observed))),
    make("td", { class: "number", title: `received ${utc(received)}` }, span(Math.max(0, received - observed))),
  );
}

function value({ value: amount, unit, payload }) {
  if (typeof amount === "number") return `${plain(amount, 2)} ${symbol(unit)}`.trim();
  if (typeof payload?.latitude === "number") return `${plain(payload.latitude, 4)}, ${plain(payload.longitude, 4)}`;
  return "–";
}
