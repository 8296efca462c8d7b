import assert from "node:assert/strict";
import { test } from "node:test";
import { defineTopology } from "../../../src/index.ts";
import { isTopology, registeredKeys, topologyKeyOf, whenRegistered } from "../../../src/topology/define-topology.ts";

const build = () => {};

test("a topology's key is its module and its position there, or its name", () => {
  const url = "file:///keys.js";
  assert.equal(topologyKeyOf(defineTopology(url, build)), `${url}#1`);
  assert.equal(topologyKeyOf(defineTopology(url, build, { name: "orders" })), `${url}#name=orders`);
  assert.equal(topologyKeyOf(defineTopology(url, build)), `${url}#3`);
  assert.equal(topologyKeyOf(defineTopology("file:///other.js", build)), "file:///other.js#1");
  assert.deepEqual(registeredKeys(url), [`${url}#1`, `${url}#name=orders`, `${url}#3`]);
  assert.deepEqual(registeredKeys("file:///none.js"), []);
});

test("whoever waits for a key gets the topology, before or after it is defined", async () => {
  const url = "file:///waiting.js";
  const early = [whenRegistered(`${url}#1`), whenRegistered(`${url}#1`)];
  const topology = defineTopology(url, build);
  assert.deepEqual(new Set(await Promise.all(early)), new Set([topology]));
  assert.equal(await whenRegistered(`${url}#1`), topology);
});

test("the same name twice in a module", () => {
  defineTopology("file:///names.js", build, { name: "a" });
  defineTopology("file:///names2.js", build, { name: "a" });
  assert.throws(() => defineTopology("file:///names.js", build, { name: "a" }), { code: "TOPOLOGY_DUPLICATE_NAME" });
  for (const name of ["", "a b", "__x", 3 as never]) {
    assert.throws(() => defineTopology("file:///names.js", build, { name }), { code: "TOPOLOGY_ILLEGAL_ID" });
  }
});

test("a module url that is none, as some bundlers leave it", () => {
  for (const url of ["", undefined, null, "word-count.js", {}]) {
    assert.throws(() => defineTopology(url as string, build), { code: "TOPOLOGY_BAD_MODULE_URL" });
  }
});

test("what is no topology", () => {
  assert.throws(() => defineTopology("file:///x.js", undefined as never), { code: "TOPOLOGY_NOT_A_TOPOLOGY" });
  for (const value of [undefined, null, {}, build, { key: "x", build }]) {
    assert.equal(isTopology(value), false);
    assert.throws(() => topologyKeyOf(value), { code: "TOPOLOGY_NOT_A_TOPOLOGY" });
  }
});

test("two copies of the package in one thread share their topologies", async () => {
  const specifier = "../../../src/topology/define-topology.js?second-copy";
  const copy = (await import(specifier)) as typeof import("../../../src/topology/define-topology.ts");
  assert.notEqual(copy.defineTopology, defineTopology);
  const topology = copy.defineTopology("file:///copies.js", build);
  assert.equal(isTopology(topology), true);
  assert.equal(await whenRegistered("file:///copies.js#1"), topology);
  assert.equal(topologyKeyOf(defineTopology("file:///copies.js", build)), "file:///copies.js#2");
});
