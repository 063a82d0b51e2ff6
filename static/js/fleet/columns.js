// The device table's columns: a title, what to sort by, and how a cell is filled.
import { plain, setText, setTime, symbol, withUnit } from "../lib/format.js";

const FRESH_MS = 1200;
const OWN_COLUMN = new Set(["temperature", "humidity", "battery", "location"]);

export const COLUMNS = [
  { key: "name", title: "Device", sort: (device) => device.name, fill: fillName },
  { key: "online", title: "State", style: "wide", sort: (device) => (device.online ? 0 : 1), fill: fillState },
  reading("temperature", "Temperature", 1),
  reading("humidity", "Humidity", 1, "number wide"),
  reading("battery", "Battery", 0, "number wide"),
  { key: "other", title: "Other", style: "wide", sort: (device) => others(device)[0]?.[1].value, fill: fillOthers },
  { key: "seen", title: "Last heard", style: "number", first: "descending", sort: (device) => device.seen || null, fill: (cell, device) => setTime(cell, device.seen, true) },
];

function reading(type, title, digits, style = "number") {
  return {
    key: type,
    title,
    style,
    sort: (device) => device.latest[type]?.value,
    fill: (cell, device) => fillReading(cell, device.latest[type], digits),
  };
}

function fillReading(cell, latest, digits) {
  setText(cell, latest ? withUnit(latest.value, latest.unit, digits) : "–");
  cell.title = latest ? `observed ${latest.observed_at}` : "";
  cell.classList.toggle("fresh", Boolean(latest?.changed && performance.now() - latest.changed < FRESH_MS));
}

function fillName(cell, device) {
  if (!cell.firstChild) {
    const link = document.createElement("a");
    const dot = Object.assign(document.createElement("i"), { className: "state-dot" });
    const id = Object.assign(document.createElement("span"), { className: "device-id" });
    cell.append(dot, link, id);
  }
  const [dot, link, id] = cell.children;
  dot.dataset.state = device.online ? "online" : "offline";
  dot.title = dot.dataset.state;
  const address = `/devices/${encodeURIComponent(device.id)}/`;
  if (link.getAttribute("href") !== address) link.setAttribute("href", address);
  setText(link, device.name);
  setText(id, device.name === device.id ? "" : device.id);
}

function fillState(cell, device) {
  if (!cell.firstChild) cell.append(Object.assign(document.createElement("span"), { className: "pill" }));
  const state = device.online ? "online" : "offline";
  cell.firstChild.dataset.state = state;
  setText(cell.firstChild, state === "online" ? "Online" : "Offline");
}

const others = (device) => Object.entries(device.latest).filter(([type]) => !OWN_COLUMN.has(type));

function fillOthers(cell, device) {
  const texts = others(device).map(([type, latest]) => `${type} ${plain(latest.value, 1)} ${symbol(latest.unit)}`.trim());
  setText(cell, texts.slice(0, 2).join(", ") || "–");
  cell.title = texts.join(", ");
}
