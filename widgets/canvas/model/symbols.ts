// Names of parameters as they are written on paper: tau_m becomes τ with a small m.

const GREEK: Record<string, string> = {
  alpha: "α", beta: "β", gamma: "γ", delta: "δ", Delta: "Δ", epsilon: "ε", eta: "η", theta: "θ", lambda: "λ", lam: "λ", mu: "µ",
  nu: "ν", rho: "ρ", sigma: "σ", tau: "τ", phi: "φ", psi: "ψ", omega: "ω",
};
const UPRIGHT = new Set(["rate", "rates", "times", "start", "stop", "autapses", "sources", "targets", "weights", "delays", "values", "image", "images", "ids"]);

/** The letter and what hangs below it. */
export function symbolOf(name: string): { base: string; sub: string } {
  if (UPRIGHT.has(name)) return { base: name, sub: "" };
  const [head = name, ...rest] = name.split("_");
  const base = GREEK[head] ?? (head.length <= 2 ? head : head);
  return { base, sub: rest.map((part) => GREEK[part] ?? part).join(" ") };
}
