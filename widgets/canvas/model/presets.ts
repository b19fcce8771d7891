// Presets: which one a model's values equal, and what choosing one changes.

import type { Catalogue, Entry, PresetEntry } from "../../core/catalogue";
import type { Value, Values } from "../../core/document";
import { convert } from "../../core/units";
import { partsOf } from "./values";

/** The preset that the values equal, in whatever unit they are written; undefined where there is none. */
export function presetOf(catalogue: Catalogue, entry: Entry | undefined, values: Values): PresetEntry | undefined {
  return entry?.presets?.find((preset) => Object.entries(preset.params).every(([name, wanted]) => equals(catalogue, entry, name, values[name], wanted)));
}

function equals(catalogue: Catalogue, entry: Entry, name: string, value: Value | undefined, wanted: number | string | null): boolean {
  const param = entry.params.find((one) => one.name === name);
  if (!param) return false;
  if (value === undefined) return same(param.default, wanted);
  const parts = partsOf(value, param.unit);
  if (parts.form === "word") return parts.text === wanted;
  if (parts.form !== "fixed") return false;
  return same(convert(catalogue, parts.numbers[0]!, parts.unit, param.unit), wanted);
}

const same = (a: number | string | null, b: number | string | null): boolean => (typeof a === "number" && typeof b === "number" ? Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b)) : a === b);

/** The values after a preset was chosen: what no preset speaks of stays, what is a default is left out. */
export function withPreset(entry: Entry, values: Values, preset: PresetEntry): Values {
  const kept = Object.entries(values).filter(([name]) => !(name in preset.params));
  const set = Object.entries(preset.params).flatMap(([name, value]): [string, Value][] => {
    const param = entry.params.find((one) => one.name === name);
    if (!param || value === null || value === param.default) return [];
    return [[name, typeof value === "number" && param.unit ? { value, unit: param.unit } : value]];
  });
  return Object.fromEntries([...kept, ...set]);
}

/** One line: what a preset sets. */
export function presetText(entry: Entry, preset: PresetEntry): string {
  const units = new Map(entry.params.map((param) => [param.name, param.unit]));
  return Object.entries(preset.params).map(([name, value]) => `${name} = ${value}${units.get(name) ? ` ${units.get(name)}` : ""}`).join(", ");
}
