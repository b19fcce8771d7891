import assert from "node:assert/strict";
import test from "node:test";

import { bundledCatalogue } from "../../core/bundled";
import { mathOf, unknownIn, type MathNode } from "./latex";

/** The tree in a few signs: `frac(a, b)`. */
function said(node: MathNode): string {
  if (node.tag === "mspace") return "";
  if (!("children" in node)) return node.text;
  const inside = node.children.map(said);
  return node.tag === "mrow" ? inside.join("") : `${node.tag.slice(1)}(${inside.join(", ")})`;
}

test("fractions, indices, fences and words become a tree", () => {
  assert.equal(said(mathOf(String.raw`\frac{dv}{dt} = \frac{v_{\mathrm{rest}} - v}{\tau_{\mathrm{m}}}`)), "frac(dv, dt)=frac(sub(v, rest)−v, sub(τ, m))");
  assert.equal(said(mathOf(String.raw`\left(a\right)^{2} \leftarrow \left\lfloor b \right\rfloor`)), "sup((a), 2)←⌊b⌋");
  assert.equal(said(mathOf(String.raw`\text{if } v \ge 1`)), "if\u00a0v≥1");
  assert.equal(said(mathOf(String.raw`\begin{cases} a & b \\ c & \text{otherwise} \end{cases}`)), "{table(tr(td(a), td(b)), tr(td(c), td(otherwise)))");
  assert.equal(said(mathOf(String.raw`\sum_{k} 2 \cdot 10^{-3}`)), "under(∑, k)2·sup(10, −3)");
});

test("every formula of the catalogue is understood", () => {
  const formulas = bundledCatalogue().entries.flatMap((entry) => entry.latex ?? []);
  assert.ok(formulas.length > 40);
  for (const formula of formulas) {
    assert.deepEqual(unknownIn(formula), [], formula);
    assert.ok(said(mathOf(formula)).length > 0);
  }
});

test("broken LaTeX ends", () => {
  for (const broken of [String.raw`\frac{a`, "{", "}", String.raw`\left(`, String.raw`\begin{cases} a`, "_", String.raw`\text{`, String.raw`\mathrm{`, "^^"]) assert.ok(mathOf(broken));
});
