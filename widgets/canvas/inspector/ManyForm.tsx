import { entryOf } from "../../core/catalogue";
import type { Node, PopulationNode, SourceNode, Values } from "../../core/document";
import { Icon } from "../glyphs/Icon";
import { useCircuit, useSession, useStudio, useView } from "../studio";
import { Params } from "./Params";
import { Section } from "./Section";

/** Several things at once: what can be done with them, and their parameters together where they share a model. */
export function ManyForm({ nodes }: { nodes: [string, Node][] }) {
  const { actions } = useStudio();
  const { key: circuit } = useCircuit();
  const catalogue = useSession((state) => state.catalogue);
  const { projections, ports } = useView((view) => view.selection);
  const units = nodes.filter((pair): pair is [string, PopulationNode | SourceNode] => pair[1].kind !== "instance");
  const tables = units.map(([, node]) => node.params ?? {});
  const models = new Set(units.map(([, node]) => `${node.kind} ${node.model}`));
  const together = units.length === nodes.length && units.length > 1 && models.size === 1;
  const first = units[0]?.[1];
  const entry = together && first ? entryOf(catalogue, first.kind === "source" ? "source" : "neuron", first.model) : undefined;
  return (
    <>
      <header className="title">
        <b>{[many(nodes.length, "node"), many(projections.length, "projection"), many(ports.length, "port")].filter(Boolean).join(", ")} selected</b>
      </header>
      <div className="acts">
        <button type="button" className="btn line small" disabled={!nodes.length} onClick={() => actions.group()}><Icon name="group" size={13} /> Group <kbd>Ctrl G</kbd></button>
        <button type="button" className="btn line small" disabled={!nodes.length} onClick={() => actions.duplicate()}>Duplicate <kbd>Ctrl D</kbd></button>
        <button type="button" className="btn line small" onClick={() => actions.remove()}>Remove <kbd>Del</kbd></button>
      </div>
      {entry && (
        <Section title={`Parameters of all ${units.length}`} side={<span className="quiet small">{entry.title}</span>}>
          <Params entry={entry} values={shared(tables)} mixed={mixedIn(tables)} at={units.map(([key]) => ["circuits", circuit, "nodes", key, "params"])} where="" />
        </Section>
      )}
    </>
  );
}

const many = (n: number, word: string): string => (n ? `${n} ${word}${n > 1 ? "s" : ""}` : "");

/** Values on which all agree. */
function shared(tables: Values[]): Values {
  const [first = {}, ...rest] = tables;
  return Object.fromEntries(Object.entries(first).filter(([name, value]) => rest.every((table) => JSON.stringify(table[name]) === JSON.stringify(value))));
}

/** Names on which they differ. */
function mixedIn(tables: Values[]): Set<string> {
  const agreed = shared(tables);
  return new Set(tables.flatMap((table) => Object.keys(table)).filter((name) => !(name in agreed)));
}
