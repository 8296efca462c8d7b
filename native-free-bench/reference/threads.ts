import { type TransferListItem, Worker } from "node:worker_threads";

/** A thread of a program: its entry, what it is given, and what of that it takes over. */
export interface Thread {
  readonly program: URL;
  readonly data: unknown;
  readonly transfer?: readonly TransferListItem[];
}

/**
 * Runs a program of several threads and resolves with the one message of each, in order; the first failure ends all.
 */
export async function runThreads<T>(threads: readonly Thread[]): Promise<T[]> {
  const workers = threads.map(
    ({ program, data, transfer }) => new Worker(program, { workerData: data, transferList: [...(transfer ?? [])] }),
  );
  try {
    return await Promise.all(workers.map((worker) => messageOf<T>(worker)));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

function messageOf<T>(worker: Worker): Promise<T> {
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", (code) => reject(new Error(`a thread ended with code ${code} and without a result`)));
  });
}
