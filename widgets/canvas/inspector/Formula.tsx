import { createElement, useMemo, type ReactNode } from "react";

import { mathOf, type MathNode } from "../model/latex";

/** One formula, set by the browser (MathML). */
export function Formula({ latex }: { latex: string }) {
  const tree = useMemo(() => mathOf(latex), [latex]);
  return <div className="formula scroll">{createElement("math", { display: "block", "aria-label": latex }, draw(tree, 0))}</div>;
}

function draw(node: MathNode, key: number): ReactNode {
  if (node.tag === "mspace") return createElement("mspace", { key, width: node.width });
  if ("children" in node) return createElement(node.tag, { key, ...(node.tag === "mtd" ? { style: { textAlign: "left" } } : {}) }, ...node.children.map(draw));
  return createElement(node.tag, { key, ...(node.normal ? { mathvariant: "normal" } : {}), ...(node.stretchy === false ? { stretchy: "false" } : {}) }, node.text);
}
