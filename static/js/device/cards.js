// The latest reading of each type. Their markup comes from the page's templates, one for each kind of card.
import { byId } from "../lib/dom.js";
import { number, plain, setText, setTime, symbol, title } from "../lib/format.js";
import { gaps } from "./history.js";

const templates = new Map([...document.querySelectorAll("template[data-card]")].map((template) => [template.dataset.card, template]));
const CUSTOM = "";
const LOW = 20;
const VERY_LOW = 10;

export class Cards {
  constructor() {
    this.cards = new Map();
    this.box = byId("cards");
    setInterval(() => this.cards.forEach((card) => setTime(part(card, "when"), card.at, true)), 1000);
  }

  /** The types that have a chart. */
  get types() {
    return [...this.cards.values()].filter((card) => card.charted).map((card) => card.type);
  }

  showLatest(latest) {
    const order = [...templates.keys()].filter(Boolean);
    const rank = (type) => (order.includes(type) ? order.indexOf(type) : order.length);
    const types = Object.keys(latest).sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
    for (const type of types) this.fill(this.cards.get(type) ?? this.add(type), latest[type]);
  }

  /** A reading of the feed; false when there is no card for it yet. */
  update(change) {
    const card = this.cards.get(change.event_type);
    if (card && Date.parse(change.observed_at) >= card.at) this.fill(card, change);
    return Boolean(card);
  }

  add(type) {
    const template = templates.get(type) ?? templates.get(CUSTOM);
    const element = template.content.firstElementChild.cloneNode(true);
    element.dataset.type = type;
    if (!templates.has(type)) setText(element.querySelector('[data-part="title"]'), title(type));
    this.box.append(element);
    const card = { type, element, at: 0, digits: Number(template.dataset.digits), charted: template.dataset.charted === "yes" };
    this.cards.set(type, card);
    return card;
  }

  fill(card, reading) {
    card.at = Date.parse(reading.observed_at);
    const isPosition = typeof reading.latitude === "number";
    const text = isPosition
      ? `${number(reading.latitude, card.digits)}, ${number(reading.longitude, card.digits)}`
      : (templates.has(card.type) ? number : plain)(reading.value, card.digits);
    setText(part(card, "value"), text);
    setTime(part(card, "when"), card.at, true);
    if (reading.unit && part(card, "unit")) setText(part(card, "unit"), symbol(reading.unit));
    showMeter(part(card, "meter"), reading.value);
  }

  showSparks(series, range) {
    for (const one of series.values()) {
      const card = this.cards.get(one.type);
      if (!card) continue;
      if (part(card, "spark")) drawSpark(part(card, "spark"), one.rows, range);
      if (part(card, "trend")) setText(part(card, "trend"), describeTrend(one.trend));
    }
  }
}

const part = (card, name) => card.element.querySelector(`[data-part="${name}"]`);

function showMeter(meter, value) {
  if (!meter || typeof value !== "number") return;
  meter.style.width = `${Math.max(0, Math.min(100, value))}%`;
  meter.dataset.state = value < VERY_LOW ? "bad" : value < LOW ? "warn" : "";
}

function describeTrend(trend) {
  if (!trend || trend.percent_per_day === null) return "";
  const pace = `${number(trend.percent_per_day, 1)} % a day`;
  return trend.days_left === null ? pace : `${pace}, ${number(trend.days_left)} days left`;
}

function drawSpark(svg, rows, { from, to }) {
  const [low, high] = rows.reduce(([least, most], { mean }) => [Math.min(least, mean), Math.max(most, mean)], [Infinity, -Infinity]);
  const height = high - low || 1;
  const broken = gaps(rows, "1m", to - from);
  let [line, area, start] = ["", "", 0];
  for (const row of rows) {
    const { at, mean } = row;
    const [x, y] = [(100 * (at - from)) / (to - from), 26 - (24 * (mean - low)) / height].map((value) => value.toFixed(2));
    const breaks = !line || broken.has(row);
    if (breaks && area) area += `V28H${start}Z`;
    if (breaks) start = x;
    line += `${breaks ? "M" : "L"}${x} ${y}`;
    area += breaks ? `M${x} 28V${y}` : `L${x} ${y}`;
  }
  svg.querySelector(".line").setAttribute("d", line);
  svg.querySelector(".area").setAttribute("d", area ? `${area}V28H${start}Z` : "");
}
