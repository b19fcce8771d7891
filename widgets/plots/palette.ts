// Colours as the surface's stylesheet says them, resolved for the theme that holds where the plot stands.

import type { Row } from "../core/spikes";

export type Rgb = readonly [number, number, number];

export interface Palette {
  surface: Rgb;
  line: Rgb;
  strong: Rgb;
  ink: Rgb;
  quiet: Rgb;
  warning: Rgb;
  bands: { [kind in Row["kind"]]: Rgb };
  /** Single neurons beside one another: none of these means anything else. */
  lines: readonly Rgb[];
}

// the same values as studio/views/palette.py, for a plot that stands outside the surface: [CSS variable, light, dark]
const ROLES = {
  surface: ["--surface", "#ffffff", "#1d1e21"],
  line: ["--line", "#e4e4e8", "#2e3035"],
  strong: ["--line-strong", "#c9c9d1", "#474a52"],
  ink: ["--ink", "#1b1c22", "#eeeef2"],
  quiet: ["--ink-3", "#6d707c", "#8f929d"],
  warning: ["--warning", "#8a5a00", "#e2b340"],
  excitatory: ["--exc", "#1763b8", "#64acf5"],
  inhibitory: ["--inh", "#c2440c", "#ff9159"],
  source: ["--src", "#0b7a63", "#3cc6a5"],
  population: ["--mix", "#5b5e69", "#a5a8b3"],
  line1: ["--trace-1", "#6b3fb5", "#bb9af7"],
  line2: ["--trace-2", "#767000", "#cdc44f"],
  line3: ["--trace-3", "#b0246f", "#f58cc0"],
  line4: ["--trace-4", "#33415c", "#c3cbe0"],
} as const;

/** Reads the palette at `probe`, an element without style of its own inside the plot. */
export function paletteAt(probe: HTMLElement): Palette {
  const read = (role: keyof typeof ROLES): Rgb => {
    const [variable, light, dark] = ROLES[role];
    probe.style.color = `var(${variable}, light-dark(${light}, ${dark}))`;
    return parseRgb(getComputedStyle(probe).color);
  };
  return {
    surface: read("surface"),
    line: read("line"),
    strong: read("strong"),
    ink: read("ink"),
    quiet: read("quiet"),
    warning: read("warning"),
    bands: { excitatory: read("excitatory"), inhibitory: read("inhibitory"), source: read("source"), population: read("population") },
    lines: [read("line1"), read("line2"), read("line3"), read("line4")],
  };
}

/** `rgb(1 2 3)`, `rgb(1, 2, 3)`, `color(srgb 0.1 0.2 0.3)`. */
export function parseRgb(text: string): Rgb {
  const numbers = (text.match(/[\d.]+(?:e-?\d+)?/g) ?? []).map(Number);
  const scale = text.startsWith("color(") ? 255 : 1;
  return [Math.round((numbers[0] ?? 0) * scale), Math.round((numbers[1] ?? 0) * scale), Math.round((numbers[2] ?? 0) * scale)];
}

export const css = ([r, g, b]: Rgb, alpha = 1): string => `rgb(${r} ${g} ${b} / ${alpha})`;

export function mix(a: Rgb, b: Rgb, share: number): Rgb {
  const part = (k: 0 | 1 | 2): number => Math.round(a[k] + (b[k] - a[k]) * share);
  return [part(0), part(1), part(2)];
}
