// For pages whose figures no frame tells: asks again and again while somebody looks.
import { Failed, waiting } from "./api.js";
import { clearNotice, showNotice } from "./notice.js";
import { atMostEvery, whileVisible } from "./pace.js";
import { showState } from "./socket.js";

/** Calls `work` at once and then every `ms`; what goes wrong is told, and asked again. Answers a way to ask at once. */
export function poll(ms, work) {
  const run = atMostEvery(ms / 2, async () => {
    try {
      await work();
      clearNotice("api");
      showState("live");
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      showState("lost");
      const final = error.status >= 400 && error.status < 500 && error.status !== 429;
      showNotice("api", final ? error.message : waiting(error), final ? "bad" : "warn");
    }
  });
  run();
  whileVisible(ms, run);
  return run;
}
