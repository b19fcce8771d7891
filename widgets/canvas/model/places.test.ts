// Paths of findings and the places they lead to.

import assert from "node:assert/strict";
import test from "node:test";

import type { InstanceNode } from "../../core/document";
import { complete } from "../../core/complete";
import { SAMPLES } from "../../dev/samples";
import { pathPattern, pathText, placeOf } from "./places";

const columns = complete(SAMPLES["columns"]!);

test("a path is followed through instances to the field", () => {
  const place = placeOf(columns, "cols[1].exc.v_th");
  assert.deepEqual(place.trail, [{ circuit: "sheet" }, { circuit: "column", via: "cols" }]);
  assert.equal(place.node, "exc");
  assert.equal(place.field, "v_th");
});

test("what an instance overrides stands there: the outermost wins, and the one that names the copy", () => {
  const sheet = [{ circuit: "sheet" }];
  assert.deepEqual(placeOf(columns, "cols[1].exc.tau_m"), { trail: sheet, node: "cols", field: "exc.tau_m", tail: "exc.tau_m" });
  assert.equal(placeOf(columns, "cols.exc.tau_m").node, "cols");
  const cols = columns.circuits["sheet"]!.nodes["cols"] as InstanceNode;
  const given = (override: InstanceNode["override"]) => ({ ...columns, circuits: { ...columns.circuits, sheet: { ...columns.circuits["sheet"]!, nodes: { cols: { ...cols, override } } } } });
  const both = given({ "[1].exc.tau_m": 10, "exc.tau_m": 15, "p1.kinetics.tau": 2 });
  assert.equal(placeOf(both, "cols[1].exc.tau_m").field, "[1].exc.tau_m");
  assert.equal(placeOf(both, "cols[0].exc.tau_m").field, "exc.tau_m");
  assert.equal(placeOf(both, "cols[0].p1.kinetics.tau").field, "p1.kinetics.tau");
  assert.equal(placeOf(given({ "[1].exc.tau_m": 10 }), "cols[0].exc.tau_m").node, "exc", "of another copy");
  const s: InstanceNode = { kind: "instance", name: "S", of: "sheet", override: { "cols[0].exc.tau_m": 9 } };
  const twice = { ...columns, main: "outer", circuits: { ...columns.circuits, outer: { nodes: { s }, projections: {}, ports: {} } } };
  assert.equal(placeOf(twice, "s.cols[0].exc.tau_m").field, "cols[0].exc.tau_m");
  assert.deepEqual(placeOf(twice, "s.cols[1].exc.tau_m").trail, [{ circuit: "outer" }, { circuit: "sheet", via: "s" }]);
});

test("a path may begin inside a circuit", () => {
  const place = placeOf(columns, "column:p2.kinetics.tau");
  assert.deepEqual(place.trail.at(-1), { circuit: "column" });
  assert.equal(place.projection, "p2");
  assert.equal(place.tail, "kinetics.tau");
});

test("what is neither node nor projection is a field of the document", () => {
  assert.deepEqual(placeOf(columns, "run.duration"), { trail: [{ circuit: "sheet" }], field: "duration", tail: "run.duration" });
  assert.equal(placeOf(columns, "").tail, "");
});

test("a box stands for all its copies, and for nothing else", () => {
  const trail = [{ circuit: "sheet" }, { circuit: "column", via: "cols" }];
  const pattern = pathPattern(trail, "exc");
  for (const path of ["cols[0].exc", "cols[12].exc", "cols.exc"]) assert.match(path, pattern);
  for (const path of ["exc", "cols[0].exc2", "other[0].exc", "cols[0].inh"]) assert.doesNotMatch(path, pattern);
  assert.equal(pathText(trail, "exc"), "cols.exc");
});
