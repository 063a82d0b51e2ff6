// The live feed: subscribes, counts the frames, comes back by itself.
import { sawVersion } from "./api.js";
import { clearNotice, showNotice } from "./notice.js";

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15000;

/**
 * Keeps one socket open. `onReady` means: subscribed, fetch afresh now. `onFrame` gets each frame;
 * `onResync` gets the reason why what is shown must be fetched again.
 */
export function openFeed({ subscribe, onReady, onFrame, onResync }) {
  let pause = FIRST_PAUSE;
  const connect = () => {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/dashboard/`);
    const reader = makeReader({ onReady, onFrame, onResync });
    socket.onopen = () => socket.send(JSON.stringify({ subscribe }));
    socket.onmessage = (event) => {
      pause = FIRST_PAUSE;
      clearNotice("socket");
      reader(JSON.parse(event.data));
    };
    socket.onclose = (event) => {
      if (event.code === 4401) location.reload();
      showState("lost");
      showNotice("socket", "The live connection was lost. Reconnecting by itself…");
      setTimeout(connect, pause * (0.75 + Math.random() / 2));
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    };
  };
  connect();
}

function makeReader({ onReady, onFrame, onResync }) {
  let last = 0;
  return (message) => {
    if (message.type === "hello") {
      sawVersion(message.version);
      return;
    }
    if (message.n === undefined) return;
    const missed = message.n !== last + 1;
    last = message.n;
    sawVersion(message.version);
    if (message.n === 1) {
      showState("live");
      onReady();
    }
    if (message.type === "frame") onFrame(message);
    if (missed || message.type === "resync") onResync(message.reason ?? "gap");
  };
}

export function showState(state) {
  const element = document.getElementById("live");
  element.dataset.state = state;
  element.querySelector(".text").textContent = state === "live" ? "Live" : "Not connected";
}
