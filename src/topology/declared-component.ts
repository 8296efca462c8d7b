import { DEFAULT_STREAM } from "../component/outputs.ts";
import type { ComponentSpec, SubscriptionSpec } from "./topology-spec.ts";

/** A component while its builder function runs. */
export interface DraftComponent extends Omit<ComponentSpec, "subscriptions"> {
  readonly subscriptions: SubscriptionSpec[];
  /** Fields of each stream as the user declared them, for handles. */
  readonly fieldsOf: Readonly<Record<string, unknown>>;
  /** Every handle that the builder of this component has given out: those of another topology are refused. */
  readonly ownHandles: WeakSet<object>;
}

/** A stream of a component as declared. */
export class DeclaredStream {
  readonly componentId: string;
  readonly streamId: string;
  readonly fields: unknown;
  readonly direct: boolean;

  constructor(draft: DraftComponent, stream: string) {
    this.componentId = draft.id;
    this.streamId = stream;
    this.fields = Object.hasOwn(draft.fieldsOf, stream) ? draft.fieldsOf[stream] : undefined;
    this.direct = Object.hasOwn(draft.outputs, stream) && draft.outputs[stream]!.direct;
    draft.ownHandles.add(this);
  }
}

/** A component as declared: itself the handle of its default stream. */
export class DeclaredComponent extends DeclaredStream {
  readonly id: string;
  readonly #draft: DraftComponent;

  constructor(draft: DraftComponent) {
    super(draft, DEFAULT_STREAM);
    this.id = draft.id;
    this.#draft = draft;
  }

  /** An unknown name is an error at submit, where the declared ones are known to be all. */
  stream(name: string): DeclaredStream {
    return new DeclaredStream(this.#draft, name);
  }
}

/** A feeder as declared: its handle, and the port that the builder function returns. */
export class DeclaredFeeder extends DeclaredComponent {
  readonly feeder: unknown;

  constructor(draft: DraftComponent) {
    super(draft);
    this.feeder = this.fields;
  }
}

/** An output as declared. Its name is the one under which the builder function returns it. */
export class DeclaredOutput {
  readonly output: unknown;
  readonly source: string;
  readonly stream: string;

  constructor(source: string, stream: string, fields: unknown) {
    this.source = source;
    this.stream = stream;
    this.output = fields;
  }
}
