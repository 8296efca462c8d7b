import { invariant } from "../../base/invariant.ts";
import { DirtyBits } from "../../memory/dirty-bits.ts";
import { Doorbell } from "../../memory/doorbell.ts";
import { FrameRingConsumer } from "../../memory/frame-ring-consumer.ts";
import { FrameRingProducer } from "../../memory/frame-ring-producer.ts";
import { RoomWanted } from "../../memory/room-wanted.ts";
import { BatchReader } from "../../tuple/codec/batch-reader.ts";
import { BatchWriter } from "../../tuple/codec/batch-writer.ts";
import { copyBatch } from "../../tuple/copy-batch.ts";
import type { TupleBatch } from "../../tuple/tuple-batch.ts";
import type { EdgePlan, RingPlan } from "../plan/physical-plan.ts";
import { controlLayoutOf, type ExecutorBlueprint } from "./build-executor.ts";
import { buildTracking } from "./build-tracking.ts";
import type { ThreadInlets } from "./executor.ts";
import { HookNote } from "./hook-note.ts";
import { Inbox, LocalLink } from "./inbox.ts";
import type { Link } from "./link.ts";
import type { RowSchema } from "./outlet.ts";
import { RingInlet } from "./ring-inlet.ts";
import { RingLink, RingSender } from "./ring-link.ts";
import type { Tracking } from "./tracking.ts";

/** What of a blueprint says how one thread's tasks are connected. */
export type WiringBlueprint = Pick<
  ExecutorBlueprint,
  "plan" | "thread" | "memory" | "config" | "configOf" | "clock" | "events" | "isolateLocal"
>;

/**
 * One thread's connections in the memory of one epoch: inboxes, ends of rings, its part in tracking. Everything here
 * is made anew when the epoch changes, while the tasks stay.
 */
export class Wiring {
  readonly tracking: Tracking | null;
  readonly hookNote: HookNote;
  readonly #blueprint: WiringBlueprint;
  readonly #layout: ReturnType<typeof controlLayoutOf>;
  readonly #inboxes = new Map<number, Inbox>();
  /** By consuming task; feedback rings apart. */
  readonly #senders = new Map<string, RingSender>();

  constructor(blueprint: WiringBlueprint) {
    const { memory, thread, config } = blueprint;
    this.#blueprint = blueprint;
    this.#layout = controlLayoutOf(blueprint.plan);
    this.hookNote = new HookNote(memory.control, this.#layout.hookWord(thread));
    this.tracking = config.acking === "off" ? null : buildTracking(blueprint, (other) => this.#doorbellOf(other));
  }

  /** The inbox of a task of this thread. */
  inboxOf(taskId: number): Inbox {
    let inbox = this.#inboxes.get(taskId);
    if (inbox === undefined) {
      const { component } = this.#blueprint.plan.tasks[taskId]!;
      inbox = new Inbox(this.#blueprint.configOf(component).localQueueRowsMax);
      this.#inboxes.set(taskId, inbox);
    }
    return inbox;
  }

  /** The rings into this thread, each joined to the inbox of its task. */
  buildInlets(): ThreadInlets[] {
    const { plan, thread, memory } = this.#blueprint;
    const inlets: ThreadInlets[] = [];
    for (let producer = 0; producer <= plan.workerCount; producer++) {
      const rings = plan.rings
        .filter((ring) => ring.producerThread === producer && ring.consumerThread === thread)
        .sort((a, b) => a.dirtyBit - b.dirtyBit);
      if (rings.length === 0) continue;
      const { word, wordCount } = this.#layout.dirtyPlace(producer, thread);
      const byBit = rings.map((ring) => this.#buildInlet(ring));
      inlets.push({ dirty: new DirtyBits(memory.control, word, wordCount), byBit });
    }
    return inlets;
  }

  #buildInlet(ring: RingPlan): RingInlet {
    const { plan, memory } = this.#blueprint;
    const readers = new Map<number, BatchReader>();
    const { component } = plan.tasks[ring.consumerTask]!;
    for (const [edgeIndex, edge] of plan.edges.entries()) {
      if (edge.consumer !== component || edge.feedback !== ring.feedback) continue;
      readers.set(edgeIndex, new BatchReader(plan.streams[edge.streamIndex]!.fields, edge.columns, edge.keyColumns));
    }
    const consumer = new FrameRingConsumer(
      memory.control,
      this.#layout.ringWord(ring.ringIndex),
      memory.rings[ring.ringIndex]!,
    );
    const inlet = new RingInlet(consumer, readers, {
      bell: this.#doorbellOf(ring.producerThread),
      roomWanted: new RoomWanted(memory.control, this.#layout.roomWantedWord(ring.producerThread)),
    });
    this.inboxOf(ring.consumerTask).addRing(inlet, ring.feedback);
    return inlet;
  }

  #doorbellOf(thread: number): Doorbell {
    return new Doorbell(this.#blueprint.memory.control, this.#layout.doorbellWord(thread));
  }

  #senderTo(taskId: number, feedback: boolean): RingSender {
    const key = `${taskId}${feedback ? " feedback" : ""}`;
    let sender = this.#senders.get(key);
    if (sender !== undefined) return sender;
    const { plan, thread, memory } = this.#blueprint;
    const ring = plan.rings.find(
      (candidate) =>
        candidate.producerThread === thread && candidate.consumerTask === taskId && candidate.feedback === feedback,
    );
    invariant(ring !== undefined, `the plan has no ring from thread ${thread} to task ${taskId}`);
    const { word, wordCount } = this.#layout.dirtyPlace(thread, ring.consumerThread);
    sender = new RingSender(
      new FrameRingProducer(memory.control, this.#layout.ringWord(ring.ringIndex), memory.rings[ring.ringIndex]!),
      new DirtyBits(memory.control, word, wordCount),
      ring.dirtyBit,
      this.#doorbellOf(ring.consumerThread),
    );
    this.#senders.set(key, sender);
    return sender;
  }

  /** The way over an edge to one of its target tasks. */
  linkTo(targetTask: number, schema: RowSchema, edge: EdgePlan): Link {
    const { plan, thread, isolateLocal } = this.#blueprint;
    if (plan.tasks[targetTask]!.thread === thread) {
      const isSame =
        edge.columns.length === schema.columns.length && edge.columns.every((column, index) => column === index);
      const copy = isolateLocal ? (batch: TupleBatch) => copyBatch(batch, schema.columns, edge.columns) : null;
      const inbox = this.inboxOf(targetTask);
      return new LocalLink(edge.feedback ? inbox.feedbackQueue() : inbox.local, isSame ? null : edge.columns, copy);
    }
    const name = `${schema.component}:${schema.stream}`;
    return new RingLink(this.#senderTo(targetTask, edge.feedback), new BatchWriter(schema.columns), name, () =>
      this.tracking?.flush(),
    );
  }
}
