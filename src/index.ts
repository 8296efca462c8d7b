export { type Clock, VirtualClock } from "./base/clock.ts";
export { EngineError, type ErrorDetails } from "./base/engine-error.ts";
export { type ErrorCode, errorCatalog } from "./base/error-catalog.ts";
export type { Logger, LogLevel } from "./base/log.ts";
export { nearestName } from "./base/nearest-name.ts";
export { Prng } from "./base/prng.ts";
export {
  BasicBolt,
  BasicBoltBase,
  type BasicBoltCreateSpec,
  type BasicBoltHooks,
  type BasicBoltSpec,
  basicBolt,
} from "./component/basic-bolt.ts";
export type { Claim, ClaimOptions } from "./component/claim.ts";
export type {
  BoltClass,
  BoltSchema,
  BoltStatics,
  ComponentOptions,
  SpoutClass,
  SpoutSchema,
  SpoutStatics,
} from "./component/component-schema.ts";
export { FailedException, ReportedFailedException } from "./component/failed-exception.ts";
export {
  type DeadLetterTarget,
  DroppedRow,
  type DroppedTuple,
  type FailurePolicy,
  type FailurePolicyName,
  type FailureSettings,
  type RestartBackoff,
} from "./component/failure-policy.ts";
export { fromAsyncIterable, fromIterable, fromStream } from "./component/from-iterable.ts";
export type {
  MetricCounter,
  MetricGauge,
  MetricHistogram,
  MetricHistogramOptions,
  MetricMeter,
  MetricsContext,
} from "./component/metrics-context.ts";
export type { Anchors, BasicCollector, OutputCollector, SpoutCollector } from "./component/output-collector.ts";
export {
  type DirectStream,
  direct,
  type FieldsOfStream,
  isFields,
  type Outputs,
  type Streams,
} from "./component/outputs.ts";
export {
  type Backoff,
  DeadLetter,
  type Letter,
  type LetterBox,
  type ReplayOptions,
  type ReplayRules,
  type ReplayWhen,
} from "./component/replay-options.ts";
export { type ReplayOutputs, type ReplayStreams, replaying } from "./component/replaying.ts";
export {
  RichBolt,
  RichBoltBase,
  type RichBoltCreateSpec,
  type RichBoltHooks,
  type RichBoltSpec,
  richBolt,
} from "./component/rich-bolt.ts";
export { type ResourceWriter, type SingleWriterOptions, singleWriter } from "./component/single-writer.ts";
export {
  type AckInfo,
  type FailInfo,
  type FailReason,
  type NextTuple,
  type SettledInfo,
  Spout,
  SpoutBase,
  type SpoutCreateSpec,
  type SpoutHooks,
  type SpoutSpec,
  type SpoutStart,
  spout,
} from "./component/spout.ts";
export type { TaskContext } from "./component/task-context.ts";
export type { BoltTupleInfo, EmitInfo, SpoutTupleInfo, TaskHook, TaskHookFactory } from "./component/task-hook.ts";
export type { WorkerContext, WorkerHook, WorkerHookFactory } from "./component/worker-hook.ts";
export { type AttemptEnd, type SpoutWrapper, type WrapSpec, wrapSpout } from "./component/wrap-spout.ts";
export type { ClusterConfig, ComponentConfig, OptionValues, TopologyConfig } from "./config/option-values.ts";
export { LocalCluster, type LocalClusterConfig, runTopology, type SubmitSettings } from "./engine/cluster.ts";
export type { PhysicalPlan } from "./engine/plan/physical-plan.ts";
export { describePlan } from "./engine/plan/plan-text.ts";
export type { EventInspector, LogLevels, Run, WorkerProfiler } from "./engine/run.ts";
export type { InspectedHop, InspectedPath, InspectedTuple } from "./engine/run-inspector.ts";
export type { LogLevelState, ProfileFile } from "./engine/run-tools.ts";
export type { RunEvents, RunOutcome, RunState, RunSummary, RunTotals } from "./engine/run-types.ts";
export type { CustomGrouper, CustomGroupingContext } from "./grouping/grouping-spec.ts";
export { assignKeyGroups, KEY_GROUP_COUNT, keyGroupOf } from "./grouping/key-groups.ts";
export { hashKey } from "./grouping/key-hash.ts";
export { type Dashboard, serveUi } from "./http/serve-ui.ts";
export type { UiOption, UiOptions } from "./http/ui-settings.ts";
export { type FlowReportOptions, flowReport } from "./metrics/consumers/flow-report.ts";
export { type JsonLinesOptions, jsonLinesConsumer } from "./metrics/consumers/json-lines-consumer.ts";
export { logConsumer } from "./metrics/consumers/log-consumer.ts";
export { type PrometheusRegistry, prometheusConsumer } from "./metrics/consumers/prometheus-consumer.ts";
export type { CountSource } from "./metrics/count-source.ts";
export type { MetricsConsumer, MetricsReport } from "./metrics/metrics-consumer.ts";
export type {
  ComponentMetrics,
  MetricCounts,
  MetricsSnapshot,
  SnapshotOptions,
  WindowMetrics,
} from "./metrics/metrics-snapshot.ts";
export type { WindowName } from "./metrics/rolling-windows.ts";
export type { ConsumerOptions } from "./metrics/run-metrics.ts";
export type { BoltDeclarer } from "./topology/bolt-declarer.ts";
export { buildSpec } from "./topology/build-topology.ts";
export { defineTopology, type Topology } from "./topology/define-topology.ts";
export type { ComponentHandle, StreamHandle } from "./topology/stream-handle.ts";
export { type ComponentSettings, TopologyBuilder } from "./topology/topology-builder.ts";
export type { Feeder, FeederPort, Output, OutputPort, Ports } from "./topology/topology-ports.ts";
export type {
  ComponentSpec,
  GroupingSpec,
  StreamSpec,
  SubscriptionSpec,
  TopologySpec,
} from "./topology/topology-spec.ts";
export type { ColumnType, FieldSpec } from "./tuple/field-spec.ts";
export type { Fields, Names, Row, Values } from "./tuple/field-types.ts";
export { fields } from "./tuple/fields.ts";
export { type TickTuple, TupleUtils } from "./tuple/tick-tuple.ts";
export type { AnyTuple, Inputs, Tuple, TupleInfo } from "./tuple/tuple.ts";
