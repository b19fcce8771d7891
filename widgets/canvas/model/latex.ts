// The LaTeX of formulas as a tree for MathML. It knows what the catalogue writes (studio/models/language/typeset.py) and the like;
// a command nobody knows is shown as its name.

export type MathNode =
  | { tag: "mi" | "mn" | "mo" | "mtext"; text: string; normal?: boolean; stretchy?: boolean }
  | { tag: "mspace"; width: string }
  | { tag: "mrow" | "mfrac" | "msqrt" | "msub" | "msup" | "msubsup" | "munder" | "munderover" | "mtable" | "mtr" | "mtd"; children: MathNode[] };

const LETTERS: Record<string, string> = {
  alpha: "α", beta: "β", gamma: "γ", delta: "δ", epsilon: "ε", eta: "η", theta: "θ", kappa: "κ", lambda: "λ", mu: "μ", nu: "ν", xi: "ξ", rho: "ρ", sigma: "σ", tau: "τ", phi: "φ", chi: "χ", psi: "ψ",
  omega: "ω", Delta: "Δ", Theta: "Θ", Lambda: "Λ", Sigma: "Σ", Phi: "Φ", Psi: "Ψ", Omega: "Ω", infty: "∞", ell: "ℓ", partial: "∂", zeta: "ζ", pi: "π",
};
const SIGNS: Record<string, string> = {
  le: "≤", ge: "≥", ne: "≠", leq: "≤", geq: "≥", neq: "≠", wedge: "∧", vee: "∨", neg: "¬", ll: "≪", gg: "≫", leftarrow: "←", rightarrow: "→", to: "→", mapsto: "↦", cdot: "·", times: "×", in: "∈", notin: "∉", sim: "∼",
  approx: "≈", pm: "±", dots: "…", ldots: "…", cdots: "⋯", mid: "|", lfloor: "⌊", rfloor: "⌋", lceil: "⌈", rceil: "⌉", langle: "⟨", rangle: "⟩", "{": "{", "}": "}", "&": "&", "%": "%", "|": "‖", bmod: "mod", setminus: "∖", circ: "∘", star: "⋆", equiv: "≡", propto: "∝", ast: "∗", forall: "∀", exists: "∃", subset: "⊂", cup: "∪", cap: "∩", Rightarrow: "⇒", prime: "′",
};
const NAMES = new Set(["ln", "log", "exp", "min", "max", "tanh", "sin", "cos", "tan", "lim", "sup", "inf", "det", "arg"]);
const SPACES: Record<string, string> = { ",": "0.17em", ":": "0.22em", ";": "0.28em", " ": "0.25em", quad: "1em", qquad: "2em", "!": "-0.17em" };
const SCRIPT: Record<string, string> = { U: "𝒰", N: "𝒩", P: "𝒫", B: "ℬ", L: "ℒ", O: "𝒪" };

/** Formulas to be set one below the other, each as a row. */
export function mathOf(latex: string): MathNode {
  const reader = new Reader(tokens(latex));
  return row(reader.until(() => false));
}

function tokens(latex: string): string[] {
  return latex.match(/\\(?:text|operatorname)\{[^{}]*\}|\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|[A-Za-z]|\s+|./gu)?.filter((token) => token.trim() !== "" || token === "\\ ") ?? [];
}

const WORDS = /^\\(?:text|operatorname)\{(.*)\}$/;
const row = (children: MathNode[]): MathNode => (children.length === 1 ? children[0]! : { tag: "mrow", children });
const sign = (text: string, stretchy = false): MathNode => ({ tag: "mo", text, ...(stretchy ? {} : { stretchy: false }) });

/** Whether something is higher than a line. */
const isTall = (node: MathNode): boolean => "children" in node && (["mfrac", "mtable", "munder", "munderover", "msqrt"].includes(node.tag) || node.children.some(isTall));

class Reader {
  private at = 0;
  constructor(private readonly all: string[]) {}

  until(ends: (token: string) => boolean): MathNode[] {
    const out: MathNode[] = [];
    while (this.at < this.all.length && !ends(this.all[this.at]!)) {
      const token = this.all[this.at]!;
      if (token === "_" || token === "^") out.push(this.script(out.pop() ?? row([])));
      else out.push(this.one());
    }
    return out;
  }

  /** One thing: a letter, a number, a group, a command with its arguments. */
  private one(): MathNode {
    const token = this.all[this.at++] ?? "";
    if (token === "{") return this.group();
    const words = WORDS.exec(token);
    if (words) return { tag: "mtext", text: words[1]!.replace(/ /g, "\u00a0") };
    if (token.startsWith("\\")) return this.command(token.slice(1));
    if (/^\d/.test(token)) return { tag: "mn", text: token };
    if (/^\p{L}$/u.test(token)) return { tag: "mi", text: token };
    return sign(token === "-" ? "−" : token === "'" ? "′" : token);
  }

  /** What stands up to the closing brace; the opening one is read. */
  private group(): MathNode {
    const inside = this.until((token) => token === "}");
    this.at += 1;
    return row(inside);
  }

  private argument(): MathNode {
    return this.one();
  }

  /** The plain text of an argument in braces. */
  private words(): string {
    let depth = 0;
    let out = "";
    do {
      const token = this.all[this.at++] ?? "}";
      if (token === "{") depth += 1;
      else if (token === "}") depth -= 1;
      else out += token.startsWith("\\") ? token.slice(1) : token;
      if (this.all[this.at] === undefined) break;
    } while (depth > 0);
    return out;
  }

  private script(base: MathNode): MathNode {
    const parts: { sub?: MathNode; sup?: MathNode } = {};
    while (this.all[this.at] === "_" || this.all[this.at] === "^") {
      const which = this.all[this.at++] === "_" ? "sub" : "sup";
      parts[which] = this.argument();
    }
    const large = base.tag === "mo" && "∑∏∫".includes(base.text);
    if (parts.sub && parts.sup) return { tag: large ? "munderover" : "msubsup", children: [base, parts.sub, parts.sup] };
    return parts.sub ? { tag: large ? "munder" : "msub", children: [base, parts.sub] } : { tag: "msup", children: [base, parts.sup!] };
  }

  private command(name: string): MathNode {
    if (name in SPACES) return { tag: "mspace", width: SPACES[name]! };
    if (name in LETTERS) return { tag: "mi", text: LETTERS[name]! };
    if (name in SIGNS) return sign(SIGNS[name]!);
    if (NAMES.has(name)) return { tag: "mi", text: name, normal: true };
    switch (name) {
      case "frac":
      case "tfrac":
      case "dfrac":
        return { tag: "mfrac", children: [this.argument(), this.argument()] };
      case "sqrt":
        return { tag: "msqrt", children: [this.argument()] };
      case "mathrm":
        return this.upright();
      case "mathcal":
        return { tag: "mi", text: ((letter) => SCRIPT[letter] ?? letter)(this.words()) };
      case "mathbf":
        return { tag: "mi", text: this.words(), normal: true };
      case "sum":
        return sign("∑");
      case "prod":
        return sign("∏");
      case "int":
        return sign("∫");
      case "left":
        return this.fenced();
      case "begin":
        return this.environment(this.words());
      default:
        return { tag: "mtext", text: name };
    }
  }

  /** A word or several in upright letters. */
  private upright(): MathNode {
    if (this.all[this.at] !== "{") return this.one();
    const start = this.at;
    const inside = this.all.slice(start + 1, this.all.indexOf("}", start));
    if (inside.every((token) => /^[\p{L}\d_]+$/u.test(token))) {
      this.at += inside.length + 2;
      return { tag: "mi", text: inside.join(""), normal: true };
    }
    return this.argument();
  }

  private fence(): string {
    const token = this.all[this.at++] ?? "";
    return token === "." ? "" : token.startsWith("\\") ? (SIGNS[token.slice(1)] ?? token.slice(1)) : token;
  }

  private fenced(): MathNode {
    const open = this.fence();
    const inside = this.until((token) => token === "\\right");
    this.at += 1;
    const close = this.fence();
    const tall = inside.some(isTall);
    return { tag: "mrow", children: [...(open ? [sign(open, tall)] : []), row(inside), ...(close ? [sign(close, tall)] : [])] };
  }

  private environment(name: string): MathNode {
    const rows: MathNode[] = [];
    let cells: MathNode[] = [];
    for (;;) {
      cells.push({ tag: "mtd", children: [row(this.until((token) => token === "&" || token === "\\\\" || token === "\\end"))] });
      const end = this.all[this.at++];
      if (end === "&") continue;
      rows.push({ tag: "mtr", children: cells });
      cells = [];
      if (end !== "\\\\") break;
    }
    this.words();
    const table: MathNode = { tag: "mtable", children: rows };
    return name === "cases" ? { tag: "mrow", children: [sign("{", true), table] } : table;
  }
}

/** Every word of a tree that was no command: what a test looks for. */
export function unknownIn(latex: string): string[] {
  const known = (name: string): boolean => name in SPACES || name in LETTERS || name in SIGNS || NAMES.has(name) || ["frac", "tfrac", "dfrac", "sqrt", "mathrm", "mathcal", "mathbf", "sum", "prod", "int", "left", "right", "begin", "end", "\\"].includes(name);
  return tokens(latex).flatMap((token) => (token.startsWith("\\") && !WORDS.test(token) && !known(token.slice(1)) ? [token] : []));
}
