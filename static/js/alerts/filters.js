// What the inbox is narrowed to. It is kept in the address, so it can be passed on.
import { byId, choices, takeOver } from "../lib/dom.js";

const DEVICE_ID = /^[A-Za-z0-9._:-]{1,64}$/;

export class Filters {
  constructor(onChange) {
    this.onChange = onChange;
    this.form = byId("filters");
    const asked = new URLSearchParams(location.search);
    this.state = asked.get("state") ?? "";
    this.rule = asked.get("rule") ?? "";
    const press = choices(this.form.querySelector(".choices"), (state) => this.change({ state }));
    press(this.state);
    for (const name of ["severity", "device_id"]) this.form.elements[name].value = asked.get(name) ?? "";
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("change", ({ target }) => this.change(target.name === "rule" ? { rule: target.value } : {}));
    takeOver(this.form.elements.severity);
  }

  get any() {
    return Object.values(this.current()).some(Boolean);
  }

  /** What the API is asked for; a device id that cannot be one is left out. */
  current() {
    const { severity, device_id: device } = this.form.elements;
    return { state: this.state, severity: severity.value, rule: this.rule, device_id: DEVICE_ID.test(device.value.trim()) ? device.value.trim() : "" };
  }

  offerRules(options) {
    const select = this.form.elements.rule;
    select.append(...options);
    select.value = this.rule;
  }

  change(what) {
    Object.assign(this, what);
    const shown = Object.entries(this.current()).filter(([, value]) => value);
    window.history.replaceState(null, "", shown.length ? `?${new URLSearchParams(shown)}` : location.pathname);
    this.onChange();
  }
}

