import assert from "node:assert/strict";
import test from "node:test";

import type { Entry } from "../../core/catalogue";
import { choicesOf, groupsOf } from "./choices";

const entry = (key: string, title: string, family: string, more: Partial<Entry> = {}): Entry => ({ kind: "neuron", key, title, family, doc: `About ${title}.`, source: "A paper", limits: "", params: [], ...more });
const preset = (key: string, title: string) => ({ key, title, source: "A fit", params: {}, kinetics: "", kinetics_params: {} });
const all = [
  entry("lif", "Leaky", "Plain", { presets: [preset("iaf_psc_exp", "NEST's iaf_psc_exp")] }),
  entry("adex", "Adaptive exponential", "Adaptive"),
  entry("leaky_integrator", "Integrator", "Silent"),
  entry("izhikevich", "Izhikevich", "Adaptive", { presets: [preset("rs", "Regular spiking"), preset("fs", "Fast spiking")] }),
  entry("mine", "Mine", "", { own: true }),
];
const shown = (typed: string): string[] => choicesOf(groupsOf(all, typed)).map(({ entry, preset }) => (preset ? `${entry.key}/${preset.key}` : entry.key));

test("families keep the order of the catalogue, the document's own come first", () => {
  assert.deepEqual(groupsOf(all, "").map((group) => group.title), ["This document", "Plain", "Adaptive", "Silent"]);
  assert.deepEqual(shown(""), ["mine", "lif", "adex", "izhikevich", "leaky_integrator"]);
});

test("words are looked for in title, key, family, text and presets", () => {
  assert.deepEqual(shown("leaky"), ["lif", "leaky_integrator"]);
  assert.deepEqual(shown("adaptive expo"), ["adex"]);
  assert.deepEqual(shown("fast"), ["izhikevich/fs"]);
  assert.deepEqual(shown("izhi fast"), ["izhikevich/fs"]);
  assert.deepEqual(shown("iaf_psc"), ["lif/iaf_psc_exp"]);
  assert.deepEqual(shown("izhikevich"), ["izhikevich"], "the model's own name does not bring its presets along");
  assert.deepEqual(shown("nothing like it"), []);
});
