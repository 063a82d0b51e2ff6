// The newest epochs, each leading to its page.
import { byId, make } from "../lib/dom.js";
import { epochCells, epochKey } from "../lib/epochs.js";
import { Keyed } from "../lib/keyed.js";

export class NewestEpochs {
  constructor() {
    this.list = new Keyed(byId("epochs").tBodies[0], { key: epochKey, make: (row) => this.make(row) });
  }

  show(epochs, several) {
    this.several = several;
    byId("epochs").hidden = epochs.length === 0;
    byId("no-epochs").hidden = epochs.length > 0;
    this.list.show(epochs);
  }

  make(row) {
    const { epoch, when, late, back } = epochCells(row, this.several);
    return make("tr", {}, epoch, when, late, back);
  }
}
