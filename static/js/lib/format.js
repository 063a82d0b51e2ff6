// Numbers and times for people: their own zone in view, UTC on hover.
const SYMBOLS = { celsius: "°C", fahrenheit: "°F", kelvin: "K", percent: "%" };
const dateTime = new Intl.DateTimeFormat(undefined, { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" });
const timeToday = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const numbers = new Map();

/** A type's slug as a title. */
export const title = (slug) => (slug.charAt(0).toUpperCase() + slug.slice(1)).replace(/[_.-]+/g, " ");

export const symbol = (unit) => SYMBOLS[unit] ?? unit ?? "";

export function number(value, digits = 0) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!numbers.has(digits)) numbers.set(digits, new Intl.NumberFormat(undefined, { minimumFractionDigits: digits, maximumFractionDigits: digits }));
  return numbers.get(digits).format(value);
}

/** Whole numbers without decimals, others with so many. */
export const plain = (value, digits) => number(value, Number.isInteger(value) ? 0 : digits);

const short = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 });
/** For axes: 950, 1.5K, 20K. */
export const compact = (value) => short.format(value);

/** Few digits for big numbers: 0.42, 4.2, 42, 4,200. */
export const rate = (value) => number(value, value >= 100 || value === 0 ? 0 : value >= 10 ? 1 : 2);

export function percent(share) {
  if (share === null || share === undefined) return "–";
  return `${number(share * 100, share > 0 && share < 0.1 ? 1 : 0)} %`;
}

export function withUnit(value, unit, digits = 1) {
  return value === null || value === undefined ? "–" : `${number(value, digits)} ${symbol(unit)}`.trim();
}

export function clock(ms) {
  const date = new Date(ms);
  return date.toDateString() === new Date().toDateString() ? timeToday.format(date) : dateTime.format(date);
}

export const utc = (ms) => `${new Date(ms).toISOString().replace("T", " ").replace("Z", "")} UTC`;

/** 850 ms, 12 s, 5 min, 3 h, 4 d */
export function span(ms) {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = ms / 1000;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 129600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} d`;
}

export function ago(ms) {
  const past = Date.now() - ms;
  return past < 1500 ? "just now" : `${span(past)} ago`;
}

/** Puts a moment into an element: local or relative text, UTC on hover. */
export function setTime(element, ms, relative = false) {
  if (!ms) {
    setText(element, "–");
    element.title = "";
    return;
  }
  setText(element, relative ? ago(ms) : clock(ms));
  if (element.dataset.at !== String(ms)) {
    element.dataset.at = ms;
    element.title = relative ? `${dateTime.format(ms)} (${utc(ms)})` : utc(ms);
  }
}

/** Touches the page only when the text changes. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
