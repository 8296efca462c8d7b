import { workerData } from "node:worker_threads";
import { realClock, treeClockOf } from "../../base/clock.ts";
import { TreeSlots } from "../../memory/tree-slots.ts";
import { Acker } from "./acker.ts";
import type { AckerStart, ToAcker } from "./acker-protocol.ts";

/**
 * The acker's thread: an event loop with a port to each thread of the run and one timer. It sleeps until somebody
 * speaks to it or a tree may be late.
 */
function runAcker(start: AckerStart): void {
  const acker = new Acker({
    messageTimeoutMs: start.messageTimeoutMs,
    messageLifetimeMs: start.messageLifetimeMs,
    timeoutFrom: start.timeoutFrom,
    stallReportMs: start.stallReportMs,
    settleTimeoutMs: start.settleTimeoutMs,
    slots: new TreeSlots(start.slots),
    threadCount: start.ports.length,
    treeNowMs: treeClockOf(realClock),
    post: (thread, message) => start.ports[thread]!.postMessage(message),
  });
  let flushing = false;
  const flushSoon = () => {
    flushing = false;
    acker.flush();
  };
  for (const [thread, port] of start.ports.entries()) {
    port.on("message", (message: ToAcker) => {
      acker.receive(thread, message);
      // What arrives in one go leaves in one go.
      if (flushing) return;
      flushing = true;
      setImmediate(flushSoon);
    });
  }
  const check = () => setTimeout(check, acker.check());
  check();
}

runAcker(workerData as AckerStart);
