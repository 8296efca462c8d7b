import { existsSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { answersOn } from "./answers-on.ts";
import type { Certificates } from "./certificates.ts";
import { findProgram } from "./find-program.ts";
import { freePort, ServerProcess } from "./server-process.ts";
import type { Service } from "./service.ts";

/** A broker that a test has started. */
export interface KafkaService extends Service {
  /** As clients take it: "127.0.0.1:port". */
  readonly broker: string;
  /** The same broker behind TLS; empty without `secured`. */
  readonly tlsBroker: string;
  /** The same behind TLS and SASL (PLAIN, SCRAM-SHA-256); empty without `secured`. */
  readonly saslBroker: string;
}

export interface KafkaServiceOptions {
  /** Two listeners besides the plain one, and the only user that one of them lets in. */
  readonly secured?: { readonly certificates: Certificates; readonly username: string; readonly password: string };
}

const START_MS = 60_000;
/** A small heap, and little work of its own beside the tests. */
const JVM = "-Xmx512m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dorg.slf4j.simpleLogger.defaultLogLevel=warn";
const CLUSTER_ID = "c3Rvcm1jZWxsdGVzdHNzQQ";

/** Where `install.sh` puts the broker's jars: outside of the repository, to be found again by later runs. */
export function kafkaJars(): string {
  const cache = process.env.XDG_CACHE_HOME ?? path.join(homedir(), ".cache");
  return path.join(cache, "stormcell-test-services", "kafka-3.9.1");
}

/** For `test(name, { skip: kafkaMissing() })`: false, or a line that says how to get the broker. */
export function kafkaMissing(): string | false {
  if (findProgram("java") === null) return "java is not installed: install a Java runtime, 17 or newer";
  if (existsSync(kafkaJars()) && readdirSync(kafkaJars()).some((file) => file.startsWith("kafka_"))) return false;
  return "the Kafka broker is not installed: run test/services/install.sh (it needs java and mvn)";
}

/**
 * Starts a broker of its own on 127.0.0.1: one node in KRaft mode, which is its own controller. Its data survive
 * `kill` and `restart`, as the system's page cache does.
 */
export async function startKafka({ secured }: KafkaServiceOptions = {}): Promise<KafkaService> {
  const missing = kafkaMissing();
  if (missing !== false) throw new Error(missing);
  const port = await freePort();
  const controllerPort = await freePort();
  const tlsPort = await freePort();
  const saslPort = await freePort();
  const folder = mkdtempSync(path.join(tmpdir(), "stormcell-kafka-"));
  const properties = path.join(folder, "server.properties");
  writeFileSync(properties, propertiesOf({ port, controllerPort, tlsPort, saslPort, folder, secured }));
  const classPath = path.join(kafkaJars(), "*");
  // What `install.sh` has made of the classes that a broker loads; one of another Java is left aside by Java itself.
  const archive = `${kafkaJars()}.jsa`;
  const java = existsSync(archive) ? `java -XX:SharedArchiveFile="${archive}"` : "java";
  const formatter = `${java} -cp "${classPath}" kafka.tools.StorageTool`;
  const format = `${formatter} format -t ${CLUSTER_ID} -c "${properties}"${scramOf(secured)}`;
  const run = `${java} ${JVM} -cp "${classPath}" kafka.Kafka "${properties}"`;
  // One process for both steps: the shell formats the folder, where that was not done, and becomes the broker.
  const script = `test -e "${folder}/data/meta.properties" || ${format} || exit 1\nexec ${run}`;
  const server = await ServerProcess.start({
    name: "kafka",
    port,
    command: "/bin/sh",
    args: ["-c", script],
    folder,
    answers: () => answersVersions(port),
    startMs: START_MS,
  });
  const at = (securedPort: number) => (secured === undefined ? "" : `127.0.0.1:${securedPort}`);
  return Object.assign(server, { broker: `127.0.0.1:${port}`, tlsBroker: at(tlsPort), saslBroker: at(saslPort) });
}

interface Listeners {
  readonly port: number;
  readonly controllerPort: number;
  readonly tlsPort: number;
  readonly saslPort: number;
  readonly folder: string;
  readonly secured: KafkaServiceOptions["secured"];
}

/** For the step that formats the folder: in this mode users of SCRAM are there from the start. */
function scramOf(secured: KafkaServiceOptions["secured"]): string {
  if (secured === undefined) return "";
  return ` --add-scram 'SCRAM-SHA-256=[name=${secured.username},password=${secured.password}]'`;
}

/** The lines for listeners with TLS, and with TLS and SASL. Empty names are no lines. */
function securedProperties({ tlsPort, saslPort, secured }: Listeners) {
  if (secured === undefined) return { addresses: "", protocols: "", lines: [] };
  const { certificates, username, password } = secured;
  const plain = "org.apache.kafka.common.security.plain.PlainLoginModule required";
  const scram = "org.apache.kafka.common.security.scram.ScramLoginModule required";
  return {
    addresses: `,TLS://127.0.0.1:${tlsPort},SASL://127.0.0.1:${saslPort}`,
    protocols: ",TLS:SSL,SASL:SASL_SSL",
    lines: [
      "ssl.keystore.type=PEM",
      `ssl.keystore.location=${certificates.serverStore}`,
      "listener.name.sasl.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256",
      `listener.name.sasl.plain.sasl.jaas.config=${plain} user_${username}="${password}";`,
      `listener.name.sasl.scram-sha-256.sasl.jaas.config=${scram};`,
    ],
  };
}

function propertiesOf(listeners: Listeners): string {
  const { port, controllerPort, folder } = listeners;
  const { addresses, protocols, lines } = securedProperties(listeners);
  return [
    ...lines,
    "process.roles=broker,controller",
    "node.id=1",
    `controller.quorum.voters=1@127.0.0.1:${controllerPort}`,
    `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}${addresses}`,
    `advertised.listeners=PLAINTEXT://127.0.0.1:${port}${addresses}`,
    "inter.broker.listener.name=PLAINTEXT",
    "controller.listener.names=CONTROLLER",
    `listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT${protocols}`,
    `log.dirs=${folder}/data`,
    "num.partitions=1",
    "auto.create.topics.enable=false",
    "offsets.topic.num.partitions=1",
    "offsets.topic.replication.factor=1",
    "transaction.state.log.num.partitions=1",
    "transaction.state.log.replication.factor=1",
    "transaction.state.log.min.isr=1",
    "group.initial.rebalance.delay.ms=0",
    // After a crash the controller refuses the broker until the session of the one before it is over.
    "broker.session.timeout.ms=1000",
    "broker.heartbeat.interval.ms=250",
    // Sessions of tests may be short, so that the loss of a member shows soon.
    "group.min.session.timeout.ms=1000",
    "",
  ].join("\n");
}

/** The request that every client begins with (ApiVersions, version 0), and the number that its answer repeats. */
const REQUEST = Buffer.from("0000000d00120000000000070003656e64", "hex");
const NUMBER_AT = 4;
const NUMBER = 7;

/** True when the broker speaks its protocol: a port that is open says only that a process listens. */
function answersVersions(port: number): Promise<boolean> {
  return answersOn(port, REQUEST, (bytes) => bytes.length > NUMBER_AT + 4 && bytes.readInt32BE(NUMBER_AT) === NUMBER);
}
