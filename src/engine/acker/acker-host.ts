import { fileURLToPath } from "node:url";
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import type { AckerStart } from "./acker-protocol.ts";

const ACKER_MODULE = fileURLToPath(
  new URL(`./acker-main.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url),
);

/** The thread of a run's acker: started when the first tuple is tracked. */
export class AckerHost {
  readonly #lost: (error: unknown) => void;
  #worker: Worker | null = null;

  /** @param lost called when the thread ends before `stop` or the next `start` */
  constructor(lost: (error: unknown) => void) {
    this.#lost = lost;
  }

  get isRunning(): boolean {
    return this.#worker !== null;
  }

  /** Starts the thread, in place of one that runs, and gives each thread of the run its end of a line to it. */
  start(start: Omit<AckerStart, "ports">, threadCount: number): MessagePort[] {
    void this.stop();
    const channels = Array.from({ length: threadCount }, () => new MessageChannel());
    const ports = channels.map((channel) => channel.port1);
    const workerData: AckerStart = { ...start, ports };
    const worker = new Worker(ACKER_MODULE, { workerData, transferList: ports, name: "stormcell acker" });
    let failure: unknown = new Error("the acker's thread ended by itself");
    worker.on("error", (error) => {
      failure = error;
    });
    worker.on("exit", () => {
      if (this.#worker === worker) this.#lost(failure);
    });
    worker.unref();
    this.#worker = worker;
    return channels.map((channel) => channel.port2);
  }

  /** Ends the thread as if it had died: for tests of what survives that. */
  killForTest(): void {
    void this.#worker?.terminate();
  }

  async stop(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }
}
