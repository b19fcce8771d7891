import { nodeKey, type Projection } from "../../core/document";
import { Glyph, type GlyphKind } from "../glyphs/Glyph";
import { isAnalog, nodeSign, projectionSign } from "../model/signs";
import { useCircuit, useSession } from "../studio";

/** Glyph to glyph: who sends, how it ends, who receives. Seen from the node `of`, only the other end is named. */
export function Pair({ projection, of }: { projection: Projection; of?: string }) {
  const { key, document } = useCircuit();
  const catalogue = useSession((state) => state.catalogue);
  const self = of !== undefined && nodeKey(projection.from) === nodeKey(projection.to);
  const sign = projectionSign(document, key, projection, catalogue);
  return (
    <span className="pair">
      <End end={projection.from} bare={of === nodeKey(projection.from)} />
      <svg className="tone" data-sign={sign} width="20" height="10" viewBox="0 0 20 10" fill="none" stroke="currentColor" strokeWidth="1.6" aria-label={sign}>
        {sign === "inhibitory" ? <><path d="M0 5H13" /><circle cx="15.6" cy="5" r="2.6" fill="currentColor" /></> : <><path d="M0 5H14" /><path d="M12 1.5 19 5 12 8.5Z" fill="currentColor" stroke="none" /></>}
      </svg>
      <End end={projection.to} bare={of === nodeKey(projection.to)} />
      {self && <span className="quiet">itself</span>}
    </span>
  );
}

function End({ end, bare }: { end: string; bare: boolean }) {
  const { key, circuit, document } = useCircuit();
  const catalogue = useSession((state) => state.catalogue);
  const own = nodeKey(end);
  const node = circuit.nodes[own];
  const kind: GlyphKind = node?.kind === "source" ? (isAnalog(node, catalogue) ? "analog" : "source") : (node?.kind ?? "population");
  return (
    <span className="pair-end">
      <Glyph kind={kind} sign={nodeSign(document, key, own, catalogue)} model={node && "model" in node ? node.model : ""} size={16} />
      {!bare && <span className="cut">{node?.name ?? own}{end.includes(".") ? ` · ${end.slice(end.indexOf(".") + 1)}` : ""}</span>}
    </span>
  );
}
