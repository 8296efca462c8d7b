import { kindsOf } from "../../tuple/column-kind.ts";
import { rowAppenderFor } from "../../tuple/row-appender.ts";
import type { StreamPlan } from "../plan/physical-plan.ts";
import type { TupleClass } from "./create-instance.ts";
import type { RowSchema } from "./outlet.ts";

/**
 * What is compiled at run time for the tasks of one thread.
 *
 * Per stream and per component, not per task: were each task's tuples of a class of their own, the `execute` that all
 * tasks of a component share would see as many shapes as there are tasks, and be slow from the fifth on.
 */
export class ThreadCode {
  readonly #schemas = new Map<StreamPlan, RowSchema>();
  readonly #tupleClasses = new Map<string, Map<number, TupleClass>>();

  schemaOf(plan: StreamPlan): RowSchema {
    let schema = this.#schemas.get(plan);
    if (schema === undefined) {
      const { component, stream, fields: columns } = plan;
      schema = { component, stream, columns, kinds: kindsOf(columns), append: rowAppenderFor(columns) };
      this.#schemas.set(plan, schema);
    }
    return schema;
  }

  /** By edge index: the classes of what a component's tasks receive. */
  tupleClassesOf(component: string, make: () => Map<number, TupleClass>): Map<number, TupleClass> {
    let classes = this.#tupleClasses.get(component);
    if (classes === undefined) {
      classes = make();
      this.#tupleClasses.set(component, classes);
    }
    return classes;
  }
}
