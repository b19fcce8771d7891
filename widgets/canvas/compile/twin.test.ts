import assert from "node:assert/strict";
import test from "node:test";

import { twinOf } from "./twin";

test("the twin run in a few lines", () => {
  const twin = twinOf({ replayed: { exact: true, difference: "" }, failures: ["It is off."], populations: { exc: { rate: [19.034, null], rate_error: 0.5, van_rossum_spike: 0.416 } }, task: { ideal: 0.97, chip: 0.975, n: 400 } })!;
  assert.match(twin.verdict, /agrees exactly with the emulator\. It is off\.$/);
  assert.deepEqual(twin.rates, [{ path: "exc", ideal: "19.03 Hz", chip: "–", shares: [1, 0], off: "50.0 %", distance: "0.42" }]);
  assert.equal(twin.task, "Accuracy 97.0 % ideal, 97.5 % on the chip, 400 patterns.");
  assert.equal(twin.raster, null);
  assert.equal(twinOf(null), null);
});
