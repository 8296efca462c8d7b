/** A real server on 127.0.0.1 that a test has started, and that ends with it at the latest. */
export interface Service {
  /** As in messages: "redis". */
  readonly name: string;
  readonly port: number;
  /** Ends it in order, and removes its data. Nothing can be done with it after that. */
  stop(): Promise<void>;
  /** Ends it at once, as a crash would. Its data stay, for `restart`. */
  kill(): Promise<void>;
  /** Ends it in order, if it runs, and starts it on the same port with the same data. */
  restart(): Promise<void>;
  /** Stops its process without ending it: connections stay, and nothing answers. */
  pause(): void;
  /** Lets a paused one go on. */
  resume(): void;
}
