import type { Prng } from "../../../src/base/prng.ts";

/** SEED from the environment, or a new one; tests print it. */
export function chosenSeed(): number {
  return Number(process.env.SEED ?? Date.now() % 0x7fff_ffff);
}

// Letters that lower-casing lengthens or treats by context, marks, digits of several scripts, letters and signs
// beyond 16 bits, both apostrophes, controls, separators.
const CHARACTERS = [
  ..."abcXYZ019_-.,;:/\t\r\n\0 ",
  ..."''\u2019\u2019\u02bc\u2018`",
  ..."éßΣσςİıǅ漢字กิ\u0301\u0308½²٣Ⅷ",
  ..."𝒜𐐀𐐨😀🏳\u200d\ufe0f\ufeff\u2028\u00a0\ufffd",
];
const HALVES = ["\ud800", "\udc00"];

/** Random text in which the awkward is common. */
export function awkwardText(random: Prng, lengthMax: number): string {
  const parts: string[] = [];
  const length = random.below(lengthMax + 1);
  while (parts.length < length) {
    const kind = random.below(40);
    if (kind === 0) parts.push("w".repeat(250 + random.below(12)));
    else if (kind === 1) parts.push(HALVES[random.below(2)]!);
    else parts.push(CHARACTERS[random.below(CHARACTERS.length)]!);
  }
  return parts.join("");
}

/** The same as bytes, with some bytes knocked over so that the UTF-8 is not valid. */
export function awkwardBytes(random: Prng, lengthMax: number): Buffer {
  const bytes = Buffer.from(awkwardText(random, lengthMax));
  const damaged = random.below(4) === 0 ? random.below(1 + bytes.length / 8) : 0;
  for (let count = 0; count < damaged; count++) bytes[random.below(bytes.length)] = random.below(256);
  return bytes;
}
