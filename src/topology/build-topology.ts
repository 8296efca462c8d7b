import { EngineError } from "../base/engine-error.ts";
import { DEFAULT_INPUT } from "../component/component-code.ts";
import { checkDeclaredId } from "./check-declaration.ts";
import { DeclaredComponent, DeclaredOutput } from "./declared-component.ts";
import { isTopology, type Topology, topologyKeyOf } from "./define-topology.ts";
import { outputIdOf } from "./output-id.ts";
import { TopologyBuilder } from "./topology-builder.ts";
import type { ComponentSpec, TopologySpec } from "./topology-spec.ts";
import { validateTopology } from "./validate-topology.ts";

/**
 * Runs a topology's builder function and gives what it declared as plain, validated data, with the ports it returned.
 * The function gets a clone of the options, as it does in every other thread.
 *
 * @throws EngineError TOPOLOGY_NOT_A_TOPOLOGY, TOPOLOGY_OPTIONS_NOT_CLONEABLE, TOPOLOGY_BUILDER_FAILED,
 *   TOPOLOGY_BUILDER_ASYNC, TOPOLOGY_ILLEGAL_PORT, TOPOLOGY_PORT_NOT_RETURNED, and all of validateTopology
 */
export function buildSpec<Opt>(topology: Topology<Opt>, options: Opt): TopologySpec {
  topologyKeyOf(topology);
  const builder = new TopologyBuilder();
  return specOf(builder, runBuilder(topology, builder, cloneOptions(options)));
}

/**
 * What a builder has been told, as plain, validated data.
 *
 * @param returned the ports
 * @throws EngineError TOPOLOGY_ILLEGAL_PORT, TOPOLOGY_PORT_NOT_RETURNED, and all of validateTopology
 */
export function specOf(builder: TopologyBuilder, returned?: unknown): TopologySpec {
  const spec = completeSpec(builder, returned);
  validateTopology(spec);
  return spec;
}

function cloneOptions<Opt>(options: Opt): Opt {
  try {
    return structuredClone(options);
  } catch (cause) {
    throw new EngineError("TOPOLOGY_OPTIONS_NOT_CLONEABLE", {
      problem: "the options of the topology cannot be handed to other threads",
      facts: { reason: cause instanceof Error ? cause.message : String(cause) },
      remedy: "give plain data, without functions and methods; open connections in prepare or open",
      cause,
    });
  }
}

function runBuilder<Opt>(topology: Topology<Opt>, builder: TopologyBuilder, options: Opt): unknown {
  let returned: unknown;
  try {
    returned = topology.build(builder, options);
  } catch (cause) {
    if (cause instanceof EngineError) throw cause;
    throw new EngineError("TOPOLOGY_BUILDER_FAILED", {
      problem: "the builder function of the topology throws",
      facts: { topology: topology.key, error: cause instanceof Error ? cause.message : String(cause) },
      remedy:
        "the cause below says where; a builder function only declares, and must run without fault in every thread",
      cause,
    });
  }
  if (typeof (returned as { then?: unknown } | null | undefined)?.then !== "function") return returned;
  (returned as Promise<unknown>).then(undefined, () => {}); // Told below; a rejection would be told twice.
  throw new EngineError("TOPOLOGY_BUILDER_ASYNC", {
    problem: "the builder function of the topology returns a promise",
    facts: { topology: topology.key },
    remedy: "make it a plain function: fetch what it needs before, and hand it over in the options",
  });
}

function completeSpec(builder: TopologyBuilder, returned: unknown): TopologySpec {
  const { components, outputs, feeders, ...hooks } = builder.declared();
  const outputPorts: Record<string, string> = {};
  const feederPorts: Record<string, string> = {};
  const outputComponents: ComponentSpec[] = [];
  const open = new Set<unknown>([...outputs, ...feeders.keys()]);
  for (const [name, port] of portsOf(returned)) {
    const feeder = feeders.get(port);
    if (feeder !== undefined) feederPorts[name] = feeder;
    else if (port instanceof DeclaredOutput && outputs.includes(port)) {
      if (!open.has(port)) throw returnedTwice(name);
      checkDeclaredId("component", name);
      outputPorts[name] = outputIdOf(name);
      outputComponents.push(outputComponent(name, port, components));
    } else throw illegalPort(name, port);
    open.delete(port);
  }
  for (const port of open) throw notReturned(port, feeders.get(port));
  return { components: [...components, ...outputComponents], outputPorts, feederPorts, ...hooks };
}

function portsOf(returned: unknown): [string, unknown][] {
  if (returned === undefined) return [];
  const isPlain = typeof returned === "object" && returned !== null && !Array.isArray(returned);
  const isOnePort = returned instanceof DeclaredComponent || returned instanceof DeclaredOutput;
  if (isPlain && !isTopology(returned) && !isOnePort) return Object.entries(returned);
  throw new EngineError("TOPOLOGY_ILLEGAL_PORT", {
    problem: "the builder function of the topology returns something that is no object of ports",
    facts: { returned: returned === null ? "null" : typeof returned },
    remedy: "return nothing, or an object such as { counts: builder.output(counts) }",
  });
}

/** The main thread's end of a stream, as a consumer with one task. It sees all fields that the stream has. */
function outputComponent(name: string, port: DeclaredOutput, components: readonly ComponentSpec[]): ComponentSpec {
  const { source, stream } = port;
  const streams = components.find(({ id }) => id === source)?.outputs ?? {};
  const fields = Object.hasOwn(streams, stream) ? streams[stream]!.fields : [];
  return {
    id: outputIdOf(name),
    kind: "output",
    parallelism: 1,
    outputs: {},
    inputs: { [DEFAULT_INPUT]: fields },
    subscriptions: [{ source, stream, input: DEFAULT_INPUT, grouping: { kind: "global" }, feedback: false }],
    config: {},
    component: null,
  };
}

function illegalPort(name: string, port: unknown): EngineError {
  const isHandle = port instanceof DeclaredComponent;
  return new EngineError("TOPOLOGY_ILLEGAL_PORT", {
    problem: `the builder function returns as "${name}" something that is no port of this topology`,
    facts: { returned: isHandle ? `the component "${port.id}"` : port === null ? "null" : typeof port },
    remedy: isHandle
      ? `return { ${name}: builder.output(...) } with that component in it, to read its stream in your program`
      : "return only what output and setFeeder of this very builder returned",
  });
}

function returnedTwice(name: string): EngineError {
  return new EngineError("TOPOLOGY_ILLEGAL_PORT", {
    problem: `the builder function returns the output "${name}" under another name too`,
    remedy: "call builder.output once for each: two readers of one output would divide its tuples between them",
  });
}

function notReturned(port: unknown, feeder: string | undefined): EngineError {
  const isFeeder = feeder !== undefined;
  const { source, stream } = port as DeclaredOutput;
  return new EngineError("TOPOLOGY_PORT_NOT_RETURNED", {
    problem: isFeeder
      ? `the feeder "${feeder}" is declared, but not returned by the builder function`
      : `an output of stream "${stream}" of "${source}" is declared, but not returned by the builder function`,
    remedy: isFeeder
      ? `return { ${feeder}: ... } from the builder function: else nobody could feed it or end it`
      : "return it under a name from the builder function: else nobody could read it",
  });
}
