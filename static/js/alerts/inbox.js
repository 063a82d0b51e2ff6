// The table of alerts. Rows are filled again, never rebuilt, so what somebody has chosen stays chosen.
import { acknowledged, alertAddress, duration, severityPill, statePill } from "../lib/alerts.js";
import { byId, make, takeOver } from "../lib/dom.js";
import { number, plain, setText, setTime, utc } from "../lib/format.js";
import { Keyed, part } from "../lib/keyed.js";

export class Inbox {
  constructor({ mayAct, onAcknowledge }) {
    Object.assign(this, { mayAct, chosen: new Set(), alerts: [] });
    this.table = byId("alerts");
    this.table.dataset.mayAct = mayAct ? "yes" : "no";
    this.list = new Keyed(this.table.tBodies[0], { key: (alert) => alert.id, make: (alert) => this.make(alert), fill: (row, alert) => this.fill(row, alert) });
    byId("all").addEventListener("change", (event) => this.chooseAll(event.target.checked));
    takeOver(byId("all"));
    byId("bulk").querySelector("button").addEventListener("click", () => onAcknowledge([...this.chosen]));
  }

  forget() {
    this.chosen.clear();
    byId("all").checked = false;
  }

  show(alerts, { filtered, rules }) {
    this.alerts = alerts;
    this.chosen = new Set(alerts.filter((alert) => !alert.acknowledged_at && this.chosen.has(alert.id)).map((alert) => alert.id));
    this.list.show(alerts);
    this.table.hidden = alerts.length === 0;
    showEmpty(alerts.length === 0, filtered, rules);
    this.showBulk();
  }

  chooseAll(checked) {
    this.chosen = new Set(checked ? this.alerts.filter((alert) => !alert.acknowledged_at).map((alert) => alert.id) : []);
    this.list.show(this.alerts);
    this.showBulk();
  }

  showBulk() {
    byId("bulk").hidden = this.chosen.size === 0;
    setText(byId("bulk").querySelector("span"), `${number(this.chosen.size)} chosen`);
  }

  make({ id }) {
    const box = make("input", { type: "checkbox", "aria-label": `Choose alert ${id}` });
    box.addEventListener("change", () => {
      this.chosen[box.checked ? "add" : "delete"](id);
      this.showBulk();
    });
    const parts = ["alert", "device", "state", "since", "lasted", "value", "acknowledged", "assigned"];
    const styles = { lasted: "number wide", value: "number wide", acknowledged: "wide", assigned: "wide" };
    return make("tr", {}, make("td", { class: "pick" }, box), ...parts.map((name) => make("td", { "data-part": name, class: styles[name] })));
  }

  fill(row, alert) {
    const box = row.querySelector("input");
    box.disabled = Boolean(alert.acknowledged_at);
    box.checked = this.chosen.has(alert.id);
    if (row.told !== alert.revision || row.acknowledged !== alert.acknowledged_at) fillHead(row, alert);
    Object.assign(row, { told: alert.revision, acknowledged: alert.acknowledged_at });
    Object.assign(row.dataset, { alert: alert.id, state: alert.state, severity: alert.severity });
    setText(part(row, "lasted"), duration(alert));
    setText(part(row, "value"), alert.value === null ? "–" : plain(alert.value, 2));
    setText(part(row, "acknowledged"), acknowledged(alert));
    part(row, "acknowledged").title = alert.acknowledged_at ? utc(Date.parse(alert.acknowledged_at)) : "";
    setText(part(row, "assigned"), alert.assignee ?? "–");
  }
}

function fillHead(row, alert) {
  const name = make("a", { href: alertAddress(alert.id) }, alert.rule_name);
  part(row, "alert").replaceChildren(severityPill(alert.severity), " ", name);
  part(row, "device").replaceChildren(make("a", { href: `/devices/${encodeURIComponent(alert.device_id)}/` }, alert.device_id));
  part(row, "state").replaceChildren(statePill(alert.state));
  const since = make("time", { datetime: alert.started_at });
  setTime(since, Date.parse(alert.started_at));
  part(row, "since").replaceChildren(since);
}

function showEmpty(empty, filtered, rules) {
  const box = byId("no-alerts");
  box.hidden = !empty;
  const [title, text] = filtered
    ? ["Nothing matches", "No alert is like that."]
    : ["No alerts", rules ? "No rule has found anything to complain of." : "There are no rules yet: a rule says what to look for."];
  setText(box.querySelector("h3"), title);
  setText(box.querySelector("p"), text);
}
