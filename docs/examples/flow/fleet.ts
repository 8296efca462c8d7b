import { appendFileSync } from "node:fs";
import { Admin, Consumer, Producer } from "@platformatic/kafka";

const VEHICLES = 200;
const BATCH = 1_000;

interface Report {
  readonly vehicle: string;
  readonly lat: number;
  readonly lon: number;
  readonly kmh: number;
  readonly atMs: number;
}

/** A fleet that drives about: the same each time. */
function* reports(count: number): Generator<Report> {
  for (let n = 0; n < count; n++) {
    const vehicle = n % VEHICLES;
    const step = Math.floor(n / VEHICLES);
    const lat = 48 + vehicle * 0.003 + Math.sin(step / 50) * 0.05;
    const lon = 11 + vehicle * 0.002 + Math.cos(step / 70) * 0.05;
    yield { vehicle: `v${vehicle}`, lat, lon, kmh: (n * 37) % 150, atMs: 1_700_000_000_000 + n };
  }
}

/** How many of them are faster than 120 km/h. */
export function countFast(count: number): number {
  let fast = 0;
  for (const { kmh } of reports(count)) if (kmh > 120) fast++;
  return fast;
}

/** Makes the topics, and drives: each report a message whose key is its vehicle. */
export async function driveToKafka(broker: string, positions: string, fast: string, count: number): Promise<void> {
  const client = { clientId: "fleet", bootstrapBrokers: [broker], retries: 10 };
  const admin = new Admin(client);
  await admin.createTopics({ topics: [positions, fast], partitions: 4, replicas: 1 });
  await admin.close();
  const producer = new Producer(client);
  let batch: { topic: string; key: Buffer; value: Buffer }[] = [];
  const send = async () => {
    if (batch.length > 0) await producer.send({ messages: batch, acks: -1 });
    batch = [];
  };
  for (const { vehicle, ...rest } of reports(count)) {
    batch.push({ topic: positions, key: Buffer.from(vehicle), value: Buffer.from(JSON.stringify(rest)) });
    if (batch.length === BATCH) await send();
  }
  await send();
  await producer.close();
}

/** The same into a file. */
export function driveToFile(file: string, count: number): void {
  let lines: string[] = [];
  for (const report of reports(count)) {
    lines.push(JSON.stringify(report));
    if (lines.length < BATCH) continue;
    appendFileSync(file, `${lines.join("\n")}\n`);
    lines = [];
  }
  if (lines.length > 0) appendFileSync(file, `${lines.join("\n")}\n`);
}

/** Messages in a topic, by the broker's own account. */
export async function messagesIn(broker: string, topic: string): Promise<number> {
  const consumer = new Consumer({ clientId: "fleet", groupId: "count", bootstrapBrokers: [broker] });
  const offsets = await consumer.listOffsets({ topics: [topic] });
  await consumer.close();
  return (offsets.get(topic) ?? []).reduce((sum, end) => sum + Number(end), 0);
}
