// The line under the header that says what is wrong. Several may speak; the last one to start is heard.
const notices = new Map();

export function showNotice(who, text, kind = "warn") {
  if (notices.get(who)?.text === text) return;
  notices.set(who, { text, kind });
  paint();
}

export function clearNotice(who) {
  if (notices.delete(who)) paint();
}

function paint() {
  const element = document.getElementById("notice");
  const last = [...notices.values()].at(-1);
  element.hidden = !last;
  element.textContent = last?.text ?? "";
  element.dataset.kind = last?.kind ?? "";
}
