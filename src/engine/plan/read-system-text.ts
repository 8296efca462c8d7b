import { realDisk } from "../../base/disk.ts";
import type { ReadText } from "./machine.ts";

/** Reads the system's own small files, such as those below /proc; whatever cannot be read is not there. */
export const readSystemText: ReadText = (path) => {
  try {
    return realDisk.readFile(path).toString();
  } catch {
    return null;
  }
};
