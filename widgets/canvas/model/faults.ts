// Faults of a run: what can go wrong, where, and what each kind is told.

import { entryOf, type Catalogue } from "../../core/catalogue";
import type { Broken, Document } from "../../core/document";
import { isAnalog, kineticsOf } from "./signs";

export type Fault = Broken;

export interface FaultKind {
  kind: string;
  title: string;
  doc: string;
  of: "neurons" | "spiking" | "projections";
  fraction: boolean;
  /** The name of its value, where it has one. */
  value?: string;
}

export const KINDS: readonly FaultKind[] = [
  { kind: "dead_neurons", title: "Dead neurons", doc: "They never fire.", of: "spiking", fraction: true },
  { kind: "dead_synapses", title: "Dead synapses", doc: "Nothing arrives through them.", of: "projections", fraction: true },
  { kind: "stuck_synapses", title: "Stuck synapses", doc: "Their weight is one value and stays it.", of: "projections", fraction: true, value: "weight" },
  { kind: "lost_spikes", title: "Lost spikes", doc: "Each spike goes missing with this probability.", of: "spiking", fraction: true },
  { kind: "threshold_noise", title: "Threshold noise", doc: "Every neuron's threshold is off by a normal draw of this standard deviation.", of: "neurons", fraction: false, value: "sd" },
];

export const kindOf = (fault: Fault): FaultKind => KINDS.find((one) => one.kind === fault.kind) ?? KINDS[0]!;

/** The paths that a kind of fault can name, from the main circuit down; a repeated circuit stands for all its copies. */
export function pathsFor(document: Document, catalogue: Catalogue, of: FaultKind["of"]): string[] {
  const walk = (circuit: string, before: string, depth: number): string[] => {
    const inside = document.circuits[circuit];
    if (!inside || depth > 8) return [];
    const nodes = Object.entries(inside.nodes).flatMap(([key, node]) => {
      if (node.kind === "instance") return walk(node.of, `${before}${key}${(node.repeat ?? 1) > 1 ? "[*]" : ""}.`, depth + 1);
      const fits = of === "neurons" ? node.kind === "population" : of === "spiking" && !isAnalog(node, catalogue);
      return fits ? [before + key] : [];
    });
    const links = of === "projections" ? Object.entries(inside.projections).flatMap(([key, p]) => (p.gain === undefined ? [before + key] : [])) : [];
    return [...links, ...nodes];
  };
  return walk(document.main, "", 0);
}

/** The unit of a fault's value: that of the neuron's threshold, or of the projection's weight. */
export function unitFor(document: Document, catalogue: Catalogue, fault: Fault): string {
  const circuit = document.circuits[document.main];
  const key = fault.path.split(/[.[]/, 1)[0] ?? "";
  if (kindOf(fault).of === "projections") {
    const projection = circuit?.projections[fault.path];
    return projection ? (kineticsOf(projection, catalogue)?.weight_unit ?? "") : "";
  }
  const node = circuit?.nodes[key];
  return (node?.kind === "population" ? entryOf(catalogue, "neuron", node.model)?.params.find((param) => param.role === "threshold")?.unit : undefined) ?? "mV";
}

/** The first fault of a document: of the first kind that it has something for; null where there is nothing that could fail. */
export function firstFault(document: Document, catalogue: Catalogue): Fault | null {
  const kind = KINDS.find((one) => pathsFor(document, catalogue, one.of).length > 0);
  return kind ? { kind: kind.kind, path: pathsFor(document, catalogue, kind.of)[0]!, fraction: 0.1 } : null;
}

/** The same fault as another kind: it keeps the path where that still fits. */
export function asKind(document: Document, catalogue: Catalogue, fault: Fault, to: string): Fault {
  const kind = KINDS.find((one) => one.kind === to) ?? KINDS[0]!;
  const paths = pathsFor(document, catalogue, kind.of);
  const path = kindOf(fault).of === kind.of || paths.includes(fault.path) ? fault.path : (paths[0] ?? "");
  const next: Fault = { kind: to, path, ...(kind.fraction ? { fraction: fault.fraction ?? 0.1 } : {}) };
  const unit = unitFor(document, catalogue, next);
  return kind.value ? { ...next, value: unit ? { value: 1, unit } : 1 } : next;
}
