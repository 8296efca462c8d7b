import assert from "node:assert/strict";
import { test } from "node:test";
import { PrometheusPage } from "../../../src/http/prometheus-page.ts";
import type { PrometheusMetric, PrometheusValue } from "../../../src/metrics/consumers/prometheus-consumer.ts";

function metric(
  name: string,
  values: readonly PrometheusValue[],
  type: PrometheusMetric["type"] = "counter",
): object {
  return { get: async () => ({ name, help: `Help of ${name}.`, type, aggregator: "sum", values }) };
}

test("families of several topologies are told together, once each", async () => {
  const page = new PrometheusPage();
  page.registryFor("a").registerMetric(metric("x_total", [{ value: 1, labels: { topology: "a" } }]));
  page.registryFor("b").registerMetric(metric("x_total", [{ value: 2.5, labels: { topology: "b" } }]));
  page.registryFor("c").registerMetric(metric("empty_total", []));
  assert.equal(
    await page.text(),
    `# HELP x_total Help of x_total.
# TYPE x_total counter
x_total{topology="a"} 1
x_total{topology="b"} 2.5
`,
  );
  page.forget("a");
  page.registryFor("b");
  assert.equal(await page.text(), "");
});

test("histograms name their parts, labels are escaped, and numbers are Prometheus'", async () => {
  const page = new PrometheusPage();
  const labels = { stream: 'a"b\\c\nd' };
  const values = [
    { metricName: "h_bucket", value: 3, labels: { ...labels, le: "+Inf" } },
    { metricName: "h_sum", value: Number.POSITIVE_INFINITY, labels: {} },
    { metricName: "h_count", value: Number.NaN, labels: {} },
  ];
  page.registryFor("a").registerMetric(metric("h", values, "histogram"));
  assert.equal(
    await page.text(),
    `# HELP h Help of h.
# TYPE h histogram
h_bucket{stream="a\\"b\\\\c\\nd",le="+Inf"} 3
h_sum +Inf
h_count NaN
`,
  );
});
