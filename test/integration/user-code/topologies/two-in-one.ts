/** Two topologies by position and two by name; each emits its own word. */
import { defineTopology, fields, fromIterable, type TopologyBuilder } from "../../../../src/index.ts";

const Word = fields("word:string");

function saying(word: string) {
  return (builder: TopologyBuilder) => {
    const words = builder.setSpout(
      "words",
      fromIterable(Word, () => [[word]] as [string][]),
    );
    return { words: builder.output(words) };
  };
}

export const first = defineTopology(import.meta.url, saying("first"));
export const red = defineTopology(import.meta.url, saying("red"), { name: "red" });
export const second = defineTopology(import.meta.url, saying("second"));
export const blue = defineTopology(import.meta.url, saying("blue"), { name: "blue" });
