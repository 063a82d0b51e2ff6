// Promote and drain, for those who may, asked before it is done.
import { post } from "../lib/api.js";
import { confirmed } from "../lib/confirm.js";
import { clearNotice, showNotice } from "../lib/notice.js";
import { part } from "../lib/keyed.js";

const ACTIONS = {
  promote: {
    offered: ({ draining }, role) => !draining && ["next", "support"].includes(role),
    body: ({ name, shard }) => ({ shard, calculator: name }),
    title: (name) => `Promote ${name}?`,
    detail: "It becomes live once it has caught up; who is live now makes way. No reader sees a gap.",
    yes: "Promote",
  },
  drain: {
    offered: ({ draining }) => !draining,
    body: ({ name }) => ({ calculator: name }),
    title: (name) => `Drain ${name}?`,
    detail: "It gives up its role and gets none until it may serve again. If it is live, next takes over first.",
    yes: "Drain",
  },
  undrain: {
    offered: ({ draining }) => draining,
    body: ({ name }) => ({ calculator: name }),
    title: (name) => `Let ${name} serve again?`,
    detail: "It may be given a role again.",
    yes: "Let it serve",
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
      buttons.forEach((button) => (button.hidden = !ACTIONS[button.dataset.do].offered(calculator, role)));
      part(element, "actions").hidden = !this.allowed || role === "gone";
    };
  }

  async act(what, calculator) {
    const { title, detail, yes, body } = ACTIONS[what];
    if (!(await confirmed({ title: title(calculator.name), detail, yes }))) return;
    try {
      await post(`/api/v1/blackboard/${what}`, body(calculator));
      clearNotice("steering");
    } catch (error) {
      showNotice("steering", error.message, "bad");
    }
    this.onDone();
  }
}
