// Promote and drain, for those who may, asked before it is done.
import { post } from "../lib/api.js";
import { confirmed } from "../lib/confirm.js";
import { clearNotice, showNotice } from "../lib/notice.js";
import { part } from "../lib/keyed.js";

const ACTIONS = {
  promote: {
    offered: ["next", "support"],
    title: (name) => `Promote ${name}?`,
    detail: "It becomes live once it has caught up; who is live now makes way. No reader sees a gap.",
    yes: "Promote",
  },
  drain: {
    offered: ["live", "next", "support"],
    title: (name) => `Drain ${name}?`,
    detail: "It gives up its role and gets none until it is started again. Another calculator takes over where there is one.",
    yes: "Drain",
  },
};

export class Steering {
  constructor(allowed) {
    Object.assign(this, { allowed, onDone: () => {} });
  }

  attach(element) {
    const buttons = [...element.querySelectorAll("[data-do]")];
    buttons.forEach((button) => button.addEventListener("click", () => this.act(button.dataset.do, element.shown)));
    element.steer = (calculator, role) => {
      buttons.forEach((button) => (button.hidden = !ACTIONS[button.dataset.do].offered.includes(role)));
      part(element, "actions").hidden = !this.allowed || role === "gone";
    };
  }

  async act(what, calculator) {
    const { title, detail, yes } = ACTIONS[what];
    if (!(await confirmed({ title: title(calculator.name), detail, yes }))) return;
    try {
      await post(`/api/v1/blackboard/${what}`, { calculator: calculator.id });
      clearNotice("steering");
    } catch (error) {
      showNotice("steering", error.message, "bad");
    }
    this.onDone();
  }
}
