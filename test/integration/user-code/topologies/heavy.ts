/** Functions that bolts offload. */
export function double(n: number): number {
  return n * 2;
}

export async function later(n: number): Promise<string> {
  await new Promise((resolve) => setImmediate(resolve));
  return `later ${n}`;
}

export function fail(message: string): never {
  const error = new RangeError(message, { cause: new Error("the original cause") });
  throw Object.assign(error, { code: "E_HEAVY" });
}

export function throwValue(value: string): never {
  throw value;
}

export function spin(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** Ends well, and leaves a timer behind that throws. */
export function leaveBomb(): string {
  setTimeout(() => {
    throw new Error("left behind");
  }, 1);
  return "left";
}

export function exit(): never {
  process.exit(3);
}

export function giveFunction(): () => void {
  return () => {};
}

export const notAFunction = 1;
