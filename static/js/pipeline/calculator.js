// One calculator as a card: its role, how far it is, how far behind it was lately, its lease.
import { byId } from "../lib/dom.js";
import { ago, number, setText, span, utc } from "../lib/format.js";
import { copyOf, part } from "../lib/keyed.js";

const RANK = { live: 0, next: 1, support: 2 };
const MEANING = { live: "Answers reads", next: "Prepares the next version", support: "Warm spare", gone: "Its lease has run out" };
const KEPT = 120;
const FAR_BEHIND_S = 5;
const LONGEST_LEASE_MS = 3000;

export const roleOf = (calculator) => (calculator.lease.valid ? calculator.role : "gone");
export const rank = (calculator) => RANK[roleOf(calculator)] ?? 3;

export function makeCalculator(calculator, steering) {
  const element = copyOf(byId("calculator-template"));
  element.dataset.calculator = calculator.name;
  element.behind = [];
  setText(part(element, "name"), calculator.name);
  steering.attach(element);
  return element;
}

export function fillCalculator(element, calculator) {
  const role = roleOf(calculator);
  element.dataset.role = role;
  element.shown = calculator;
  const words = [role, calculator.draining ? "draining" : null, calculator.ready === false ? "catching up" : null];
  setText(part(element, "role"), words.filter(Boolean).join(", "));
  part(element, "role").title = MEANING[role] ?? "";
  fillFacts(element, calculator);
  fillTether(element, calculator);
  fillLease(element, calculator.lease);
  element.steer(calculator, role);
}

function fillFacts(element, calculator) {
  setText(part(element, "where"), `${calculator.host}, process ${calculator.pid}`);
  part(element, "where").title = `registered ${utc(Date.parse(calculator.registered_at))}`;
  setText(part(element, "epoch"), number(calculator.epoch));
  setText(part(element, "position"), number(calculator.position));
  setText(part(element, "fence"), calculator.fence ? number(calculator.fence) : "–");
  const held = calculator.held;
  part(element, "held-box").hidden = held === null || held === undefined;
  setText(part(element, "held"), number(held));
}

function fillTether(element, { tether_events: events, tether_seconds: seconds, lease }) {
  const box = part(element, "behind").closest(".tether");
  box.dataset.state = seconds > FAR_BEHIND_S ? "warn" : "";
  setText(part(element, "behind"), number(events));
  setText(part(element, "behind-note"), seconds >= 0.05 ? `events, ${span(seconds * 1000)} behind` : "events behind");
  element.behind = [...element.behind.slice(1 - KEPT), lease.valid ? seconds : null];
  drawTether(part(element, "spark"), element.behind);
}

/** The newest figure is at the right; as high as a second, or as the farthest it was behind. */
function drawTether(svg, behind) {
  const most = Math.max(1, ...behind.map((seconds) => seconds ?? 0));
  const step = 100 / (KEPT - 1);
  const start = 100 - (behind.length - 1) * step;
  const points = behind.map((seconds, index) => `${(start + index * step).toFixed(2)} ${(27 - (25 * (seconds ?? 0)) / most).toFixed(2)}`);
  svg.querySelector(".line").setAttribute("d", `M${points.join("L")}`);
  svg.querySelector(".area").setAttribute("d", `M${start.toFixed(2)} 28L${points.join("L")}V28Z`);
}

function fillLease(element, { until, valid }) {
  const end = Date.parse(until);
  const left = Math.max(0, end - Date.now());
  const meter = part(element, "meter");
  meter.style.width = valid ? `${Math.min(100, (100 * left) / LONGEST_LEASE_MS)}%` : "0";
  const lease = part(element, "lease");
  if (valid) setText(lease, `lease holds ${span(left)}`);
  else if (end > 0) setText(lease, `gone, lease ended ${ago(end)}`);
  else setText(lease, "said goodbye");
}
