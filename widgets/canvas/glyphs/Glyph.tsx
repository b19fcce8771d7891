// The signs of the house. A glyph says what a thing is by its form; colour only repeats it.

import type { Sign } from "../model/signs";

export type GlyphKind = "population" | "source" | "analog" | "instance" | "port-in" | "port-out" | "projection";

const FORMS = {
  excitatory: "M10 2.6 18.2 16.8H1.8Z",
  inhibitory: "M10 2.2a7.8 7.8 0 1 0 0 15.6a7.8 7.8 0 1 0 0-15.6Z",
  mixed: "M10 1.8 18.2 10 10 18.2 1.8 10Z",
  none: "M5 3h10a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2Z",
  source: "M5.6 2.6h8.8L18.6 10l-4.2 7.4H5.6L1.4 10Z",
  "port-in": "M3 5h9l5 5-5 5H3Z",
  "port-out": "M3 5h9l5 5-5 5H3Z",
};

interface GlyphProps {
  kind: GlyphKind;
  sign?: Sign;
  model?: string;
  size?: number;
  /** Outline width in units of a 20 px glyph: grows with the number of neurons. */
  weight?: number;
}

export function Glyph({ kind, sign = "none", model = "", size = 20, weight = 1.5 }: GlyphProps) {
  const tone = kind === "source" || kind === "analog" ? "source" : sign;
  return (
    <svg className="tone" data-sign={tone} width={size} height={size} viewBox="0 0 20 20" fill="none" stroke="currentColor" strokeWidth={weight} strokeLinejoin="round" strokeLinecap="round" aria-hidden="true">
      {kind === "instance" ? <Stack /> : <path d={formOf(kind, sign)} fill="currentColor" fillOpacity={0.12} />}
      {(kind === "source" || kind === "analog") && <path d={SIGNALS[model] ?? (kind === "analog" ? SIGNALS.step_current : SIGNALS.poisson)} strokeWidth={1.25} />}
      {kind === "population" && sign === "none" && <path d={TRACES[model] ?? TRACES.lif} strokeWidth={1.25} />}
    </svg>
  );
}

function formOf(kind: GlyphKind, sign: Sign): string {
  if (kind === "port-in" || kind === "port-out") return FORMS[kind];
  if (kind === "source" || kind === "analog") return FORMS.source;
  return FORMS[sign === "source" ? "source" : sign];
}

/** What a source sends, drawn inside its hexagon. */
const SIGNALS: Record<string, string> = {
  poisson: "M6.5 12.5v-5M9 12.5v-2.5M10.6 12.5v-5M14 12.5v-5",
  spike_list: "M7 12.5v-5M10 12.5v-5M13 12.5v-5",
  step_current: "M6 12.5h3v-5h5",
  image_rate: "M7 7.5h2v2H7zM11 7.5h2v2h-2zM9 10.5h2v2H9z",
};

/** What a membrane does, drawn inside the square of a population that sends nothing yet. */
const TRACES: Record<string, string> = {
  lif: "M5.5 13.5c2.5 0 3.8-1.4 4.5-3V5.5v8c2 0 3.4-.8 4.5-2.5",
  lif_euler: "M5.5 13.5h1.7v-1.6h1.6v-1.7H10V5.5v8h2.2v-1.2h2.3",
  adex: "M5.5 13.5 7 11V5.5v7L9 10.4V5.5v6.7l3-1.6V5.5v8l2.5-1",
  izhikevich: "M5.5 13.5 7 12V5.5v8l1.6-1.5V5.5v8c2 0 4.6-.4 5.9-3",
  leaky_integrator: "M5.5 13.5c1.2-6 2.6-7 4-7s2 5.5 5 5.5",
  li_euler: "M5.5 13.5h1.3v-4h1.6v-3h2v2.6h1.7v2h2.4",
};

function Stack() {
  return (
    <>
      <path d="M6 3.2h9.5A1.5 1.5 0 0 1 17 4.7v8" strokeOpacity={0.7} />
      <path d="M4.5 6h8A1.5 1.5 0 0 1 14 7.5v8a1.5 1.5 0 0 1-1.5 1.5h-8A1.5 1.5 0 0 1 3 15.5v-8A1.5 1.5 0 0 1 4.5 6Z" fill="currentColor" fillOpacity={0.12} />
    </>
  );
}
