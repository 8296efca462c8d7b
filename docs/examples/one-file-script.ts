/**
 * A script that is its own topology: `node one-file-script.js 100000`.
 *
 * Worker threads import this file too, for what it defines; there, `runTopology` waits forever. So definitions stand
 * above it, and what must happen once stands below.
 */
import { basicBolt, defineTopology, fields, fromIterable, runTopology } from "stormcell";

const Candidate = fields("number:int32");
const Prime = fields("prime:int32");

const testPrimality = basicBolt({
  input: Candidate,
  output: Prime,
  execute({ number }, collector) {
    if (isPrime(number)) collector.emit([number]);
  },
});

const announce = basicBolt({
  input: Prime,
  create: () => {
    let primes = 0;
    return {
      execute: () => void primes++,
      // Runs on a worker thread; what it prints comes out here all the same.
      onEnd: () => console.log(`${primes} primes`),
    };
  },
});

const primes = defineTopology(import.meta.url, (builder, options: { limit: number }) => {
  const candidates = builder.setSpout(
    "candidates",
    fromIterable(Candidate, function* () {
      for (let number = 2; number < options.limit; number++) yield [number];
    }),
  );
  const found = builder.setBolt("test", testPrimality, { parallelism: "auto" }).shuffleGrouping(candidates);
  builder.setBolt("announce", announce).globalGrouping(found);
});

const summary = await runTopology(primes, { options: { limit: Number(process.argv[2] ?? 100_000) } });
console.log(`${summary.totals.byComponent.test?.executed} numbers tested`);

function isPrime(number: number): boolean {
  for (let divisor = 2; divisor * divisor <= number; divisor++) if (number % divisor === 0) return false;
  return true;
}
