// The names of rules, fetched once a page needs them.
import { getAll } from "./api.js";

const PAGES = 10;
const names = new Map();
let fetching = null;

/** Sees to it that the rules which these corrections name are known; without an answer they go by their number. */
export async function learnRules(corrections) {
  if (!corrections.some(({ view }) => view === "alerts")) return;
  fetching ??= getAll("/api/v1/rules", {}, PAGES).then(
    ({ results }) => results.forEach(({ id, name }) => names.set(String(id), name)),
    () => { fetching = null; },
  );
  await fetching;
}

export const ruleName = (id) => names.get(id) ?? `rule ${id}`;
