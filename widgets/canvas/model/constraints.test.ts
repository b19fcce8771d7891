// Constraints set by path, each as one step that undo takes back, and none left behind empty.

import assert from "node:assert/strict";
import test from "node:test";

import { bundledCatalogue } from "../../core/bundled";
import { LocalSession } from "../../core/local";
import { SAMPLES } from "../../dev/samples";
import { about, constraintsOf, keepWith, letGo, neighbours, setDelays, setLimit, setRegion, setScope } from "./constraints";

function stand() {
  const session = new LocalSession({ catalogue: bundledCatalogue(), document: SAMPLES["ei"]! });
  return { session, document: () => session.getState().document, list: () => constraintsOf(session.getState().document) };
}

test("limits come, change and go; the list goes with the last", () => {
  const { session, document, list } = stand();
  session.dispatch(setLimit(document(), "fan_in", "exc", 64));
  session.dispatch(setLimit(document(), "fan_out", "exc", 8));
  session.dispatch(setLimit(document(), "fan_in", "exc", 32));
  assert.deepEqual(list(), [{ kind: "fan_in", path: "exc", limit: 32 }, { kind: "fan_out", path: "exc", limit: 8 }]);
  assert.deepEqual(about(document(), "exc").map(({ k }) => k), [0, 1]);
  assert.equal(session.getState().undo, "Limit the fan-in of exc to 32");
  session.dispatch(setLimit(document(), "fan_in", "exc", null));
  session.dispatch(setLimit(document(), "fan_out", "exc", null));
  assert.equal(document().constraints, undefined);
  session.undo();
  assert.equal(list().length, 1);
});

test("a region holds a chip, cores, or both", () => {
  const { session, document, list } = stand();
  session.dispatch(setRegion(document(), "exc", 1, null));
  session.dispatch(setRegion(document(), "exc", 1, [0, 32]));
  assert.deepEqual(list(), [{ kind: "region", path: "exc", chip: 1, cores: [0, 32] }]);
  session.dispatch(setRegion(document(), "exc", null, [0, 32]));
  assert.deepEqual(list(), [{ kind: "region", path: "exc", cores: [0, 32] }]);
  session.dispatch(setRegion(document(), "exc", null, null));
  assert.equal(list().length, 0);
});

test("groups grow and shrink, and one alone is no group", () => {
  const { session, document, list } = stand();
  assert.ok(neighbours(document(), bundledCatalogue(), "exc", []).includes("inh"));
  session.dispatch(keepWith(document(), "keep_together", "exc", "inh"));
  session.dispatch(keepWith(document(), "keep_together", "inh", "drive"));
  session.dispatch(setScope(document(), "keep_together", "exc", "core"));
  assert.deepEqual(list(), [{ kind: "keep_together", paths: ["exc", "inh", "drive"], scope: "core" }]);
  assert.deepEqual(neighbours(document(), bundledCatalogue(), "exc", ["inh", "drive"]), []);
  session.dispatch(letGo(document(), "keep_together", "exc", "drive"));
  session.dispatch(letGo(document(), "keep_together", "exc", "inh"));
  assert.equal(list().length, 0);
});

test("delay classes", () => {
  const { session, document, list } = stand();
  session.dispatch(setDelays(document(), "p1", [{ value: 1, unit: "ms" }]));
  assert.deepEqual(list(), [{ kind: "delay_class", path: "p1", delays: [{ value: 1, unit: "ms" }] }]);
  session.dispatch(setDelays(document(), "p1", []));
  assert.equal(list().length, 0);
});
