// Units as the catalogue lists them: reading compounds (`mV/ms`), converting, and values with units.

import type { Catalogue } from "./catalogue";
import type { Value } from "./document";

export interface Unit {
  /** `time^1*voltage^-1`, sorted: equal texts measure the same thing. */
  dimension: string;
  /** How many of the studio's base units one of it is. */
  scale: number;
}

const ALIASES: [string, string][] = [["µ", "u"], ["μ", "u"], ["Ω", "Ohm"], ["ohm", "Ohm"], ["·", "*"]];
/** Names and signs alternate, with at most one level of parentheses. */
const SHAPE = /^(?:(?:u|\(u(?:[*/]u)*\))(?:[*/](?:u|\(u(?:[*/]u)*\)))*)?$/;
const isSign = (token: string): boolean => "*/()".includes(token);

/** `ms`, `1/ms`, `mV/ms`, `1/(mV*ms)`; null for a name nobody knows. The same grammar as studio/units. */
export function parseUnit(catalogue: Catalogue, text: string): Unit | null {
  const clean = ALIASES.reduce((given, [other, own]) => given.replaceAll(other, own), text.trim());
  const tokens = clean.split(/\s*([*/()])\s*/).filter(Boolean);
  if (!SHAPE.test(tokens.map((token) => (isSign(token) ? token : "u")).join(""))) return null;
  const powers = new Map<string, number>();
  let [scale, sign, group] = [1, 1, 1]; // `group` is -1 inside the parentheses of a denominator
  for (const token of tokens) {
    if (token === "*" || token === "/") sign = token === "/" ? -1 : 1;
    else if (isSign(token)) [group, sign] = [token === "(" ? sign : 1, 1];
    else {
      const [, name = "", power = "1"] = /^([^\s^]*)(?:\^([1-9]))?$/.exec(token) ?? [];
      const entry = lookup(catalogue, name);
      if (!entry || !name) return null;
      const n = Number(power) * sign * group;
      scale *= entry.scale ** n;
      for (const [dimension, of] of entry.dimension) powers.set(dimension, (powers.get(dimension) ?? 0) + of * n);
    }
  }
  const dimension = [...powers].filter(([, n]) => n).map(([name, n]) => `${name}^${n}`).sort().join("*");
  return { dimension, scale: Number(scale.toPrecision(12)) };
}

function lookup(catalogue: Catalogue, name: string): { dimension: [string, number][]; scale: number } | null {
  if (Object.hasOwn(catalogue.units, name)) return catalogue.units[name]!;
  return name === "1" ? { dimension: [], scale: 1 } : null;
}

/** `value` in unit `given`, expressed in unit `wanted`; null when they measure different things. */
export function convert(catalogue: Catalogue, value: number, given: string, wanted: string): number | null {
  if (given === wanted) return value;
  const a = parseUnit(catalogue, given);
  const b = parseUnit(catalogue, wanted);
  if (!a || !b || a.dimension !== b.dimension) return null;
  const ratio = a.scale / b.scale;
  // dividing by a whole number is one rounding; multiplying by its inexact inverse would be two
  const whole = Math.round(1 / ratio);
  return ratio < 1 && Math.abs(1 / ratio - whole) < 1e-9 / ratio ? value / whole : value * ratio;
}

/** The number of a plain value in `unit`; null for distributions, arrays, words, and units that do not fit. */
export function inUnit(catalogue: Catalogue, value: Value | undefined, unit: string): number | null {
  if (typeof value === "number") return value;
  if (typeof value === "object" && value !== null && "value" in value) return convert(catalogue, value.value, value.unit || unit, unit);
  return null;
}

/** The table's units that can stand where `unit` stands, smallest first; compounds have no choice. */
export function unitsLike(catalogue: Catalogue, unit: string): string[] {
  const own = parseUnit(catalogue, unit);
  if (!own || unit === "") return [unit];
  const found = Object.keys(catalogue.units).filter((name) => name && name !== "1" && parseUnit(catalogue, name)?.dimension === own.dimension);
  const sorted = found.sort((a, b) => catalogue.units[a]!.scale - catalogue.units[b]!.scale);
  return sorted.includes(unit) ? sorted : [unit, ...sorted];
}

/** As people read it: `uS` -> `µS`, `MOhm` -> `MΩ`. */
export function showUnit(unit: string): string {
  return unit.replaceAll("Ohm", "Ω").replace(/(^|[*/])u(?=[A-Za-z])/g, "$1µ");
}

/** A number as people read it: at most six significant digits, no trailing noise (`0.30000000000000004` -> `0.3`). */
export function showNumber(value: number, digits = 6): string {
  if (!Number.isFinite(value)) return String(value);
  const rounded = Number(value.toPrecision(digits));
  const size = Math.abs(rounded);
  return (size !== 0 && (size < 1e-4 || size >= 1e9) ? rounded.toExponential().replace("e+", "e") : String(rounded)).replace("-", "−");
}
