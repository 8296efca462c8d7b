import type { Task } from "./task.ts";

export interface LifecycleEvents {
  opened(task: Task): void;
  openFailed(task: Task, error: unknown): void;
  /** The task is about to be closed, whatever state it is in. */
  closing(task: Task): void;
  /** Called for every task, also for one whose last hook failed. */
  closed(task: Task): void;
  closeFailed(task: Task, error: unknown): void;
}

/**
 * Opens and closes the tasks of one thread. All of them are opened, and closed, at the same time: one whose hook
 * never settles holds no other back.
 */
export class TaskLifecycle {
  readonly #tasks: readonly Task[];
  readonly #events: LifecycleEvents;
  readonly #opening = new Map<Task, Promise<void>>();
  #closing: Promise<void> | null = null;

  constructor(tasks: readonly Task[], events: LifecycleEvents) {
    this.#tasks = tasks;
    this.#events = events;
  }

  /** Rejects with the first failure, once all tasks are open or have failed to. */
  async open(): Promise<void> {
    for (const task of this.#tasks) this.#opening.set(task, this.#open(task));
    const settled = await Promise.allSettled(this.#opening.values());
    const failed = settled.find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }

  /** Resolves when every task is closed; what fails on the way is told as it happens. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #open(task: Task): Promise<void> {
    try {
      // Done is a task, before it was opened, whose streams had ended when its thread was lost.
      if (task.phase !== "done") await task.open();
    } catch (error) {
      this.#events.openFailed(task, error);
      throw error;
    }
    this.#events.opened(task);
  }

  async #close(): Promise<void> {
    for (const task of this.#tasks) this.#events.closing(task);
    await Promise.all(this.#tasks.map((task) => this.#closeOne(task)));
  }

  async #closeOne(task: Task): Promise<void> {
    // What its first hook is still opening must be closed too.
    await this.#opening.get(task)?.catch(() => {});
    try {
      await task.close();
    } catch (error) {
      this.#events.closeFailed(task, error);
    }
    task.publishLast();
    this.#events.closed(task);
  }
}
