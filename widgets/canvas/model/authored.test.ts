import assert from "node:assert/strict";
import test from "node:test";

import { faultsOf, freeKey, renamed, rowsOf, textOf, withField } from "./authored";

test("tables are read in every form that a document allows", () => {
  assert.deepEqual(rowsOf({ params: { tau: 20, v_th: { default: 1, unit: "mV" } } }, "params"), { tau: { default: 20 }, v_th: { default: 1, unit: "mV" } });
  assert.deepEqual(rowsOf({ states: { v: "v_rest" } }, "states"), { v: { start: "v_rest" } });
  assert.deepEqual(rowsOf({ states: [{ name: "v", start: "0" }] }, "states"), { v: { start: "0" } });
  assert.deepEqual(rowsOf({}, "states"), {});
  assert.equal(textOf(["a = 1", "b = 2"]), "a = 1\nb = 2");
});

test("an emptied field is left out, a renamed row keeps its place", () => {
  assert.deepEqual(withField({ kind: "device", write: "w = 1" }, "write", ""), { kind: "device" });
  assert.deepEqual(withField({ kind: "device" }, "write", "w = 1"), { kind: "device", write: "w = 1" });
  assert.deepEqual(Object.keys(renamed({ a: {}, b: {}, c: {} }, "b", "x")), ["a", "x", "c"]);
});

test("a finding belongs to its field, with line and column", () => {
  const findings = [
    { code: "text.name", severity: "error" as const, where: "models.m.equations", text: "Line 2, column 12: “tauu” is not known here.", fix: "Did you mean tau?" },
    { code: "unit.unknown", severity: "error" as const, where: "models.m.params.tau", text: "There is no unit “mss”.", fix: "" },
    { code: "text.form", severity: "error" as const, where: "models.m", text: "A neuron has either equations or a step.", fix: "" },
  ];
  assert.deepEqual(faultsOf(findings, "m", "equations"), [{ line: 2, column: 12, text: "“tauu” is not known here.", fix: "Did you mean tau?", severity: "error" }]);
  assert.equal(faultsOf(findings, "m", "params").length, 1);
  assert.equal(faultsOf(findings, "m", "").length, 1);
  assert.equal(faultsOf(findings, "other", "equations").length, 0);
});

test("a key of one's own is free", () => {
  assert.equal(freeKey("lif", new Set(["lif"])), "my_lif");
  assert.equal(freeKey("lif", new Set(["my_lif", "my_lif_2"])), "my_lif_3");
  assert.equal(freeKey("my_lif", new Set(["my_lif"])), "my_lif_2");
});
