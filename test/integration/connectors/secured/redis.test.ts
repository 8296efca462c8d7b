/**
 * Goal:   TLS and credentials reach a real Redis server; those that are wrong fail the start soon, and none is shown.
 * Method: topologies with right and wrong credentials run in one process, of which every word is searched for
 *         secrets: errors with their causes, the whole log, metrics, totals, the plan.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { Redis } from "ioredis";
import { makeCertificates, opensslMissing } from "../../../services/certificates.ts";
import { redisMissing, startRedis } from "../../../services/redis.ts";
import type { Service } from "../../../services/service.ts";
import { type Attempt, assertRefused, endsOf } from "./attempts.ts";

const skip = redisMissing() || opensslMissing();
const DEADLINE = { timeout: 60_000, skip };
const PASSWORD = "open-sesame/42@gate";
const USER = "ali-baba";
const USER_PASSWORD = "forty&thieves";
const READER = "cassim";
const WRONG = "close-sesame";
const SECRETS = [PASSWORD, encodeURIComponent(PASSWORD), USER, USER_PASSWORD, READER, WRONG, "sesame", "thieves"];

let certificates: ReturnType<typeof makeCertificates>;
let server: Service;
let plain: Service;
let ca: string;
let otherCa: string;

before(async () => {
  if (skip !== false) return;
  certificates = makeCertificates();
  ca = readFileSync(certificates.authority, "utf8");
  otherCa = readFileSync(certificates.otherAuthority, "utf8");
  const users = [
    [USER, "on", `>${USER_PASSWORD}`, "~*", "+@all"],
    [READER, "on", `>${USER_PASSWORD}`, "~*", "+@read", "+@connection", "+info"],
  ];
  [server, plain] = await Promise.all([
    startRedis({ tls: certificates, password: PASSWORD, users }),
    startRedis({ password: PASSWORD }),
  ]);
});

after(async () => {
  await Promise.all([server?.stop(), plain?.stop()]);
  certificates?.remove();
});

const attempt = (name: string, kind: string, of: object, more: Partial<Attempt> = {}): Attempt => ({
  name,
  topology: "relay",
  options: { port: server.port, kind, rows: 100, server: of },
  ...more,
});

test("right credentials, over TLS, for bolts and spouts", DEADLINE, async (t) => {
  const tls = { ca };
  const client = new Redis({ port: server.port, host: "127.0.0.1", protocol: 2, password: PASSWORD, tls });
  t.after(() => client.disconnect());
  const messages = Array.from({ length: 50 }, (_, n) => String(1_000 + n));
  const url = (user: string, password: string) =>
    `rediss://${user}:${encodeURIComponent(password)}@127.0.0.1:${server.port}`;
  for (const [kind, of] of [
    ["rows", { tls, password: PASSWORD }],
    ["rows", { tls, username: USER, password: USER_PASSWORD }],
    ["rows", { tls, url: url("", PASSWORD) }],
    ["list", { tls, url: url(USER, USER_PASSWORD) }],
    ["stream", { tls, username: USER, password: USER_PASSWORD }],
  ] as const) {
    await client.flushall();
    if (kind === "list") await client.lpush("in", ...messages);
    if (kind === "stream") for (const message of messages) await client.xadd("in", "*", "message", message);
    const endsAfter = kind === "rows" ? {} : { endsAfter: { acked: messages.length, failed: 1_000 } };
    const [end] = await endsOf([attempt("right", kind, of, endsAfter)], SECRETS);
    assert.match(end!.outcome, /^(completed|killed)$/, end!.text);
    assert.equal(await client.scard("seen"), kind === "rows" ? 100 : 50, end!.text);
  }
  await client.flushall();
});

test("wrong ones fail the start soon, with what to look at, and are not shown", DEADLINE, async (t) => {
  const tls = { ca };
  const right = { tls, username: USER, password: USER_PASSWORD };
  const onPlain = { port: plain.port, kind: "rows", rows: 1, server: { password: PASSWORD, tls } };
  const cases: readonly (readonly [Attempt, RegExp])[] = [
    [attempt("another authority", "rows", { ...right, tls: { ca: otherCa } }), /certificate.*check tls: its ca/s],
    [attempt("no authority", "list", { ...right, tls: true }), /certificate.*check tls: its ca/s],
    [attempt("no TLS", "rows", { password: PASSWORD }), /look whether the server runs.*tls/s],
    [attempt("no TLS at a spout", "stream", { password: PASSWORD }), /look whether the server runs.*tls/s],
    [{ name: "TLS without need", topology: "relay", options: onPlain }, /look whether the server runs.*tls/s],
    [attempt("wrong password", "rows", { tls, password: WRONG }), /WRONGPASS.*look at username and password/s],
    [attempt("wrong user", "stream", { ...right, username: "cassimir" }), /WRONGPASS.*look at username/s],
    [
      attempt("wrong in the url", "list", {
        tls,
        url: `rediss://${USER}:${encodeURIComponent(`${PASSWORD}${WRONG}`)}@127.0.0.1:${server.port}`,
      }),
      /WRONGPASS/,
    ],
    [attempt("no password", "rows", { tls }), /NOAUTH.*look at username and password/s],
    [attempt("no right to write", "list", { ...right, username: READER }), /NOPERM.*give that user the permission/s],
  ];
  const ends = await endsOf(
    cases.map(([one]) => one),
    SECRETS,
  );
  t.diagnostic(ends.map(({ name, ms }) => `${name}: ${Math.round(ms)} ms`).join(", "));
  for (const [index, [, words]] of cases.entries()) assertRefused(ends[index]!, words);
});

test("rows that a user may not write fail, and the log shows nobody's name", DEADLINE, async () => {
  const right = { tls: { ca }, username: READER, password: USER_PASSWORD };
  const [end] = await endsOf([attempt("reader", "rows", right, { endsAfter: { acked: 1, failed: 1 } })], SECRETS);
  assert.equal(end!.outcome, "killed", end!.text);
  assert.match(end!.text, /failed: [1-9]/);
});
