/**
 * Goal:   whoever is not the user of this machine, or not on our page, gets nothing and changes nothing.
 * Method: requests byte by byte to a real server with a topology that notes what is asked of it; each is refused.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { allRoutes } from "../../../src/http/http-server.ts";
import { exchange, type OpenServer, openServer, type RawRequest, readAnswer, sendRaw, TOKEN } from "./ui-server.ts";

const API = "/api/v1/topology/word-count";
const KILL = `${API}/kill/0`;
const AUTHORIZED = `Authorization: Bearer ${TOKEN}`;

type Probe = readonly [name: string, status: number, request: (server: OpenServer) => RawRequest];

const host = ({ host: name }: OpenServer): string => `Host: ${name}`;
const port = ({ dashboard }: OpenServer): number => dashboard.port;

function withHost(value: (server: OpenServer) => string): (server: OpenServer) => RawRequest {
  return (server) => ({ target: API, headers: [`Host: ${value(server)}`, AUTHORIZED] });
}

function withHeaders(...headers: string[]): (server: OpenServer) => RawRequest {
  return (server) => ({ method: "POST", target: KILL, headers: [host(server), ...headers] });
}

function target(path: string, method = "GET"): (server: OpenServer) => RawRequest {
  return (server) => ({ method, target: path, headers: [host(server), AUTHORIZED] });
}

const PROBES: readonly Probe[] = [
  ["no Host", 421, () => ({ target: API, headers: [AUTHORIZED] })],
  ["an empty Host", 421, withHost(() => "")],
  ["another Host", 421, withHost((server) => `evil.example:${port(server)}`)],
  ["a Host that begins as ours", 421, withHost((server) => `127.0.0.1.evil.example:${port(server)}`)],
  ["a Host that ends as ours", 421, withHost((server) => `evil-127.0.0.1:${port(server)}`)],
  ["Host without the port", 421, withHost(() => "127.0.0.1")],
  ["Host with another port", 421, withHost(() => "127.0.0.1:1")],
  ["Host with a user", 421, withHost((server) => `x@127.0.0.1:${port(server)}`)],
  ["an address that is not listened on", 421, withHost((server) => `10.1.2.3:${port(server)}`)],
  ["Host twice", 421, (server) => ({ target: API, headers: [host(server), "Host: evil.example", AUTHORIZED] })],
  ["another Host for the page itself", 421, (server) => ({ target: "/", headers: [`Host: x:${port(server)}`] })],
  ["another Host for health", 421, (server) => ({ target: "/healthz", headers: [`Host: x:${port(server)}`] })],
  ["another Origin", 403, withHeaders(AUTHORIZED, "Origin: http://evil.example")],
  ["Origin null", 403, withHeaders(AUTHORIZED, "Origin: null")],
  ["an Origin by https", 403, (server) => ({ ...withHeaders(AUTHORIZED, `Origin: https://${server.host}`)(server) })],
  ["an Origin of another port", 403, withHeaders(AUTHORIZED, "Origin: http://127.0.0.1:1")],
  [
    "an Origin of another name of ours",
    403,
    (server) => withHeaders(AUTHORIZED, `Origin: http://localhost:${port(server)}`)(server),
  ],
  ["two Origins", 403, (server) => withHeaders(AUTHORIZED, `Origin: http://${server.host}`, "Origin: null")(server)],
  ["another site, by Sec-Fetch-Site", 403, withHeaders(AUTHORIZED, "Sec-Fetch-Site: cross-site")],
  ["a neighbour, by Sec-Fetch-Site", 403, withHeaders(AUTHORIZED, "Sec-Fetch-Site: same-site")],
  [
    "another Origin that reads",
    403,
    (server) => ({ target: API, headers: [host(server), "Origin: http://evil.example"] }),
  ],
  ["no token", 401, withHeaders()],
  ["a wrong token", 401, withHeaders("Authorization: Bearer wrong-wrong-wrong-wrong")],
  ["a token that begins right", 401, withHeaders(`Authorization: Bearer ${TOKEN}x`)],
  ["a part of the token", 401, withHeaders(`Authorization: Bearer ${TOKEN.slice(0, -1)}`)],
  ["the token in capitals", 401, withHeaders(`Authorization: Bearer ${TOKEN.toUpperCase()}`)],
  ["an empty token", 401, withHeaders("Authorization: Bearer ")],
  [
    "the token as a password",
    401,
    withHeaders(`Authorization: Basic ${Buffer.from(`x:${TOKEN}`).toString("base64")}`),
  ],
  ["the token without its scheme", 401, withHeaders(`Authorization: ${TOKEN}`)],
  ["the token twice", 401, withHeaders(AUTHORIZED, AUTHORIZED)],
  ["the token in a cookie", 401, withHeaders(`Cookie: token=${TOKEN}`)],
  ["the token in a header of its own", 401, withHeaders(`X-Token: ${TOKEN}`)],
  [
    "a wrong token where none is needed",
    401,
    (server) => ({ target: API, headers: [host(server), "Authorization: Bearer x"] }),
  ],
  [
    "the token in the query",
    400,
    (server) => ({ method: "POST", target: `${KILL}?token=${TOKEN}`, headers: [host(server)] }),
  ],
  ["the token in the query, beside the header", 400, target(`${KILL}?access_token=${TOKEN}`, "POST")],
  ["JSONP", 400, target(`${API}?callback=f`)],
  ["GET that would kill", 405, target(KILL)],
  ["GET that would deactivate", 405, target(`${API}/deactivate`)],
  ["GET that would kill, without a token", 401, (server) => ({ target: KILL, headers: [host(server)] })],
  ["HEAD", 405, target(API, "HEAD")],
  ["PUT", 405, target(KILL, "PUT")],
  ["DELETE", 405, target(API, "DELETE")],
  ["OPTIONS, as before a request of another site", 405, target(KILL, "OPTIONS")],
  ["POST to a page", 405, target("/", "POST")],
  [
    "POST that overrides its method",
    405,
    (server) => ({ target: KILL, headers: [host(server), AUTHORIZED, "X-HTTP-Method-Override: POST"] }),
  ],
  ["TRACE", 405, target(API, "TRACE")],
  ["a path upwards", 400, target("/../package.json")],
  ["a path upwards, encoded", 400, target("/%2e%2e/package.json")],
  ["a path upwards, encoded twice", 400, target("/%252e%252e/package.json")],
  ["a path upwards behind a file", 400, target("/app.js/../../package.json")],
  ["an encoded slash", 400, target("/..%2fpackage.json")],
  ["an encoded backslash", 400, target("/..%5cpackage.json")],
  ["a backslash", 400, target("/..\\package.json")],
  ["two slashes", 400, target("//evil.example/")],
  ["a whole url", 400, target("http://evil.example/")],
  ["a zero byte", 400, target("/app.js%00.html")],
  ["a line break", 400, target("/%0d%0aSet-Cookie:%20x=y")],
  ["broken encoding", 400, target("/%E0%A4%A")],
  ["a file that is not ours", 404, target("/package.json")],
  ["a file of the vendor's folder that is not listed", 404, target("/vendor/package.json")],
  ["a name that every object has", 404, target("/constructor")],
  ["a topology that every object has", 404, target("/api/v1/topology/__proto__")],
  ["an unknown topology", 404, target("/api/v1/topology/nothing")],
  ["an unknown topology to kill", 404, target("/api/v1/topology/nothing/kill/0", "POST")],
  ["an unknown component", 404, target(`${API}/component/nothing`)],
  ["an unknown histogram", 404, target(`${API}/component/split/histogram/nothing`)],
  ["an unknown worker", 404, target(`${API}/profiling/dumpheap/99`, "POST")],
  ["a worker that is a path", 400, target(`${API}/profiling/dumpheap/..`, "POST")],
  ["an unknown window", 400, target(`${API}?window=61`)],
  ["a window twice", 400, target(`${API}?window=600&window=600`)],
  ["a wait that is no number", 400, target(`${API}/kill/soon`, "POST")],
  ["a wait below 0", 400, target(`${API}/kill/-1`, "POST")],
  ["a wait of a week", 400, target(`${API}/kill/604800`, "POST")],
  ["a long target", 414, target(`/${"a".repeat(3_000)}`)],
  ["long headers", 431, withHeaders(AUTHORIZED, `X-Long: ${"a".repeat(10_000)}`)],
  [
    "a body where none is taken",
    400,
    (server) => ({
      method: "POST",
      target: KILL,
      headers: [host(server), AUTHORIZED, "Content-Length: 2"],
      body: "{}",
    }),
  ],
  [
    "a body that says it is too large",
    413,
    (server) => ({
      method: "POST",
      target: `${API}/logconfig`,
      headers: [host(server), AUTHORIZED, "Content-Type: application/json", "Content-Length: 100000"],
    }),
  ],
  [
    "a body that grows too large",
    413,
    (server) => ({
      method: "POST",
      target: `${API}/logconfig`,
      headers: [host(server), AUTHORIZED, "Content-Type: application/json", "Transfer-Encoding: chunked"],
      body: `5000\r\n${"a".repeat(0x5000)}\r\n0\r\n\r\n`,
    }),
  ],
  [
    "a form, as another site could send it",
    415,
    (server) => ({
      method: "POST",
      target: `${API}/logconfig`,
      headers: [host(server), AUTHORIZED, "Content-Type: application/x-www-form-urlencoded", "Content-Length: 3"],
      body: "a=b",
    }),
  ],
  [
    "a body that is not JSON",
    400,
    (server) => ({
      method: "POST",
      target: `${API}/logconfig`,
      headers: [host(server), AUTHORIZED, "Content-Type: application/json", "Content-Length: 3"],
      body: "{a}",
    }),
  ],
  [
    "two lengths",
    400,
    (server) => ({
      method: "POST",
      target: KILL,
      headers: [host(server), AUTHORIZED, "Content-Length: 1", "Content-Length: 2"],
    }),
  ],
  [
    "a length and chunks, to smuggle a request",
    400,
    (server) => ({
      method: "POST",
      target: KILL,
      headers: [host(server), AUTHORIZED, "Content-Length: 4", "Transfer-Encoding: chunked"],
      body: "0\r\n\r\n",
    }),
  ],
];

test("requests that must be refused are, and change nothing", async () => {
  await using server = await openServer();
  assert.ok(PROBES.length >= 60);
  for (const [name, status, request] of PROBES) {
    const answer = await sendRaw(server, request(server));
    assert.equal(answer.status, status, `${name}: ${answer.body.slice(0, 200)}`);
    assert.ok(![...answer.headers.keys()].some((header) => header.startsWith("access-control")), name);
    assert.deepEqual(server.topology.calls, [], name);
  }
});

test("every route: its permission holds for every way to ask", async () => {
  await using server = await openServer();
  for (const { method, path, permission } of allRoutes) {
    const url = path
      .replace(":id", "word-count")
      .replace(":component", "split")
      .replace(":histogram", "execute")
      .replace(":worker", "0")
      .replace(":action", "enable")
      .replace(/:(wait|pct|timeout)/, "1");
    const send = (...headers: string[]) =>
      sendRaw(server, { method, target: url, headers: [host(server), ...headers] });
    if (permission === "secret" || permission === "change") {
      assert.equal((await send()).status, 401, `${method} ${url} without a token`);
    }
    assert.equal((await send("Authorization: Bearer wrong-wrong-wrong")).status, 401, `${method} ${url}`);
    assert.equal((await send(AUTHORIZED, "Origin: http://evil.example")).status, 403, `${method} ${url}`);
    const other = await sendRaw(server, {
      method: method === "GET" ? "POST" : "GET",
      target: url,
      headers: [host(server), AUTHORIZED],
    });
    // The one path with both methods answers that it is not offered.
    assert.equal(other.status, url.endsWith("/logconfig") ? 501 : 405, `${method} ${url} with the other method`);
  }
  assert.deepEqual(server.topology.calls, []);
});

test("on an address that others reach, only health and the pages' files are told without the token", async () => {
  await using server = await openServer({ host: "0.0.0.0" });
  const read = allRoutes.filter(({ permission }) => permission === "read");
  for (const { path } of read) {
    const url = path.replace(":id", "word-count").replace(":component", "split").replace(":histogram", "execute");
    assert.equal((await sendRaw(server, { target: url })).status, 401, url);
  }
  assert.equal((await sendRaw(server, { target: "/healthz" })).status, 200);
  assert.equal((await sendRaw(server, { target: "/" })).status, 200);
});

test("every answer has the headers that protect the page, also one that refuses", async () => {
  await using server = await openServer();
  for (const path of ["/", "/app.js", API, "/nothing", "/healthz", KILL]) {
    const { headers } = await sendRaw(server, { target: path });
    const policy = headers.get("content-security-policy") ?? "";
    for (const rule of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"]) {
      assert.ok(policy.includes(rule), `${path}: ${rule}`);
    }
    assert.ok(!policy.includes("unsafe"), path);
    assert.equal(headers.get("x-content-type-options"), "nosniff", path);
    assert.equal(headers.get("referrer-policy"), "no-referrer", path);
    assert.equal(headers.get("set-cookie"), undefined, path);
    assert.equal(headers.get("x-powered-by"), undefined, path);
  }
});

test("what a request names comes back as JSON that no browser takes for markup", async () => {
  await using server = await openServer();
  const { status, headers, body } = await sendRaw(server, {
    target: "/api/v1/topology/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
  });
  assert.equal(status, 400, "an encoded slash");
  const answer = await sendRaw(server, { target: "/api/v1/topology/%3Cimg%20src=x%3E" });
  assert.deepEqual([answer.status, answer.headers.get("content-type")], [404, "application/json; charset=utf-8"]);
  assert.equal(headers.get("content-type"), "application/json; charset=utf-8");
  assert.ok(!body.includes("<script"));
});

const SHORT = { limits: { headersMs: 200, requestMs: 400 } };

test("a request whose headers never end is closed, and does not hold up others", async () => {
  await using server = await openServer({}, SHORT);
  const slow = exchange(server.dashboard.port, `GET / HTTP/1.1\r\nHost: ${server.host}\r\nX-Slow: `);
  assert.equal((await sendRaw(server, { target: "/healthz" })).status, 200);
  assert.equal(readAnswer(await slow).status, 408);
});

test("a request whose body never comes is closed", async () => {
  await using server = await openServer({}, SHORT);
  const head = [
    `POST ${API}/logconfig HTTP/1.1`,
    host(server),
    AUTHORIZED,
    "Content-Type: application/json",
    "Content-Length: 100",
  ];
  const answer = readAnswer(await exchange(server.dashboard.port, `${head.join("\r\n")}\r\n\r\n{`));
  assert.ok(answer.status === 408 || answer.status === 0, String(answer.status));
});

test("an upgrade and a tunnel are closed without an answer", async () => {
  await using server = await openServer();
  const upgrade = [`GET / HTTP/1.1`, host(server), "Connection: Upgrade", "Upgrade: websocket"];
  assert.equal(await exchange(server.dashboard.port, `${upgrade.join("\r\n")}\r\n\r\n`), "");
  const tunnel = `CONNECT evil.example:80 HTTP/1.1\r\n${host(server)}\r\n\r\n`;
  assert.equal(await exchange(server.dashboard.port, tunnel), "");
});
