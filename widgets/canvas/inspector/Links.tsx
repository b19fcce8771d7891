import { nodeKey, type Projection } from "../../core/document";
import { projectionSign } from "../model/signs";
import { useCircuit, useSession, useStudio } from "../studio";
import { Pair } from "./Pair";
import { Section } from "./Section";
import { labelOf } from "../graph/strength";

/** What comes in and what goes out, as rows to walk along. */
export function Links({ id }: { id: string }) {
  const { view } = useStudio();
  const { key, circuit, document } = useCircuit();
  const catalogue = useSession((state) => state.catalogue);
  const all = Object.entries(circuit.projections);
  const incoming = all.filter(([, p]) => nodeKey(p.to) === id);
  const outgoing = all.filter(([, p]) => nodeKey(p.from) === id && nodeKey(p.to) !== id);
  if (!incoming.length && !outgoing.length) return null;
  const row = ([own, p]: [string, Projection]) => (
    <button key={own} type="button" className="item link" data-sign={projectionSign(document, key, p, catalogue)} onClick={() => view.select({ projections: [own] })}>
      <Pair projection={p} of={id} />
      <span className="end cut">{labelOf(p, p.gain !== undefined, catalogue)}</span>
    </button>
  );
  return (
    <Section title="Connections" side={<span className="quiet small">{incoming.length} in, {outgoing.length} out</span>}>
      <div className="links">
        {incoming.map(row)}
        {outgoing.map(row)}
      </div>
    </Section>
  );
}
