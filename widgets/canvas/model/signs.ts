// What a projection does to its target, read from the document: the sign that colours it and shapes its source.

import { entryOf, defaultKey, type Catalogue, type Entry } from "../../core/catalogue";
import { nodeKey, nodeOf, type Circuit, type Document, type ModelRef, type Node, type Projection, type Value } from "../../core/document";
import { convert } from "../../core/units";
import { partsOf } from "./values";

export type Sign = "excitatory" | "inhibitory" | "mixed" | "none" | "source";

/** A value's middle in `ownUnit`: the number, a distribution's mean or centre; null where it is an array or not set. */
export function middle(value: Value | undefined, ownUnit: string, catalogue: Catalogue): number | null {
  const { form, numbers, unit } = partsOf(value, ownUnit);
  const [a, b] = numbers;
  if (a === undefined) return null;
  const given = form === "uniform" ? (a + (b ?? a)) / 2 : form === "lognormal" ? Math.exp(a) : a;
  return convert(catalogue, given, unit, ownUnit) ?? given;
}

export function kineticsOf(projection: Projection, catalogue: Catalogue): Entry | undefined {
  return entryOf(catalogue, "kinetics", projection.kinetics?.model ?? defaultKey(catalogue, "kinetics"));
}

function param(ref: ModelRef | undefined, entry: Entry | undefined, role: string, catalogue: Catalogue): number | null {
  const found = entry?.params.find((p) => p.role === role || p.name === role);
  if (!found) return null;
  return middle(ref?.params?.[found.name], found.unit, catalogue) ?? (typeof found.default === "number" ? found.default : null);
}

/** Where a population begins to fire [mV]; decides whether a reversal potential excites. */
function thresholdOf(node: Node | undefined, catalogue: Catalogue): number {
  if (node?.kind !== "population") return -50;
  const entry = entryOf(catalogue, "neuron", node.model);
  return param({ model: node.model, params: node.params }, entry, "threshold", catalogue) ?? -50;
}

/** Excitatory or inhibitory (or “mixed”, where weights are an array): by the weight's sign, or by the reversal potential where weights carry no sign. */
export function projectionSign(document: Document, circuit: string, projection: Projection, catalogue: Catalogue): Sign {
  const kinetics = kineticsOf(projection, catalogue);
  if (kinetics?.sign === "nonnegative" && kinetics.coupled) return "mixed"; // pulls both ways
  if (kinetics?.sign === "nonnegative") {
    const reversal = param(projection.kinetics, kinetics, "e_rev", catalogue) ?? 0;
    return reversal < thresholdOf(nodeOf(document, circuit, nodeKey(projection.to)), catalogue) ? "inhibitory" : "excitatory";
  }
  const analog = nodeOf(document, circuit, nodeKey(projection.from));
  const weight = isAnalog(analog, catalogue) ? projection.gain : projection.weight;
  const connector = entryOf(catalogue, "connector", projection.connector?.model ?? "");
  const own = connector?.compact && connector.params.some((p) => p.kind === "array");
  if (isArray(weight) || own) return "mixed"; // the canvas never receives arrays, and cannot know
  return (middle(weight, kinetics?.weight_unit ?? "", catalogue) ?? 1) < 0 ? "inhibitory" : "excitatory";
}

const isArray = (value: Value | undefined): boolean => typeof value === "object" && value !== null && "data" in value;

export function isAnalog(node: Node | undefined, catalogue: Catalogue): boolean {
  return node?.kind === "source" && entryOf(catalogue, "source", node.model)?.signal === "analog";
}

/** A node's sign is that of all it sends; “mixed” where it sends both, “none” where it sends nothing. */
export function nodeSign(document: Document, circuitKey: string, key: string, catalogue: Catalogue): Sign {
  const circuit = document.circuits[circuitKey];
  const node = circuit?.nodes[key];
  if (!circuit || node?.kind === "source") return "source";
  if (node?.kind === "instance") return "none";
  const chemical = outgoing(circuit, key).filter((p) => !kineticsOf(p, catalogue)?.coupled);
  const signs = new Set(chemical.map((p) => projectionSign(document, circuitKey, p, catalogue)));
  if (signs.size === 0) return "none";
  return signs.size > 1 ? "mixed" : [...signs][0]!;
}

function outgoing(circuit: Circuit, key: string): Projection[] {
  return Object.values(circuit.projections ?? {}).filter((p) => nodeKey(p.from) === key);
}
