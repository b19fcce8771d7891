// Names of parameters as they are written on paper: tau_m becomes τ with a small m.

const GREEK: Record<string, string> = {
  alpha: "α", beta: "β", gamma: "γ", delta: "δ", Delta: "Δ", epsilon: "ε", eta: "η", theta: "θ", lambda: "λ", lam: "λ", mu: "µ",
  nu: "ν", rho: "ρ", sigma: "σ", tau: "τ", phi: "φ", psi: "ψ", omega: "ω",
};

/** The letter and what hangs below it; a name that begins with a word stays a word. */
export function symbolOf(name: string): { base: string; sub: string } {
  const [head = name, ...rest] = name.split("_");
  const base = GREEK[head] ?? head;
  if (!GREEK[head] && head.length > 2) return { base: name.replaceAll("_", " "), sub: "" };
  return { base, sub: rest.map((part) => GREEK[part] ?? part).join(" ") };
}
