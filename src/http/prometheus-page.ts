import type {
  PrometheusMetric,
  PrometheusRegistry,
  PrometheusValue,
} from "../metrics/consumers/prometheus-consumer.ts";

/** What a registry is handed: it asks for the values when the text is made. */
interface Registered {
  get(): Promise<PrometheusMetric>;
}

/**
 * Prometheus' text format of several topologies in one: each gets a registry of its own, and families of one name are
 * told together, as the format demands.
 */
export class PrometheusPage {
  readonly #registries = new Map<string, Registered[]>();

  /** The registry of a topology; one of that name from before is forgotten. */
  registryFor(topology: string): PrometheusRegistry {
    const registered: Registered[] = [];
    this.#registries.set(topology, registered);
    return { registerMetric: (metric) => void registered.push(metric as Registered) };
  }

  forget(topology: string): void {
    this.#registries.delete(topology);
  }

  async text(): Promise<string> {
    const metrics = await Promise.all([...this.#registries.values()].flat().map((metric) => metric.get()));
    const families = new Map<string, PrometheusMetric[]>();
    for (const metric of metrics) families.set(metric.name, [...(families.get(metric.name) ?? []), metric]);
    return [...families.values()].map(familyText).join("");
  }
}

function familyText(metrics: readonly PrometheusMetric[]): string {
  const { name, help, type } = metrics[0]!;
  const values = metrics.flatMap((metric) => metric.values);
  if (values.length === 0) return "";
  const lines = values.map((value) => sampleLine(name, value));
  return [`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${type}`, ...lines, ""].join("\n");
}

function sampleLine(family: string, { value, labels, metricName }: PrometheusValue): string {
  const texts = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(String(text))}"`);
  return `${metricName ?? family}${texts.length === 0 ? "" : `{${texts.join(",")}}`} ${valueText(value)}`;
}

function valueText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? "+Inf" : "-Inf";
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}
