import assert from "node:assert/strict";
import test from "node:test";

import { entryOf, type Entry } from "../../core/catalogue";
import { bundledCatalogue } from "../../core/bundled";
import { presetOf, withPreset } from "./presets";

const catalogue = bundledCatalogue();
const lif: Entry = {
  ...entryOf(catalogue, "neuron", "lif")!,
  presets: [
    { key: "slow", title: "Slow", source: "", params: { tau_m: 40, v_th: -50 }, kinetics: "", kinetics_params: {} },
    { key: "plain", title: "Plain", source: "", params: { tau_m: 10, v_th: -55 }, kinetics: "", kinetics_params: {} },
  ],
};
const named = (values: Parameters<typeof presetOf>[2]): string | undefined => presetOf(catalogue, lif, values)?.key;

test("values equal a preset in any unit, and defaults count", () => {
  assert.equal(named({}), "plain");
  assert.equal(named({ tau_m: { value: 0.04, unit: "s" }, v_th: -50 }), "slow");
  assert.equal(named({ tau_m: 40 }), undefined);
  assert.equal(named({ tau_m: { normal: [40, 1], unit: "ms" }, v_th: -50 }), undefined);
  assert.equal(named({ i_offset: 0.3 }), "plain", "what no preset names does not matter");
});

test("choosing a preset keeps what it does not speak of and leaves defaults out", () => {
  assert.deepEqual(withPreset(lif, { i_offset: 0.3, tau_m: 5 }, lif.presets![0]!), { i_offset: 0.3, tau_m: { value: 40, unit: "ms" }, v_th: { value: -50, unit: "mV" } });
  assert.deepEqual(withPreset(lif, { i_offset: 0.3, tau_m: 5 }, lif.presets![1]!), { i_offset: 0.3 });
});
