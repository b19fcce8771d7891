// Which states are recorded, read from and written to the document's list.

import assert from "node:assert/strict";
import test from "node:test";

import { isRecorded, withoutRecorded, withRecorded } from "./recorded";

test("a state is recorded of the first neurons, once, and given up again", () => {
  const spikes = { path: "exc", what: "spikes" };
  const some = withRecorded([spikes], "exc", 800, "v");
  assert.deepEqual(some, [spikes, { path: "exc[0:8]", what: "v" }]);
  assert.deepEqual(withRecorded(some, "exc", 800, "v"), some);
  assert.deepEqual(withoutRecorded(some, "exc", "v"), [spikes]);
});

test("a small population is recorded whole, and a copy's inside is not its copy", () => {
  assert.deepEqual(withRecorded([], "out", 3, "v"), [{ path: "out", what: "v" }]);
  assert.equal(isRecorded([{ path: "col[0].exc", what: "v" }], "col", "v"), false);
  assert.equal(isRecorded([{ path: "exc2[0:8]", what: "v" }], "exc", "v"), false);
});
