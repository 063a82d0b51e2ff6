// Reads from the API with the session's cookie, never older than what this page has already seen.
import { clearNotice, showNotice } from "./notice.js";

let seen = null;

/** From now on answers must be at least this version; null forgets (a server that started afresh). */
export function sawVersion(version) {
  seen = version && Object.keys(version).length ? version : null;
}

export class Failed extends Error {
  constructor(status, detail, retryAfter) {
    super(detail);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

export function withParams(path, params = {}) {
  const url = new URL(path, location.origin);
  for (const [name, value] of Object.entries(params)) {
    if (value !== null && value !== undefined && value !== "") url.searchParams.set(name, value);
  }
  return url;
}

/** One answer; throws Failed. A session that ended leads to the sign-in page. */
export async function get(path, params) {
  const url = withParams(path, params);
  url.host = location.host; // `next` links may name the server by another name
  url.protocol = location.protocol;
  let answer = await ask(url, seen);
  if (answer?.status === 400 && seen) answer = await ask(url, null); // a server that started afresh knows no such version
  if (!answer) throw new Failed(0, "The server cannot be reached.", 2);
  if (answer.status === 401) location.assign(`/login/?next=${encodeURIComponent(location.pathname)}`);
  const body = await answer.json().catch(() => null);
  if (!answer.ok) throw new Failed(answer.status, body?.detail ?? answer.statusText, Number(answer.headers.get("Retry-After")) || 2);
  return body;
}

/** Sends `body` as JSON in the session's name; the answer, or Failed. */
export async function post(path, body = {}) {
  const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": cookie("csrftoken") };
  const options = { method: "POST", headers, credentials: "same-origin", body: JSON.stringify(body) };
  const answer = await fetch(new URL(path, location.origin), options).catch(() => null);
  if (!answer) throw new Failed(0, "The server cannot be reached.", 2);
  const told = await answer.json().catch(() => null);
  if (!answer.ok) throw new Failed(answer.status, told?.detail ?? answer.statusText, 0);
  return told;
}

const cookie = (name) => document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";

function ask(url, version) {
  const headers = { Accept: "application/json", ...(version && { "X-View-Version": JSON.stringify(version) }) };
  return fetch(url, { headers, credentials: "same-origin" }).catch(() => null);
}

/** The results of at most `pages` pages, and the first page's other members. */
export async function getAll(path, params, pages = 20) {
  const first = await get(path, { limit: 1000, ...params });
  let { results, next } = first;
  for (let page = 1; next && page < pages; page += 1) {
    const more = await get(next);
    results = results.concat(more.results);
    next = more.next;
  }
  return { ...first, results, next };
}

/** Calls `load` until it works; meanwhile says what is wrong. Answers null for a mistake that asking again won't mend. */
export async function patiently(load) {
  for (;;) {
    try {
      const answer = await load();
      clearNotice("api");
      return answer;
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      if (error.status >= 400 && error.status < 500 && error.status !== 429) {
        showNotice("api", error.message, "bad");
        return null;
      }
      showNotice("api", waiting(error));
      await new Promise((resolve) => setTimeout(resolve, Math.min(error.retryAfter, 10) * 1000));
    }
  }
}

/** What to say while something is tried again. */
export function waiting(error) {
  if (error.status === 503 && error.message.includes("alerts")) return "The alerts are still catching up. Trying again by itself…";
  if (error.status === 503) return "Nobody is calculating just now. Trying again by itself…";
  if (error.status === 0) return "The server cannot be reached. Trying again by itself…";
  return `${error.message} Trying again by itself…`;
}
