// The names of rules, fetched once a page needs them.
import { rulesById } from "./alerts.js";

let rules = new Map();

/** Sees to it that the rules which these corrections name are known; without an answer they go by their number. */
export async function learnRules(corrections) {
  if (!rules.size && corrections.some(({ view }) => view === "alerts")) rules = await rulesById();
}

export const ruleName = (id) => rules.get(Number(id))?.name ?? `rule ${id}`;
