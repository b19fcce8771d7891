import assert from "node:assert/strict";
import test from "node:test";

import { bundledCatalogue } from "../../core/bundled";
import { complete } from "../../core/complete";
import type { Written } from "../../core/document";
import { asKind, firstFault, pathsFor, unitFor } from "./faults";

const catalogue = bundledCatalogue();
const written: Written = {
  format: "spike-studio/1",
  main: "main",
  circuits: {
    main: {
      nodes: { exc: { kind: "population", model: "lif" }, drive: { kind: "source", model: "poisson" }, step: { kind: "source", model: "step_current" }, cols: { kind: "instance", of: "column", repeat: 3 } },
      projections: { p1: { from: "drive", to: "exc", kinetics: { model: "exponential" } }, p2: { from: "step", to: "exc", gain: 1 } },
    },
    column: { nodes: { inner: { kind: "population", model: "lif" } }, projections: {} },
  },
};
const document = complete(written);

test("paths fit the kind of fault, inside circuits too", () => {
  assert.deepEqual(pathsFor(document, catalogue, "neurons"), ["exc", "cols[*].inner"]);
  assert.deepEqual(pathsFor(document, catalogue, "spiking"), ["exc", "drive", "cols[*].inner"]);
  assert.deepEqual(pathsFor(document, catalogue, "projections"), ["p1"]);
});

test("the first fault is of the first thing that could fail", () => {
  assert.deepEqual(firstFault(document, catalogue), { kind: "dead_neurons", path: "exc", fraction: 0.1 });
  assert.equal(firstFault(complete({ format: "spike-studio/1", main: "main", circuits: { main: { nodes: {}, projections: {} } } }), catalogue), null);
});

test("another kind keeps what still fits and gets what it needs", () => {
  assert.deepEqual(asKind(document, catalogue, { kind: "dead_neurons", path: "drive", fraction: 0.2 }, "lost_spikes"), { kind: "lost_spikes", path: "drive", fraction: 0.2 });
  assert.deepEqual(asKind(document, catalogue, { kind: "dead_neurons", path: "drive", fraction: 0.2 }, "stuck_synapses"), { kind: "stuck_synapses", path: "p1", fraction: 0.2, value: { value: 1, unit: "nA" } });
  assert.deepEqual(asKind(document, catalogue, { kind: "dead_neurons", path: "exc[0:10]", fraction: 0.2 }, "threshold_noise").path, "exc");
  assert.equal(unitFor(document, catalogue, { kind: "threshold_noise", path: "exc[0:3]" }), "mV");
});
