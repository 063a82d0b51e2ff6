// The list of epochs, the newest first, kept up to date.
import { get } from "../lib/api.js";
import { byId, make, takeOver } from "../lib/dom.js";
import { epochCells, epochKey } from "../lib/epochs.js";
import { Keyed } from "../lib/keyed.js";
import { poll } from "../lib/poll.js";

const STEP = 50;
const MOST = 1000;
const table = byId("epochs");
const several = Number(table.dataset.shards) > 1;
const list = new Keyed(table.tBodies[0], { key: epochKey, make: (row) => make("tr", {}, ...Object.values(epochCells(row, several))) });
let limit = STEP;

const ask = poll(2000, async () => {
  const { results, next } = await get("/api/v1/epochs", { limit, shard: byId("shard")?.value });
  list.show(results);
  table.hidden = results.length === 0;
  byId("no-epochs").hidden = results.length > 0;
  byId("more-epochs").hidden = !next || limit >= MOST;
});

byId("more-epochs").addEventListener("click", () => {
  limit = Math.min(limit * 3, MOST);
  ask();
});
if (several) offerShards(byId("shard"));

function offerShards(select) {
  select.append(...Array.from({ length: Number(table.dataset.shards) }, (_, shard) => make("option", { value: String(shard) }, `Shard ${shard}`)));
  select.addEventListener("change", ask);
  takeOver(select);
}
