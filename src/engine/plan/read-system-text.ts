import { readFileSync } from "node:fs";
import type { ReadText } from "./machine.ts";

/** Reads the system's own small files, such as those below /proc; whatever cannot be read is not there. */
export const readSystemText: ReadText = (path) => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
};
