import type { Document, Node } from "../../core/document";
import { Glyph, type GlyphKind } from "../glyphs/Glyph";
import { shortNumber } from "../model/values";
import { isAnalog, nodeSign } from "../model/signs";
import type { Step } from "../model/places";
import { useCircuit, useSession, useStudio, useView } from "../studio";

/** The whole document as a tree: circuits within circuits. */
export function Outline() {
  const { document } = useCircuit();
  const catalogue = useSession((state) => state.catalogue);
  const { view, actions } = useStudio();
  const trail = useView((state) => state.trail);
  const chosen = useView((state) => state.selection.nodes);
  const here = JSON.stringify(trail);
  const rows = rowsOf(document, [{ circuit: document.main }]);
  return (
    <div className="tree" role="tree" aria-label="Outline">
      <button type="button" role="treeitem" className="entry" aria-level={1} aria-selected={trail.length === 1 && chosen.length === 0} onClick={() => actions.go([{ circuit: document.main }])}>
        <Glyph kind="instance" size={16} />
        <b className="cut">{document.name || "Untitled"}</b>
      </button>
      {rows.map(({ key, node, at }) => (
        <button
          key={`${at.map((step) => step.via ?? "").join("/")}/${key}`}
          type="button"
          role="treeitem"
          className="entry"
          aria-level={at.length + 1}
          aria-selected={chosen.includes(key) && here === JSON.stringify(at)}
          style={{ paddingLeft: 6 + 14 * at.length }}
          data-testid={`outline-${[...at.slice(1).map((step) => step.via), key].join(".")}`}
          onClick={() => (actions.goTo({ trail: at, node: key, tail: "" }), view.set({ focus: null }))}
          onDoubleClick={() => node.kind === "instance" && actions.enter(key)}
        >
          <Glyph kind={glyphOf(node, isAnalog(node, catalogue))} sign={nodeSign(document, at.at(-1)!.circuit, key, catalogue)} model={"model" in node ? node.model : ""} size={16} />
          <span className="cut">{node.name}</span>
          <span className="size small">{node.kind === "instance" ? ((node.repeat ?? 1) > 1 ? `× ${node.repeat}` : "") : shortNumber(node.size)}</span>
        </button>
      ))}
    </div>
  );
}

const glyphOf = (node: Node, analog: boolean): GlyphKind => (node.kind === "source" ? (analog ? "analog" : "source") : node.kind);

interface Line {
  key: string;
  node: Node;
  at: Step[];
}

function rowsOf(document: Document, at: Step[]): Line[] {
  const circuit = document.circuits[at.at(-1)!.circuit];
  if (!circuit || at.length > 8) return [];
  return Object.entries(circuit.nodes).flatMap(([key, node]) => [{ key, node, at }, ...(node.kind === "instance" ? rowsOf(document, [...at, { circuit: node.of, via: key }]) : [])]);
}
