// The pipeline page: asks once a second how far everybody is.
import { get } from "../lib/api.js";
import { byId } from "../lib/dom.js";
import { showLedger } from "../lib/ledger.js";
import { poll } from "../lib/poll.js";
import { NewestEpochs } from "./epochs.js";
import { Shards } from "./shards.js";
import { Steering } from "./steering.js";
import { Transitions } from "./transitions.js";

const page = byId("pipeline").dataset;
const steering = new Steering(page.maySteer === "yes");
const shards = new Shards(steering);
const transitions = new Transitions();
const epochs = new NewestEpochs();

const ask = poll(1000, async () => {
  const [board, metrics, logs, newest] = await Promise.all([
    get("/api/v1/blackboard"),
    get("/api/v1/dashboard/metrics"),
    get(page.logsUrl),
    get("/api/v1/epochs", { limit: 10 }),
  ]);
  shards.show(board, metrics.shards, logs.shards);
  transitions.show(board.transitions, metrics.shards.length > 1);
  showLedger(metrics.ledger);
  epochs.show(newest.results, metrics.shards.length > 1);
});
steering.onDone = ask;
