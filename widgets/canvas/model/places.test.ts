// Paths of findings and the places they lead to.

import assert from "node:assert/strict";
import test from "node:test";

import { complete } from "../../core/complete";
import { SAMPLES } from "../../dev/samples";
import { pathPattern, pathText, placeOf } from "./places";

const columns = complete(SAMPLES["columns"]!);

test("a path is followed through instances to the field", () => {
  const place = placeOf(columns, "cols[1].exc.tau_m");
  assert.deepEqual(place.trail, [{ circuit: "sheet" }, { circuit: "column", via: "cols" }]);
  assert.equal(place.node, "exc");
  assert.equal(place.field, "tau_m");
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
