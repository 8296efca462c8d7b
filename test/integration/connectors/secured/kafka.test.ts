/**
 * Goal:   TLS and credentials reach a real Kafka broker; those that are wrong fail the start soon, and none is shown.
 * Method: a topology that copies a topic runs with right and wrong credentials in one process, of which every word is
 *         searched for secrets: errors with their causes, the whole log, metrics, totals, the plan.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { makeCertificates, opensslMissing } from "../../../services/certificates.ts";
import { kafkaMissing } from "../../../services/kafka.ts";
import { KafkaBed } from "../../kafka/kafka-bed.ts";
import { type Attempt, assertRefused, endsOf } from "./attempts.ts";

const skip = kafkaMissing() || opensslMissing();
const DEADLINE = { timeout: 60_000, skip };
const USERNAME = "alibaba";
const PASSWORD = "forty-thieves";
const WRONG = "fifty-thieves";
const SECRETS = [USERNAME, PASSWORD, WRONG, "thieves", Buffer.from(PASSWORD).toString("base64")];
const SOON = { connectTimeoutMs: 3_000, operationTimeoutMs: 2_000 };
const MESSAGES = 200;

let certificates: ReturnType<typeof makeCertificates>;
let bed: KafkaBed;
let ca: string;
let otherCa: string;
let attempts = 0;

before(async () => {
  if (skip !== false) return;
  certificates = makeCertificates();
  ca = readFileSync(certificates.authority, "utf8");
  otherCa = readFileSync(certificates.otherAuthority, "utf8");
  bed = await KafkaBed.start({ secured: { certificates, username: USERNAME, password: PASSWORD } });
});

after(async () => {
  await bed?.stop();
  certificates?.remove();
});

function attempt(name: string, broker: string, topics: readonly [string, string], connection: object): Attempt {
  const [topic, target] = topics;
  const options = { brokers: [broker], topic, target, group: `secured-${++attempts}` };
  return { name, topology: "copier", options: { ...options, connection: { ...SOON, ...connection } } };
}

const sasl = (password: string, mechanism = "PLAIN") => ({ mechanism, username: USERNAME, password });

test("right credentials: TLS, and both ways of SASL over it", DEADLINE, async () => {
  const { tlsBroker, saslBroker } = bed.server;
  const topic = await bed.topic(2);
  await bed.produce(topic, MESSAGES, 2);
  const targets = await Promise.all([1, 1, 1].map((partitions) => bed.topic(partitions)));
  const ways = [
    ["tls", tlsBroker, { tls: { ca } }],
    ["plain", saslBroker, { tls: { ca }, sasl: sasl(PASSWORD) }],
    ["scram", saslBroker, { tls: { ca }, sasl: sasl(PASSWORD, "SCRAM-SHA-256") }],
  ] as const;
  const ends = await endsOf(
    ways.map(([name, broker, connection], n) => attempt(name, broker, [topic, targets[n]!], connection)),
    SECRETS,
  );
  for (const [n, { name, outcome, text }] of ends.entries()) {
    assert.equal(outcome, "completed", `${name}: ${text}`);
    assert.equal(new Set(await bed.read(targets[n]!)).size, MESSAGES, name);
  }
});

test("wrong ones fail the start soon, with what to look at, and are not shown", DEADLINE, async (t) => {
  const { broker, tlsBroker, saslBroker } = bed.server;
  const topics = [await bed.topic(1), await bed.topic(1)] as const;
  const tls = { ca };
  const cases: readonly (readonly [Attempt, RegExp])[] = [
    [attempt("another authority", tlsBroker, topics, { tls: { ca: otherCa } }), /certificate.*check tls: its ca/s],
    [
      attempt("no authority", saslBroker, topics, { tls: true, sasl: sasl(PASSWORD) }),
      /certificate.*check tls: its ca/s,
    ],
    [attempt("no TLS", tlsBroker, topics, {}), /remedy: +check.*tls/s],
    [attempt("no TLS, and a password", saslBroker, topics, { sasl: sasl(PASSWORD) }), /remedy: +check.*tls/s],
    [attempt("TLS without need", broker, topics, { tls }), /remedy: +check.*tls/s],
    [attempt("wrong password", saslBroker, topics, { tls, sasl: sasl(WRONG) }), /check mechanism, username/],
    [attempt("wrong in SCRAM", saslBroker, topics, { tls, sasl: sasl(WRONG, "SCRAM-SHA-256") }), /check mechanism/],
    [attempt("no such way", saslBroker, topics, { tls, sasl: sasl(PASSWORD, "SCRAM-SHA-512") }), /check mechanism/],
    [attempt("no password", saslBroker, topics, { tls }), /remedy: +check/],
  ];
  const ends = await endsOf(
    cases.map(([one]) => one),
    SECRETS,
  );
  t.diagnostic(ends.map(({ name, ms }) => `${name}: ${Math.round(ms)} ms`).join(", "));
  for (const [index, [, words]] of cases.entries()) assertRefused(ends[index]!, words);
});
