// Acknowledging, assigning, commenting: what people do, and what they did.
import { acknowledged } from "../lib/alerts.js";
import { post } from "../lib/api.js";
import { byId, make, takeOver } from "../lib/dom.js";
import { clock, setText, utc } from "../lib/format.js";
import { Keyed, part } from "../lib/keyed.js";

export class Handling {
  constructor(alert, onDone) {
    Object.assign(this, { address: `/api/v1/alerts/${alert}`, onDone, form: byId("act") });
    this.comments = new Keyed(byId("comments"), { key: (comment) => `${comment.at} ${comment.author} ${comment.text}`, make: commentItem });
    if (this.form) this.listen();
  }

  listen() {
    const { assignee } = this.form.elements;
    this.form.addEventListener("submit", (event) => this.submit(event));
    assignee.addEventListener("change", () => this.send("assign", { assignee: assignee.value || null }));
    takeOver(assignee);
  }

  show(alert) {
    setText(part(byId("handling"), "acknowledged"), alert.acknowledged_at ? acknowledged(alert) : "not yet");
    setText(part(byId("handling"), "assigned"), alert.assignee ?? "nobody");
    this.comments.show(alert.comments ?? []);
    if (!this.form) return;
    this.form.querySelector('[value="acknowledge"]').hidden = Boolean(alert.acknowledged_at);
    const select = this.form.elements.assignee;
    if (document.activeElement !== select) select.value = alert.assignee ?? "";
  }

  submit(event) {
    event.preventDefault();
    const text = this.form.elements.text.value.trim();
    const what = event.submitter?.value ?? "comments";
    if (what === "acknowledge") this.send(what, text ? { comment: text } : {});
    else if (text) this.send(what, { text });
    else this.form.elements.text.focus();
  }

  async send(what, body) {
    const told = this.form.querySelector(".error");
    told.hidden = true;
    try {
      await post(`${this.address}/${what}`, body);
      if (what !== "assign") this.form.elements.text.value = "";
    } catch (error) {
      setText(told, error.message);
      told.hidden = false;
    }
    this.onDone();
  }
}

function commentItem({ author, text, at }) {
  const when = make("time", { datetime: at, title: utc(Date.parse(at)), class: "muted" }, clock(Date.parse(at)));
  return make("li", {}, make("p", {}, make("b", {}, author ?? "somebody"), " ", when), make("p", { class: "said" }, text));
}
