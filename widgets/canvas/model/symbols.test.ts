import assert from "node:assert/strict";
import test from "node:test";

import { symbolOf } from "./symbols";

test("letters get their index, words stay words", () => {
  assert.deepEqual(symbolOf("tau_m"), { base: "τ", sub: "m" });
  assert.deepEqual(symbolOf("v_th"), { base: "v", sub: "th" });
  assert.deepEqual(symbolOf("learning_rate"), { base: "learning rate", sub: "" });
  assert.deepEqual(symbolOf("rate"), { base: "rate", sub: "" });
});
