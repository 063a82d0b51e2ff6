// The time range that all charts, the track and the events share. It is kept in the address, so it can be passed on.
import { byId, choices } from "../lib/dom.js";
import { clock, setText, utc } from "../lib/format.js";

const SPANS = { "10m": 600_000, "1h": 3_600_000, "24h": 86_400_000, "7d": 604_800_000, "30d": 2_592_000_000 };

export class Range {
  constructor(onChange) {
    this.onChange = onChange;
    this.form = byId("range");
    this.fields = this.form.querySelector(".custom");
    this.press = choices(this.form.querySelector(".choices"), (value) => this.choose(value));
    this.form.addEventListener("submit", (event) => this.submit(event));
    this.restore();
  }

  /** `{from, to}` in milliseconds; an open range ends now. */
  current() {
    if (this.name === "custom") return { from: this.from, to: this.to, open: false };
    const now = Date.now();
    return { from: now - SPANS[this.name], to: now, open: true };
  }

  isOpen() {
    return this.name !== "custom";
  }

  choose(name) {
    this.fields.hidden = name !== "custom";
    if (name === "custom") {
      this.fill(this.current());
      this.form.elements.from.focus();
      return;
    }
    this.name = name;
    this.changed({ range: name });
  }

  set(from, to) {
    Object.assign(this, { name: "custom", from: Math.floor(from), to: Math.ceil(to) });
    this.press("custom");
    this.fields.hidden = false;
    this.fill(this);
    this.changed({ from: this.from, to: this.to });
  }

  showEmpty(empty, newest) {
    byId("no-range").hidden = !empty || !newest;
    if (!empty || !newest) return;
    setText(byId("newest"), clock(newest));
    byId("newest").title = utc(newest);
    byId("show-newest").onclick = () => this.set(newest - 43_200_000, newest + 3_600_000);
  }

  note(resolution) {
    const words = { raw: "every reading", "1m": "by minute", "1h": "by hour", "1d": "by day" };
    setText(byId("range-note"), words[resolution] ?? "");
  }

  submit(event) {
    event.preventDefault();
    const [from, to] = ["from", "to"].map((name) => new Date(this.form.elements[name].value).getTime());
    const wrong = !(from < to);
    setText(this.form.querySelector(".error"), wrong ? "The start must lie before the end." : "");
    if (!wrong) this.set(from, to);
  }

  fill({ from, to }) {
    this.form.elements.from.value = local(from);
    this.form.elements.to.value = local(to);
  }

  changed(params) {
    window.history.replaceState(null, "", `?${new URLSearchParams(params)}`);
    this.onChange();
  }

  restore() {
    const asked = new URLSearchParams(location.search);
    const [from, to] = [Number(asked.get("from")), Number(asked.get("to"))];
    this.name = SPANS[asked.get("range")] ? asked.get("range") : "24h";
    if (from > 0 && to > from) Object.assign(this, { name: "custom", from, to });
    this.press(this.name);
    this.fields.hidden = this.name !== "custom";
    if (this.name === "custom") this.fill(this);
  }
}

function local(ms) {
  const date = new Date(ms);
  return new Date(ms - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
