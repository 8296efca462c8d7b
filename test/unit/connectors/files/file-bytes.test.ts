// What is not what it was when it was found is told, at the beginning, on the way and at the end.
import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { gzipSync } from "node:zlib";
import { type FileBytes, GzipBytes, PlainBytes } from "../../../../src/connectors/files/file-bytes.ts";
import { listFiles } from "../../../../src/connectors/files/list-files.ts";
import { localFiles } from "../../../../src/connectors/files/local-files.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "file-bytes-"));
  file = path.join(folder, "a");
});
afterEach(() => rmSync(folder, { recursive: true }));

const KINDS = {
  plain: { write: (text: string) => writeFileSync(file, text), appended: "more" as string | Uint8Array },
  packed: { write: (text: string) => writeFileSync(file, gzipSync(text)), appended: gzipSync("more") },
} as const;

/** The file as it stands, found now and opened later. */
function finder(kind: keyof typeof KINDS): () => FileBytes {
  const [listed] = listFiles(file);
  const range = { file: listed!, from: 0, to: listed!.bytes };
  return () => (kind === "plain" ? new PlainBytes(range, 0, localFiles) : new GzipBytes(listed!, localFiles));
}

async function textOf(bytes: FileBytes, roomBytes = 1000): Promise<string> {
  let text = "";
  for (;;) {
    const room = Buffer.alloc(roomBytes);
    const came = await bytes.read(room);
    if (came === 0) return text;
    text += room.toString("latin1", 0, came);
  }
}

const CHANGES: Readonly<Record<string, () => void>> = {
  "was replaced by another": () => {
    const other = path.join(folder, "b");
    writeFileSync(other, "x".repeat(200));
    utimesSync(other, 1, 1);
    renameSync(other, file);
  },
  "was cut": () => truncateSync(file, 1),
  "was changed": () => utimesSync(file, 1, 1),
};

for (const kind of ["plain", "packed"] as const) {
  for (const [how, change] of Object.entries(CHANGES)) {
    test(`a ${kind} file that ${how} is told when it is opened`, () => {
      KINDS[kind].write("first\n".repeat(10));
      const open = finder(kind);
      change();
      assert.throws(open, new RegExp(how));
    });
  }
}

test("a file that is cut while it is read is told, and not taken for its end", () => {
  writeFileSync(file, "0123456789");
  const bytes = finder("plain")();
  try {
    assert.equal(bytes.read(new Uint8Array(4)), 4);
    truncateSync(file, 4);
    assert.throws(() => bytes.read(new Uint8Array(4)), /was cut/);
  } finally {
    bytes.close();
  }
});

test("a plain file may grow, a packed one may not", async () => {
  for (const kind of ["plain", "packed"] as const) {
    KINDS[kind].write("first");
    const open = finder(kind);
    appendFileSync(file, KINDS[kind].appended);
    utimesSync(file, 1, 1);
    if (kind === "packed") {
      assert.throws(open, /was changed/);
      continue;
    }
    const bytes = open();
    assert.equal(await textOf(bytes), "firstmore");
    bytes.checkUnchanged();
    bytes.close();
  }
});

test("members of gzip behind each other are one text, and one that is cut is an error", async () => {
  const members = Buffer.concat(["one\n", "", "two\n", "x".repeat(300_000)].map((text) => gzipSync(text)));
  writeFileSync(file, members);
  for (const roomBytes of [3, 1000, 400_000]) {
    const bytes = finder("packed")();
    assert.equal(await textOf(bytes, roomBytes), `one\ntwo\n${"x".repeat(300_000)}`);
    bytes.checkUnchanged();
    bytes.close();
  }
  writeFileSync(file, members.subarray(0, -4));
  const cut = finder("packed")();
  await assert.rejects(textOf(cut), /unexpected end of file/);
  cut.close();
});
