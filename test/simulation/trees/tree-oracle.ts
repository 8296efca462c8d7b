/** What the oracle holds against the engine. */
export class TreeViolation extends Error {
  override readonly name = "TreeViolation";
}

export function claim(condition: boolean, text: string): asserts condition {
  if (!condition) throw new TreeViolation(text);
}

/** One emit with an id, and all that comes of it. */
export interface OracleTree {
  readonly id: number;
  readonly attempt: number;
  /** Tuples that may still be emitted in it. */
  budget: number;
  /** Its tuples that are neither settled nor struck off. */
  live: number;
  slot: number;
  generation: number;
  emittedMs: number;
  /** When a thread last told of it, or its timeout was reset. */
  progressMs: number;
  /** A tuple of it was failed, or mishandled, while it was still undecided. */
  mustFail: boolean;
  /** Its time was up. */
  isExpired: boolean;
  outcome: "acked" | "failed" | null;
}

/** One copy of a tuple, from its emit on. */
export interface OracleNode {
  readonly emit: number;
  /** Those of its trees that still count it. */
  trees: OracleTree[];
  /** Those that counted it when it was settled. */
  settledTrees: readonly OracleTree[];
  readonly isTracked: boolean;
  state: "queued" | "held" | "settled" | "expired";
}

/**
 * The trees as plain objects: no counts that threads share, no slots, no ledgers. Knows for each tree exactly which
 * tuples live, and judges what the engine decides by it.
 */
export class TreeOracle {
  readonly trees: OracleTree[] = [];
  /** Tuples that were ever emitted, each copy by itself. */
  copies = 0;
  /** By slot: who lives there. */
  readonly #tenants = new Map<number, OracleTree>();
  /** Copies on their way, by emit and target task. */
  readonly #underWay = new Map<string, OracleNode[]>();
  #emits = 0;

  plant(attempt: number, budget: number): OracleTree {
    const tree: OracleTree = {
      id: this.trees.length,
      attempt,
      budget,
      live: 0,
      slot: -1,
      generation: -1,
      emittedMs: 0,
      progressMs: 0,
      mustFail: false,
      isExpired: false,
      outcome: null,
    };
    this.trees.push(tree);
    return tree;
  }

  /** A tuple is about to be emitted to these tasks. Returns its number, which travels as its value. */
  emit(trees: readonly OracleTree[], targets: readonly number[], isTracked: boolean): number {
    const emit = this.#emits++;
    this.copies += targets.length;
    for (const target of targets) {
      const node: OracleNode = { emit, trees: [...trees], settledTrees: [], isTracked, state: "queued" };
      for (const tree of trees) {
        tree.live++;
        tree.budget--;
      }
      const key = `${emit} ${target}`;
      const nodes = this.#underWay.get(key);
      if (nodes === undefined) this.#underWay.set(key, [node]);
      else nodes.push(node);
    }
    return emit;
  }

  /** An emit was broken off: these copies of it do not exist. */
  neverSent(emit: number, targets: readonly number[]): void {
    for (const target of targets) this.settle(this.arrive(emit, target));
  }

  /** A copy has come to its task. */
  arrive(emit: number, target: number): OracleNode {
    const key = `${emit} ${target}`;
    const nodes = this.#underWay.get(key);
    claim(nodes !== undefined, `emit ${emit} came to task ${target}, to which it was not sent, or too often`);
    const node = nodes.shift()!;
    if (nodes.length === 0) this.#underWay.delete(key);
    return node;
  }

  get copiesUnderWay(): number {
    return this.#underWay.size;
  }

  settle(node: OracleNode): void {
    for (const tree of node.trees) tree.live--;
    node.settledTrees = node.trees;
    node.trees = [];
    node.state = "settled";
  }

  /** The engine no longer counts the tuple in this tree. */
  strike(node: OracleNode, tree: OracleTree): void {
    claim(tree.mustFail || tree.isExpired, `tuple ${node.emit} was struck off tree ${tree.id}, which never failed`);
    tree.live--;
    node.trees = node.trees.filter((each) => each !== tree);
    if (node.trees.length === 0) node.state = "expired";
  }

  // ---- What the slots are told
  // ---------------------------------------------------------------------------------------

  moveIn(tree: OracleTree, slot: number, count: number, nowMs: number): void {
    const before = this.#tenants.get(slot);
    claim((before?.live ?? 0) === 0, `slot ${slot} was given to tree ${tree.id} while tree ${before?.id} has tuples`);
    claim(count === tree.live, `tree ${tree.id} begins with ${count} tuples, not with ${tree.live}`);
    tree.slot = slot;
    tree.emittedMs = nowMs;
    tree.progressMs = nowMs;
    this.#tenants.set(slot, tree);
  }

  tenantOf(slot: number): OracleTree {
    const tree = this.#tenants.get(slot);
    claim(tree !== undefined, `slot ${slot} was never opened`);
    return tree;
  }

  /** The engine says that no tuple of the tree in this slot lives. */
  countedToZero(slot: number, isAcked: boolean): void {
    const tree = this.tenantOf(slot);
    claim(tree.live === 0, `tree ${tree.id} is complete while ${tree.live} of its tuples live`);
    claim(!isAcked || !tree.mustFail, `tree ${tree.id} was acked although one of its tuples failed`);
  }

  /** The engine has failed the tree in this slot because its time is up. */
  expired(slot: number, nowMs: number, limits: { timeoutMs: number; lifetimeMs: number }): void {
    const tree = this.tenantOf(slot);
    const quietMs = nowMs - tree.progressMs;
    const isLate = quietMs >= limits.timeoutMs || nowMs - tree.emittedMs >= limits.lifetimeMs;
    claim(isLate, `tree ${tree.id} was given up after ${quietMs} ms`);
    tree.isExpired = true;
  }

  // ---- What the spout is told
  // ----------------------------------------------------------------------------------------

  ended(id: number, attempt: number, reason: string | null): void {
    const tree = this.trees[id];
    claim(tree !== undefined, `somebody called ${id} ended`);
    claim(tree.outcome === null, `tree ${id} ended twice`);
    claim(tree.attempt === attempt, `tree ${id} is attempt ${tree.attempt}, not ${attempt}`);
    tree.outcome = reason === null ? "acked" : "failed";
    const expected = tree.mustFail ? "bolt" : tree.isExpired ? "timeout" : null;
    claim(reason === expected, `tree ${id} ended with ${reason}, not with ${expected}`);
    if (reason === null) claim(tree.live === 0, `tree ${id} was acked while ${tree.live} of its tuples live`);
  }
}
