/** The seed of a random test: printed with its failure, and taken back by SEED. */
export const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
