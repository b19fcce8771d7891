// The arithmetic under the plots: what is counted where, and what the axes say.

import assert from "node:assert/strict";
import test from "node:test";

import { SpikeStore } from "../core/spikes";
import { binActivity } from "./activity-bins";
import { layBands, neuronAt, rowLines } from "./bands";
import { count, firstAt, opacities } from "./density";
import { parseRgb } from "./palette";
import { showTime, ticks, timeTicks } from "./ticks";
import { TimeView } from "./time-view";

const row = (path: string, size: number, offset: number) => ({ path, name: path, size, offset, kind: "population" as const });

test("the window of time is found by halving", () => {
  const steps = Uint32Array.of(1, 3, 3, 7, 9, 0, 0);
  assert.deepEqual([0, 1, 2, 3, 4, 9, 10].map((step) => firstAt(steps, 5, step)), [0, 0, 1, 1, 3, 4, 5]);
});

test("every spike of the window is counted once, at its pixel", () => {
  const n = 5000;
  const steps = Uint32Array.from({ length: n }, (_, k) => k);
  const ids = Uint32Array.from({ length: n }, (_, k) => k % 10);
  const lines = rowLines(layBands([row("a", 10, 0)]), 0, 1, 10);
  const grid = count(steps, ids, n, { from: 1000, to: 3000, lines, mark: { width: 1, height: 1 } }, 100, 10);
  assert.equal(grid.inside, 2000);
  assert.equal(grid.counts.reduce((sum, c) => sum + c, 0), 2000);
  assert.equal(grid.most, 2);
  for (let line = 0; line < 10; line++) assert.equal(grid.counts.subarray(line * 100, line * 100 + 100).reduce((sum, c) => sum + c, 0), 200);
});

test("a mark covers its pixels and never leaves the picture", () => {
  const grid = count(Uint32Array.of(9), Uint32Array.of(0), 1, { from: 0, to: 10, lines: Int32Array.of(0), mark: { width: 3, height: 3 } }, 10, 4);
  assert.deepEqual([...grid.counts].flatMap((c, k) => (c ? [k] : [])), [9, 19]);
});

test("one spike is well visible and the most is full, in between logarithmic", () => {
  const table = opacities(1000, 0.3);
  assert.equal(table[0], 0);
  assert.equal(table[1], 77);
  assert.equal(table[1000], 255);
  assert.ok(table[10]! > table[3]! && table[10]! - table[1]! > table[1000]! - table[900]!);
  assert.deepEqual([...opacities(1, 0.3)], [0, 255]);
});

test("small populations keep a visible band, and every neuron its own place", () => {
  const bands = layBands([row("big", 10_000, 0), row("small", 10, 10_000)]);
  assert.ok(bands[1]!.bottom - bands[1]!.top > 0.04);
  assert.equal(bands[1]!.bottom, 1);
  for (const neuron of [0, 4, 9]) {
    const { top, bottom } = bands[1]!;
    assert.equal(neuronAt(bands, top + ((neuron + 0.5) / 10) * (bottom - top))!.neuron, neuron);
  }
  const lines = rowLines(bands, 0, 1, 400);
  assert.equal(lines[0], 0);
  assert.equal(lines[10_009], 399);
});

test("rates count spikes per neuron and second; sparsity is the share of silent neuron-steps", () => {
  const store = new SpikeStore();
  store.add({ run: 1, n: 1, t_ms: 100, dt_ms: 1, rows: [row("a", 4, 0), row("b", 2, 4)], steps: Uint32Array.of(0, 10, 10, 60), ids: Uint32Array.of(0, 1, 5, 2) });
  const activity = binActivity(store, 0, 100, 2);
  assert.equal(activity.bins, 2);
  assert.deepEqual([...activity.counts], [2, 1, 1, 0]);
  assert.equal(activity.rate(0, 0), 10);
  assert.equal(activity.rate(1, 0), 10);
  assert.equal(activity.sparsity(0, 0), 0.99);
  assert.equal(activity.sparsity(1, 1), 1);
});

test("ticks stand at round values, and times change to seconds", () => {
  assert.deepEqual(ticks(0, 1, 4).map(({ label }) => label), ["0.0", "0.5", "1.0"]);
  assert.deepEqual(ticks(-70, -50, 3).map(({ label }) => label), ["−70", "−60", "−50"]);
  assert.deepEqual(timeTicks(0, 1000, 5), { unit: "ms", ticks: [0, 200, 400, 600, 800, 1000].map((value) => ({ value, label: String(value) })) });
  assert.equal(timeTicks(0, 10_000, 5).unit, "s");
  assert.equal(showTime(1234.5678), "1.235 s");
  assert.equal(showTime(12.3456), "12.35 ms");
  assert.deepEqual(ticks(5, 5, 3), []);
});

test("zoom keeps the time under the pointer, stays within the run, and remembers what the user chose", () => {
  const view = new TimeView();
  view.setExtent(1000, 1000);
  view.zoom(0.1, 500);
  assert.deepEqual([view.start, view.end, view.mode], [450, 550, "free"]);
  view.pan(-5000);
  assert.deepEqual([view.start, view.end], [0, 100]);
  view.zoom(100, 50);
  assert.deepEqual([view.start, view.end, view.mode], [0, 1000, "all"]);
});

test("the axis follows what is reached of a long run; the whole is a zoom away", () => {
  const view = new TimeView();
  const axis = (reached: number, running: boolean): number => (view.setExtent(1e8, reached, running), view.end);
  assert.deepEqual([axis(10, true), axis(900, true), axis(1001, true), axis(2100, true)], [1000, 1000, 2000, 5000]);
  assert.ok(Math.abs(axis(2100, false) - 2184) < 1e-6, "stopped: a little beyond its end");
  view.zoom(1e9, 0);
  assert.deepEqual([view.start, view.end, view.mode], [0, 1e8, "free"]);
  view.fit();
  assert.equal(view.mode, "all");
  view.setExtent(3000, 3000, false);
  assert.deepEqual([view.start, view.end], [0, 3000]);
});

test("a window at the front of a live run follows it; one left behind stays", () => {
  const view = new TimeView();
  view.setExtent(1000, 400);
  view.select(300, 400);
  assert.equal(view.mode, "follow");
  view.setExtent(1000, 500);
  assert.deepEqual([view.start, view.end], [400, 500]);
  view.select(100, 200);
  view.setExtent(1000, 600);
  assert.deepEqual([view.start, view.end, view.mode], [100, 200, "free"]);
});

test("colours are read in each form that browsers give", () => {
  assert.deepEqual(parseRgb("rgb(1, 2, 3)"), [1, 2, 3]);
  assert.deepEqual(parseRgb("rgba(1, 2, 3, 0.5)"), [1, 2, 3]);
  assert.deepEqual(parseRgb("color(srgb 1 0 0.2)"), [255, 0, 51]);
});
