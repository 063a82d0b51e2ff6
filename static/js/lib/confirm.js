// Asks before something that others will feel.
import { byId } from "./dom.js";
import { setText } from "./format.js";

/** Resolves to whether the person said yes. */
export function confirmed({ title, detail, yes }) {
  const dialog = byId("confirm");
  setText(dialog.querySelector("h2"), title);
  setText(dialog.querySelector("p"), detail);
  setText(dialog.querySelector('[value="yes"]'), yes);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }));
}
