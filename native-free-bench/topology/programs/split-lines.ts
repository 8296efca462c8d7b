import { BasicBolt, type BasicCollector, fields, type Tuple } from "stormcell";

export const Line = fields("line:string");
export const Word = fields("word:string");

const SPACE = 32;

/** Cuts lines at their spaces. */
export class Split extends BasicBolt({ input: Line, output: Word }) {
  execute(tuple: Tuple<typeof Line>, collector: BasicCollector<typeof Word>): void {
    const line = tuple.line;
    let start = 0;
    for (let at = 0; at <= line.length; at++) {
      if (at < line.length && line.charCodeAt(at) !== SPACE) continue;
      collector.emit([line.substring(start, at)]);
      start = at + 1;
    }
  }
}
