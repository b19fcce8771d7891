import assert from "node:assert/strict";
import test from "node:test";

import { columnsOf, HIGH, linesOf, marksOf, ROW, WIDE } from "./picture";
import { twinOf, type RasterRows } from "./twin";

test("the twin run in a few lines", () => {
  const twin = twinOf({ replayed: { exact: true, difference: "" }, failures: ["It is off."], populations: { exc: { rate: [19.034, null], rate_error: 0.5, van_rossum_spike: 0.416 } }, task: { ideal: 0.97, chip: 0.975, n: 400 } })!;
  assert.match(twin.verdict, /agrees exactly with the emulator\. It is off\.$/);
  assert.deepEqual(twin.rates, [{ path: "exc", ideal: "19.03 Hz", chip: "–", shares: [1, 0], off: "50.0 %", distance: "0.42" }]);
  assert.equal(twin.task, "Accuracy 97.0 % ideal, 97.5 % on the chip, 400 patterns.");
  assert.equal(twin.raster, null);
  assert.deepEqual(twin.states, []);
  const { states } = twinOf({ ...{ replayed: {}, failures: [], populations: {} }, outputs: { "exc.v": { rms: 0.5, range: 20, correlation: null, unit: "mV", neuron: 4, t_ms: [1, 2], ideal: [-65, -60], chip: [-65, null] } }, learnt: { p1: { rms: 0.1, range: 1, correlation: 0.9, unit: "nA" } } })!;
  assert.deepEqual(states.map(({ path, rms, correlation }) => [path, rms, correlation]), [["exc.v", "0.5\u202fmV", "–"], ["p1", "0.1\u202fnA", "0.9"]]);
  const [ideal, chip] = linesOf(states[0]!.shown!);
  assert.match(ideal, /^M300\.0 45\.0L600\.0 3\.0$/);
  assert.equal(chip, "M300.0 45.0", "a value is missing");
  assert.equal(states[1]!.shown, null);
  assert.equal(twinOf(null), null);
});

test("both runs in one picture: a stroke for every spike, and columns of all of them", () => {
  const one: RasterRows = { neurons: [3, 7], fired: 9, row: [0, 1, 1, 0], ms: [0, 50, 60, 100], kind: [0, 1, 2, 2], bins: { both: [1, 0], ideal: [1, 0], chip: [0, 4] } };
  const [both, ideal, chip] = marksOf(one, 100);
  assert.equal(both, `M0.0 ${(0.06 * ROW).toFixed(1)}v${(0.88 * ROW).toFixed(1)}`);
  assert.match(ideal!, new RegExp(`^M${WIDE / 2}\\.0 `));
  assert.equal(chip!.match(/M/g)?.length, 2);
  const columns = columnsOf(one);
  assert.deepEqual(columns.map(({ kind, height }) => [kind, height]), [[0, HIGH / 4], [1, HIGH / 4], [2, HIGH]]);
  assert.equal(columns[1]!.y, HIGH / 2, "on top of those of both");
  assert.equal(columns[2]!.y, 0);
  assert.ok(columns[2]!.x + columns[2]!.width < WIDE);
});
