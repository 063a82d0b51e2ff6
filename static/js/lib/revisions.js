// A revision of an alert in plain words: what it changed, from what, to what.
import { alertAddress } from "./alerts.js";
import { text } from "./corrections.js";
import { make } from "./dom.js";

export const CHANGES = { raised: "Raised", changed: "Changed", cleared: "Cleared", withdrawn: "Withdrawn", merged: "Merged", reopened: "Reopened" };
const FIELDS = { started_at: "began", raised_at: "raised", cleared_at: "over", value: "value", severity: "severity", rule_name: "rule" };

/** The fields that a revision changed; of a new alert, and of one that is withdrawn, the word says it all. */
export function changes({ change, from, to }) {
  if (to?.merged_into) return make("p", { class: "changes" }, "into ", make("a", { href: alertAddress(to.merged_into) }, `alert ${to.merged_into}`));
  if (change === "raised") return raised(to ?? {});
  const fields = Object.keys(FIELDS).filter((name) => name in (to ?? {}) && (from?.[name] ?? null) !== (to[name] ?? null));
  if (!fields.length) return null;
  return make("p", { class: "changes" }, ...fields.map((name) => changed(name, from?.[name], to[name])));
}

function raised({ started_at: started, split_from: origin }) {
  const began = started ? `Began ${text(started)}` : "";
  const split = origin ? make("span", {}, " Split off ", make("a", { href: alertAddress(origin) }, `alert ${origin}`)) : null;
  return began || split ? make("p", { class: "changes muted" }, began, split) : null;
}

function changed(name, from, to) {
  const after = make("ins", {}, name === "cleared_at" && !to ? "not yet" : text(to));
  if (from === null || from === undefined) return make("span", { class: "change" }, `${FIELDS[name]} `, after);
  return make("span", { class: "change" }, `${FIELDS[name]} `, make("del", {}, text(from)), " → ", after);
}
