import { parentPort, workerData } from "node:worker_threads";
import { Doorbell } from "../../../src/memory/doorbell.ts";

/**
 * Thread of `doorbell.test.ts`: leaves an asynchronous wait pending, says so in word 1, then sleeps on the same bell.
 */
const control = workerData as Int32Array;
const bell = new Doorbell(control, 0);
bell.prepareToPark();
bell.parkAsync();
bell.cancelPark();
bell.prepareToPark();
Atomics.store(control, 1, 1);
parentPort!.postMessage(bell.parkBlocking(20_000));
