import assert from "node:assert/strict";
import test from "node:test";

import type { ResponsePanel } from "../../core/questions";
import { looksOf, pathOf, scaleOf, tickText, ticks, valueAt } from "./plot";

const curve = (x: number[], y: number[], more = {}) => ({ x, y, label: "", form: "line" as const, quiet: false, ...more });
const panel = (curves: ResponsePanel["curves"], more = {}): ResponsePanel => ({ title: "", x: "time", x_unit: "ms", y: "v", y_unit: "mV", log_x: false, curves, ...more });
const box = { left: 10, top: 0, right: 110, bottom: 50 };

test("ticks are round and read well", () => {
  assert.deepEqual(ticks(0, 1), [0, 0.25, 0.5, 0.75, 1]);
  assert.deepEqual(ticks(-70, -50), [-70, -65, -60, -55, -50]);
  assert.deepEqual([0, -0.5, 1e6, 2.5e-4, 1200].map(tickText), ["0", "−0.5", "1e6", "2.5e−4", "1200"]);
});

test("values from zero begin at the axis, others get air", () => {
  const rising = scaleOf(panel([curve([0, 2], [0, 10])]), box);
  assert.equal(rising.y(0), 50);
  assert.equal(rising.zero, false);
  assert.deepEqual([rising.x(0), rising.x(1), rising.x(2)], [10, 60, 110]);
  const both = scaleOf(panel([curve([0, 2], [-1, 1])]), box);
  assert.ok(both.zero && both.y(-1) < 50 && both.y(1) > 0);
  const flat = scaleOf(panel([curve([1, 1], [3, 3])]), box);
  assert.ok(Number.isFinite(flat.x(1)) && Number.isFinite(flat.y(3)));
});

test("decades are apart by the same distance", () => {
  const scale = scaleOf(panel([curve([1, 1e6], [0, 1])], { log_x: true }), box);
  assert.deepEqual(scale.xTicks.map(Math.log10), [0, 2, 4, 6]);
  assert.equal(scale.x(1e3), 60);
});

test("curves in front differ, strokes and background have looks of their own", () => {
  assert.deepEqual(looksOf([curve([], [], { label: "a" }), curve([], [], { quiet: true }), curve([], [], { label: "b" }), curve([], [], { form: "ticks" })]), ["front0", "behind", "front1", "strokes"]);
  assert.equal(pathOf(curve([0, 2], [0, 10]), scaleOf(panel([curve([0, 2], [0, 10])]), { ...box, bottom: 53 })), "M10 53L110 3");
});

test("a value is read between two points, and not outside", () => {
  const line = curve([0, 1, 3], [0, 10, 20]);
  assert.deepEqual([valueAt(line, 0), valueAt(line, 0.5), valueAt(line, 2), valueAt(line, 4), valueAt(line, -1)], [0, 5, 15, null, null]);
});
