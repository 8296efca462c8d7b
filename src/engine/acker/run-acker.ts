import type { MessagePort } from "node:worker_threads";
import type { OptionValues } from "../../config/option-values.ts";
import { AckerHost } from "./acker-host.ts";
import { AckerLink } from "./acker-link.ts";
import type { FromAcker, TaskHolding, ToAcker } from "./acker-protocol.ts";
import { ackerSettingsOf } from "./acker-settings.ts";

export interface RunAckerParts {
  readonly config: OptionValues;
  readonly workerCount: number;
  /** Gives a worker its end of the line. */
  readonly connect: (thread: number, port: MessagePort) => void;
  /** What the acker says to the tasks of the main thread. */
  readonly receive: (message: FromAcker) => void;
  readonly stalled: (holders: readonly TaskHolding[]) => void;
  readonly lost: (error: unknown) => void;
}

/** The acker of a run on threads, as main holds it: started when the first tuple is tracked, again in each epoch. */
export class RunAcker {
  /** True once a tuple was tracked. */
  isStarted = false;
  readonly #parts: RunAckerParts;
  readonly #host: AckerHost;
  readonly #link: AckerLink;

  constructor(parts: RunAckerParts) {
    this.#parts = parts;
    this.#host = new AckerHost(parts.lost);
    this.#link = new AckerLink((message) => {
      if (message.type === "stalled") parts.stalled(message.holders);
      else parts.receive(message);
    });
  }

  /** From the main thread. */
  post(message: ToAcker): void {
    this.#link.post(message);
  }

  /** A topology that tracks no tuple has no thread for it. */
  start(slots: Int32Array): void {
    if (!this.isStarted) this.#run(slots);
    this.isStarted = true;
  }

  /** The epoch changes: what an acker of the old one says is not heard any more. */
  beginEpoch(): void {
    this.#link.close();
  }

  /** In the memory of the new epoch, if there was an acker before. */
  restart(slots: Int32Array): void {
    if (this.isStarted) this.#run(slots);
  }

  killForTest(): void {
    this.#host.killForTest();
  }

  async stop(): Promise<void> {
    this.#link.close();
    await this.#host.stop();
  }

  #run(slots: Int32Array): void {
    const { config, workerCount, connect } = this.#parts;
    const ports = this.#host.start({ ...ackerSettingsOf(config), slots }, workerCount + 1);
    for (const [thread, port] of ports.entries()) {
      if (thread === workerCount) this.#link.connect(port);
      else connect(thread, port);
    }
  }
}
