import type { Port } from "../../core/document";
import { Icon } from "../glyphs/Icon";
import { setAt } from "../model/pointer";
import { useCircuit, useStudio } from "../studio";
import { Section } from "./Section";
import { Title } from "./Title";

/** A port: where it leads inside. */
export function PortForm({ id, port }: { id: string; port: Port }) {
  const { session, actions } = useStudio();
  const { key: circuit, circuit: { nodes } } = useCircuit();
  const at = ["circuits", circuit, "ports", id];
  const side = port.direction === "in" ? "to" : "from";
  const ends = port[side] ?? [];
  const toggle = (key: string): void => {
    const next = ends.includes(key) ? ends.filter((end) => end !== key) : [...ends, key];
    session.dispatch(setAt([...at, side], next, `Join port ${id}`));
  };
  const candidates = Object.entries(nodes).filter(([, node]) => node.kind === "population" || (node.kind === "source" && port.direction === "out"));
  return (
    <>
      <Title kind={port.direction === "in" ? "port-in" : "port-out"} name={port.name ?? id} path={id} onRename={(name) => void session.dispatch(setAt([...at, "name"], name, `Rename port to ${name}`))} />
      <Section title={port.direction === "in" ? "Leads spikes in, to" : "Leads spikes out, from"}>
        {candidates.map(([key, node]) => (
          <label key={key} className="item check">
            <button type="button" role="checkbox" className="box" aria-checked={ends.includes(key)} aria-label={node.name} onClick={() => toggle(key)}>
              {ends.includes(key) && <Icon name="check" size={12} />}
            </button>
            {node.name}
          </label>
        ))}
        {candidates.length === 0 && <p className="quiet small">Nothing in this circuit yet.</p>}
      </Section>
      <Section title="Port">
        <button type="button" className="btn line small" onClick={() => actions.remove()}><Icon name="trash" size={13} /> Remove</button>
      </Section>
    </>
  );
}
