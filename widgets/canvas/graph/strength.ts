// How strong a projection looks and what its label says: width by total drive, dashes for chance, a word or two of numbers.

import { defaultKey, entryOf, type Catalogue } from "../../core/catalogue";
import type { Circuit, Projection } from "../../core/document";
import { kineticsOf, middle } from "../model/signs";
import { shortNumber, valueText } from "../model/values";

const THIN = 1.25;
const THICK = 3;
const PLAIN = 1.75;

export function connectorOf(projection: Projection, catalogue: Catalogue): string {
  return projection.connector?.model ?? defaultKey(catalogue, "connector");
}

export function randomOf(projection: Projection, catalogue: Catalogue): boolean {
  const key = connectorOf(projection, catalogue);
  return entryOf(catalogue, "connector", key)?.random ?? !["all_to_all", "one_to_one", "explicit"].includes(key);
}

/** Stroke width of each projection: its weight against the greatest of the same unit in the circuit. */
export function strengthOf(circuit: Circuit, catalogue: Catalogue): (projection: Projection) => number {
  const sizes = Object.values(circuit.projections ?? {}).map((p) => weightIn(p, catalogue));
  const most = new Map<string, number>();
  const least = new Map<string, number>();
  for (const { unit, size } of sizes) {
    most.set(unit, Math.max(most.get(unit) ?? 0, size));
    least.set(unit, Math.min(least.get(unit) ?? Infinity, size));
  }
  return (projection) => {
    const { unit, size } = weightIn(projection, catalogue);
    const top = most.get(unit) ?? 0;
    if (top === 0 || top === least.get(unit)) return PLAIN;
    return THIN + (THICK - THIN) * Math.sqrt(size / top);
  };
}

function weightIn(projection: Projection, catalogue: Catalogue): { unit: string; size: number } {
  const unit = kineticsOf(projection, catalogue)?.weight_unit ?? "";
  return { unit, size: Math.abs(middle(projection.weight ?? projection.gain, unit, catalogue) ?? 0) };
}

/** “p 0.1 · 0.4 mV”: the connector's one number, then the weight. */
export function labelOf(projection: Projection, analog: boolean, catalogue: Catalogue): string {
  const unit = analog ? "" : (kineticsOf(projection, catalogue)?.weight_unit ?? "");
  const weight = analog ? projection.gain : projection.weight;
  const strength = weight === undefined ? "" : `${analog ? "× " : ""}${valueText(weight, unit)}`;
  return [chanceText(projection, catalogue), strength].filter(Boolean).join(" · ");
}

function chanceText(projection: Projection, catalogue: Catalogue): string {
  const key = connectorOf(projection, catalogue);
  const entry = entryOf(catalogue, "connector", key);
  if (key === "one_to_one") return "1 : 1";
  if (entry?.compact) return entry.title.toLowerCase();
  const first = entry?.params.find((param) => param.kind === "number" && !param.advanced);
  if (!first || !entry?.random) return "";
  const value = middle(projection.connector?.params?.[first.name], first.unit, catalogue) ?? first.default;
  return typeof value === "number" ? `${first.name}\u202f${shortNumber(value)}` : "";
}
