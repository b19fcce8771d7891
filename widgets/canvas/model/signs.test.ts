import assert from "node:assert/strict";
import test from "node:test";
import { bundledCatalogue } from "../../core/bundled";
import type { Document, Projection } from "../../core/document";
import { nodeSign, projectionSign } from "./signs";

const catalogue = bundledCatalogue();
const gap: Projection = { from: "a", to: "a", kinetics: { model: "gap_junction" }, weight: 0.01 };

function drawn(projections: Record<string, Projection>): Document {
  const cell = { kind: "population", model: "lif", size: 3 } as const;
  return { format: "spike-studio/1", main: "main", circuits: { main: { nodes: { a: cell }, projections } } } as unknown as Document;
}

test("a gap junction pulls both ways and does not colour its neurons", () => {
  const chemical: Projection = { from: "a", to: "a", weight: -1 };
  const document = drawn({ gap, chemical });
  assert.equal(projectionSign(document, "main", gap, catalogue), "mixed");
  assert.equal(nodeSign(document, "main", "a", catalogue), "inhibitory");
  assert.equal(nodeSign(drawn({ gap }), "main", "a", catalogue), "none");
});

test("the coupling of states has the sign of its weight", () => {
  const coupled = (weight: number): Projection => ({ from: "a", to: "a", kinetics: { model: "state_coupling" }, weight });
  assert.equal(projectionSign(drawn({}), "main", coupled(-0.5), catalogue), "inhibitory");
  assert.equal(projectionSign(drawn({}), "main", coupled(0.5), catalogue), "excitatory");
});
