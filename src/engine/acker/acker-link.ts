import type { MessagePort } from "node:worker_threads";
import type { FromAcker, ToAcker } from "./acker-protocol.ts";

/**
 * A thread's line to the acker. The acker is started when the first tuple is tracked: what is said before it listens
 * waits here.
 */
export class AckerLink {
  readonly #receive: (message: FromAcker) => void;
  #port: MessagePort | null = null;
  #unsent: ToAcker[] = [];

  constructor(receive: (message: FromAcker) => void) {
    this.#receive = receive;
  }

  post(message: ToAcker): void {
    if (this.#port === null) this.#unsent.push(message);
    else this.#port.postMessage(message);
  }

  connect(port: MessagePort): void {
    this.#port = port;
    // What an acker of an epoch before has said speaks of slots that are no more.
    port.on("message", (message: FromAcker) => {
      if (port === this.#port) this.#receive(message);
    });
    port.unref();
    for (const message of this.#unsent) port.postMessage(message);
    this.#unsent = [];
  }

  close(): void {
    this.#port?.close();
    this.#port = null;
    this.#unsent = [];
  }
}
