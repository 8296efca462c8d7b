#!/usr/bin/env node
import { setTimeout } from "node:timers/promises";
import { realClock } from "../base/clock.ts";
import { saveFile } from "../base/disk.ts";
import { runCommandLine } from "./command-line.ts";
import { findProcesses } from "./find-processes.ts";
import { realEngine } from "./real-engine.ts";
import { SUPERVISED, startChild } from "./start-child.ts";

const INTERRUPTS = ["SIGINT", "SIGTERM"] as const;
const interruptListeners = new Set<() => void>();

function interrupt(): void {
  for (const listener of interruptListeners) listener();
}

// Whoever reads our output may stop early, as `head` does: that is no failure, but a run need not go on for nobody.
let outputIsRead = true;
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    if (stream === process.stdout && outputIsRead) interrupt();
    outputIsRead &&= stream !== process.stdout;
  });
}

// A supervisor that is killed takes nobody with it: its child learns of it here, and ends in order.
if (process.env[SUPERVISED] === "1" && process.channel !== undefined) {
  process.once("disconnect", interrupt);
  process.channel.unref();
}

const exitCode = await runCommandLine(process.argv.slice(2), {
  engine: realEngine,
  clock: realClock,
  writeOut: (text) => process.stdout.write(text),
  writeErr: (text) => process.stderr.write(text),
  terminalColumns: () => (process.stderr.isTTY ? process.stderr.columns : null),
  terminalRows: () => (process.stderr.isTTY ? process.stderr.rows : null),
  isOutTerminal: () => process.stdout.isTTY === true,
  findProcesses,
  saveFile,
  folder: process.cwd(),
  onInterrupt(listener) {
    if (interruptListeners.size === 0) for (const signal of INTERRUPTS) process.on(signal, interrupt);
    interruptListeners.add(listener);
    return () => {
      interruptListeners.delete(listener);
      if (interruptListeners.size === 0) for (const signal of INTERRUPTS) process.off(signal, interrupt);
    };
  },
  every(intervalMs, action) {
    const timer = setInterval(action, intervalMs).unref();
    return () => clearInterval(timer);
  },
  startChild,
  pause: (ms, cut) => setTimeout(ms, undefined, { signal: cut }).catch(() => undefined),
  exitNow: (code) => process.exit(code),
});

// Whatever a user's module left open in this thread must not keep a finished command alive, but pipes are written to
// later than write() returns: so both streams are emptied first.
process.stdout.write("", () => process.stderr.write("", () => process.exit(exitCode)));
