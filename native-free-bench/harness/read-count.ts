/** The number of an option of the command line: whole, from 1 to 100. */
export function readCount(option: string, text: string | undefined, otherwise: number): number {
  const count = text === undefined ? otherwise : Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 100)
    throw new Error(`${option} takes a number from 1 to 100, not "${text}"`);
  return count;
}
