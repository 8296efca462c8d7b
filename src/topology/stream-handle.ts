import type { DirectStream, FieldsOfStream, Streams } from "../component/outputs.ts";

/** One stream of one component, with its fields in the type: what groupings subscribe to. */
export interface StreamHandle<F = unknown, Direct extends boolean = boolean> {
  /** Id of the component that emits it. */
  readonly componentId: string;
  readonly streamId: string;
  /** As declared; undefined when the component has no such stream, which is an error once somebody subscribes. */
  readonly fields: F;
  readonly direct: Direct;
}

type IsDirect<S> = S extends DirectStream ? true : false;
type DefaultStream<O> = Streams<O>["default" & keyof Streams<O>];

/** A component as declared: stands for its default stream, and gives its others by name. */
export interface ComponentHandle<O>
  extends StreamHandle<FieldsOfStream<DefaultStream<O>>, IsDirect<DefaultStream<O>>> {
  readonly id: string;
  stream<S extends keyof Streams<O> & string>(
    name: S,
  ): StreamHandle<FieldsOfStream<Streams<O>[S]>, IsDirect<Streams<O>[S]>>;
}
