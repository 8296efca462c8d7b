import { openStream } from "./api.js";

const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 10_000;

/**
 * Listens to a topology's events until the returned function is called. A stream that breaks off is opened again,
 * after a pause that doubles.
 *
 * @param listeners { event(name, data), connected(), disconnected(error) }
 */
export function listen(path, listeners) {
  const stop = new AbortController();
  void follow(path, listeners, stop.signal);
  return () => stop.abort();
}

async function follow(path, listeners, signal) {
  let retryMs = RETRY_MS_MIN;
  while (!signal.aborted) {
    let hasEnded = false;
    try {
      const body = await openStream(path, signal);
      listeners.connected();
      retryMs = RETRY_MS_MIN;
      hasEnded = await readEvents(body, listeners);
      if (!hasEnded) listeners.disconnected(new Error("the stream ended"));
    } catch (error) {
      if (signal.aborted) return;
      listeners.disconnected(error);
    }
    if (hasEnded) return;
    await new Promise((resolve) => setTimeout(resolve, retryMs));
    retryMs = Math.min(RETRY_MS_MAX, retryMs * 2);
  }
}

/** True when the topology has ended: nothing more will come. */
async function readEvents(body, listeners) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return false;
    text += value;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const event = readEvent(text.slice(0, end));
      text = text.slice(end + 2);
      listeners.event(event.name, event.data);
      if (event.name === "ended") return true;
    }
  }
}

/** Of the format this is all that the server sends: one line with the name, one with the data. */
export function readEvent(block) {
  let name = "message";
  let data = "null";
  for (const line of block.split("\n")) {
    if (line.startsWith("event: ")) name = line.slice(7);
    else if (line.startsWith("data: ")) data = line.slice(6);
  }
  return { name, data: JSON.parse(data) };
}
