import assert from "node:assert/strict";
import { test } from "node:test";
import * as library from "@platformatic/kafka";
import { keepErrors } from "../../../../src/connectors/kafka/kafka-client.ts";

test("a connection to a broker that has left the cluster is an error, and nothing that ends the thread", () => {
  const client = new library.Consumer({ clientId: "c", groupId: "g", bootstrapBrokers: ["127.0.0.1:1"] });
  keepErrors(client, library);
  let told: Error | null = null;
  const get = client.connections.get.bind(client.connections) as unknown as (
    broker: undefined,
    done: (error: Error) => void,
  ) => void;
  get(undefined, (error) => {
    told = error;
  });
  assert.match(String(told), /left the cluster/);
  // The library asks its errors for what is in them.
  assert.equal(
    (told as unknown as { findBy(name: string, value: unknown): unknown }).findBy("canRetry", false),
    null,
  );
});
