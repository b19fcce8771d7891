import assert from "node:assert/strict";
import test from "node:test";

import { SpikeStore } from "./spikes";

const frame = (steps: number[], ids: number[]) => ({ run: 1, n: 1, t_ms: 1, dt_ms: 0.1, rows: [], steps: Uint32Array.from(steps), ids: Uint32Array.from(ids) });

test("frames follow one another, over many growths of the arrays", () => {
  const store = new SpikeStore();
  for (let k = 0; k < 300; k++) store.add(frame(Array.from({ length: 50 }, (_, n) => k * 50 + n), Array(50).fill(k)));
  assert.equal(store.length, 15_000);
  for (let k = 0; k < store.length; k++) assert.equal(store.steps[k], k);
});

test("a frame whose steps are out of order is put in order, ids with it", () => {
  const store = new SpikeStore();
  store.add(frame([3, 1, 2], [30, 10, 20]));
  assert.deepEqual([...store.steps.subarray(0, 3)], [1, 2, 3]);
  assert.deepEqual([...store.ids.subarray(0, 3)], [10, 20, 30]);
});

test("listeners hear each change until they stop", () => {
  const store = new SpikeStore();
  let heard = 0;
  const stop = store.subscribe(() => (heard += 1));
  store.add(frame([1], [1]));
  store.clear();
  stop();
  store.add(frame([1], [1]));
  assert.equal(heard, 2);
});
