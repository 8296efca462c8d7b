import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** A mistake that someone could make in one file of `src`. */
export interface SourceBug {
  readonly name: string;
  /** Below `src`, without its ending. */
  readonly file: string;
  /** Text of the compiled file; it must be there exactly once. */
  readonly find: string;
  readonly replace: string;
}

const repository = fileURLToPath(new URL("../../..", import.meta.url));

/** Copies of the compiled sources with one bug each, in a folder that goes away on close. */
export class PlantedSources {
  readonly #sources = fileURLToPath(new URL("../../src", import.meta.url));
  readonly #folder = mkdtempSync(path.join(tmpdir(), "stormcell-planted-"));
  readonly #rooms: readonly string[];
  #count = 0;

  /** @param rooms folders of `src` that the code under test needs */
  constructor(rooms: readonly string[]) {
    this.#rooms = rooms;
    writeFileSync(path.join(this.#folder, "package.json"), JSON.stringify({ type: "module" }));
    symlinkSync(path.join(repository, "node_modules"), path.join(this.#folder, "node_modules"));
  }

  /** Url of a folder of sources that have this bug. */
  plant(bug: SourceBug): string {
    const copy = path.join(this.#folder, String(this.#count++));
    mkdirSync(copy);
    const isWanted = (file: string) => path.extname(file) === "" || file.endsWith(".js");
    for (const room of this.#rooms) {
      cpSync(path.join(this.#sources, room), path.join(copy, room), { recursive: true, filter: isWanted });
    }
    const file = path.join(copy, `${bug.file}.js`);
    const parts = readFileSync(file, "utf8").split(bug.find);
    if (parts.length !== 2) {
      throw new Error(`"${bug.name}": its text is ${parts.length - 1} times in ${bug.file}, not once`);
    }
    writeFileSync(file, parts.join(bug.replace));
    return pathToFileURL(copy).href;
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
