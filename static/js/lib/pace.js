// When work is done: at most once a frame, or at most once in so many milliseconds.

/** Many calls, one run before the next paint. */
export function eachFrame(work) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      work();
    });
  };
}

/** Runs at once, then no sooner than `ms` after the last run ended; calls in between lead to one more run. */
export function atMostEvery(ms, work) {
  let running = false;
  let again = false;
  const run = async () => {
    running = true;
    try {
      await work();
    } finally {
      setTimeout(() => {
        running = false;
        if (again) {
          again = false;
          run();
        }
      }, ms);
    }
  };
  return () => {
    if (running) again = true;
    else run();
  };
}

/** Like `setInterval`, but resting while nobody looks. */
export function whileVisible(ms, work) {
  setInterval(() => {
    if (!document.hidden) work();
  }, ms);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) work();
  });
}
