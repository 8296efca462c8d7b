import { EngineError } from "../base/engine-error.ts";
import type { FieldSpec } from "../tuple/field-spec.ts";
import type { Fields } from "../tuple/field-types.ts";
import {
  type BoltStatics,
  type ComponentOptions,
  checkInput,
  checkOutput,
  type SpoutStatics,
} from "./component-schema.ts";
import { DEFAULT_STREAM, type DirectStream, isFields, type Outputs, type StreamDeclaration } from "./outputs.ts";

/** The input of a bolt that declares just one. */
export const DEFAULT_INPUT = "default";

/** The code behind a component. The engine calls `create` once per task, on the worker that hosts it. */
export interface ComponentCode {
  readonly style: "basic" | "rich" | "spout";
  create(): object;
}

/** What a component declares statically, as plain data. */
export interface ComponentDeclaration {
  readonly style: ComponentCode["style"];
  /** By input name; empty for a spout. */
  readonly inputs: Readonly<Record<string, readonly FieldSpec[]>>;
  /** By stream id. */
  readonly outputs: Readonly<Record<string, StreamDeclaration>>;
  readonly config: ComponentOptions;
  /** As given, not checked. */
  readonly onError?: unknown;
}

type ComponentStatics = BoltStatics<Fields, Outputs> | SpoutStatics<Outputs>;
type ComponentConstructor = ComponentStatics & (new () => object);

/**
 * What a component declares, read from its class.
 *
 * @throws EngineError COMPONENT_NOT_A_COMPONENT, COMPONENT_MISSING_HOOK, COMPONENT_BAD_SCHEMA
 */
export function declarationOf(component: unknown): ComponentDeclaration {
  const statics = checkComponent(component);
  return {
    style: statics.style,
    inputs: statics.style === "spout" ? {} : inputsOf(statics.input),
    outputs: streamsOf(statics.output),
    config: statics.config ?? {},
    ...(statics.onError === undefined ? {} : { onError: statics.onError }),
  };
}

/**
 * The code of a component: its class, or what `create` makes of it when the class needs arguments.
 *
 * @throws EngineError COMPONENT_NOT_A_COMPONENT, COMPONENT_MISSING_HOOK, COMPONENT_BAD_SCHEMA
 */
export function componentCodeOf(component: unknown, create?: () => object): ComponentCode {
  const componentClass = checkComponent(component);
  if (create === undefined) return { style: componentClass.style, create: () => new componentClass() };
  return {
    style: componentClass.style,
    create() {
      const instance: unknown = create();
      if (instance instanceof componentClass) return instance;
      throw new EngineError("COMPONENT_WRONG_INSTANCE", {
        problem: `create returns something that is no ${componentClass.name || "instance of its component"}`,
        facts: { returned: describe(instance) },
        remedy: `return new ${componentClass.name || "Component"}(...), and not a promise of it`,
      });
    },
  };
}

/** The streams of an `output` declaration as plain data; a single one is called "default". */
export function streamsOf(output: Outputs): Record<string, StreamDeclaration> {
  checkOutput(output);
  if (output === undefined) return {};
  if (isFields(output)) return { [DEFAULT_STREAM]: { fields: output.columns, direct: false } };
  if (isDirect(output)) return { [DEFAULT_STREAM]: { fields: output.fields.columns, direct: true } };
  const streams = Object.entries(output).map(([name, stream]) => [
    name,
    isFields(stream) ? { fields: stream.columns, direct: false } : { fields: stream.fields.columns, direct: true },
  ]);
  return Object.fromEntries(streams);
}

function isDirect(output: Exclude<Outputs, undefined | Fields>): output is DirectStream {
  return (output as { readonly kind?: unknown }).kind === "direct";
}

function inputsOf(input: Fields | Readonly<Record<string, Fields>>): Record<string, readonly FieldSpec[]> {
  checkInput(input);
  if (isFields(input)) return { [DEFAULT_INPUT]: input.columns };
  return Object.fromEntries(Object.entries(input).map(([name, fields]) => [name, fields.columns]));
}

function checkComponent(component: unknown): ComponentConstructor {
  const style = typeof component === "function" ? (component as Partial<ComponentStatics>).style : undefined;
  if (style !== "basic" && style !== "rich" && style !== "spout") throw notAComponent(component);
  const componentClass = component as ComponentConstructor;
  const required = style === "spout" ? "nextTuple" : "execute";
  const prototype: unknown = componentClass.prototype;
  if (typeof (prototype as Record<string, unknown>)[required] !== "function") {
    throw new EngineError("COMPONENT_MISSING_HOOK", {
      problem: `the ${style} component ${componentClass.name || "(without a name)"} has no ${required}`,
      remedy: `give the class a method ${required}`,
    });
  }
  return componentClass;
}

function notAComponent(component: unknown): EngineError {
  const isInstance =
    typeof component === "object" && (component?.constructor as Partial<ComponentStatics>)?.style !== undefined;
  return new EngineError("COMPONENT_NOT_A_COMPONENT", {
    problem: "what is set as a component is no spout and no bolt",
    facts: { given: describe(component) },
    remedy: isInstance
      ? "give the class, and make the instance in the create setting: { create: () => new MyBolt(url) }"
      : "give a class that extends BasicBolt({...}), RichBolt({...}) or Spout({...}), or what a functional form made",
  });
}

function describe(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "function") return value.name === "" ? "a function" : `the function ${value.name}`;
  if (typeof value !== "object") return `${typeof value} ${String(value)}`;
  return `an object of class ${value.constructor?.name ?? "(none)"}`;
}
