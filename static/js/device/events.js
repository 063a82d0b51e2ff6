// The raw events, newest first, with both times. More are shown by asking for more.
import { get, patiently } from "../lib/api.js";
import { byId, make } from "../lib/dom.js";
import { number, plain, setTime, span, symbol, utc } from "../lib/format.js";
import { iso } from "./history.js";

const STEP = 25;
const MOST = 1000;

export class Events {
  constructor(device) {
    Object.assign(this, { device, limit: STEP, type: "", onChange: () => {} });
    byId("event-type").addEventListener("change", (event) => this.change({ type: event.target.value, limit: STEP }));
    byId("more-events").addEventListener("click", () => this.change({ limit: Math.min(this.limit * 2, MOST) }));
  }

  change(what) {
    Object.assign(this, what);
    this.onChange();
  }

  offerTypes(types) {
    const select = byId("event-type");
    const offered = new Set([...select.options].map((option) => option.value));
    select.append(...types.filter((type) => !offered.has(type)).map((type) => make("option", { value: type }, type)));
  }

  async fetch({ from, to, open }) {
    const times = { from: iso(from), to: open ? null : iso(to) };
    const params = { device_id: this.device, event_type: this.type, order: "desc", limit: this.limit, ...times };
    const answer = await patiently(() => get("/api/v1/events", params));
    if (answer) this.show(answer);
  }

  show({ results, next }) {
    const body = byId("events").tBodies[0];
    const old = new Map([...body.rows].map((row) => [row.dataset.key, row]));
    body.replaceChildren(...results.map((event) => old.get(key(event)) ?? makeRow(event)));
    byId("events").hidden = results.length === 0;
    byId("events-empty").hidden = results.length > 0;
    byId("more-events").hidden = !next || this.limit >= MOST;
  }
}

const key = (event) => [event.event_type, event.observed_at, event.event_id, event.place].join(" ");

function makeRow(event) {
  const late = event.place === "late" ? make("span", { class: "badge", title: "It came after newer events of this device" }, "late") : null;
  const [observed, received] = [Date.parse(event.observed_at), Date.parse(event.received_at)];
  return make(
    "tr",
    { "data-key": key(event), "data-place": event.place },
    make("td", { title: event.event_id }, event.event_type, late),
    make("td", { class: "number", title: JSON.stringify(event.payload) }, describe(event)),
    make("td", {}, moment(observed)),
    make("td", {}, moment(received)),
    make("td", { class: "number wide", title: `received ${utc(received)}` }, received >= observed ? span(received - observed) : `−${span(observed - received)}`),
  );
}

function moment(ms) {
  const element = make("time", { datetime: iso(ms) });
  setTime(element, ms);
  return element;
}

function describe({ value, unit, payload }) {
  if (typeof value === "number") return `${plain(value, 2)} ${symbol(unit)}`.trim();
  if (typeof payload?.latitude === "number") return `${number(payload.latitude, 4)}, ${number(payload.longitude, 4)}`;
  return "–";
}
