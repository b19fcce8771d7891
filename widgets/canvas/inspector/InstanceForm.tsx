import type { InstanceNode } from "../../core/document";
import { Icon } from "../glyphs/Icon";
import { pathText } from "../model/places";
import { setAt } from "../model/pointer";
import { neuronsIn, portsOf } from "../graph/scene";
import { useCircuit, useStudio, useView } from "../studio";
import { Description } from "./Description";
import { FitSection } from "../meter/FitSection";
import { Links } from "./Links";
import { NumberField } from "./NumberField";
import { Overrides } from "./Overrides";
import { Placement } from "./Placement";
import { Row } from "./Row";
import { RowFindings } from "./RowFindings";
import { Section } from "./Section";
import { Title } from "./Title";

const REPEAT = { low: 1, high: null, low_open: false, high_open: false, integer: true, unit: "" };

/** A circuit used here: how often, which one, and what differs from it. */
export function InstanceForm({ id, node }: { id: string; node: InstanceNode }) {
  const { session, actions } = useStudio();
  const { key: circuit, document } = useCircuit();
  const trail = useView((view) => view.trail);
  const asked = useView((view) => view.focus);
  const at = ["circuits", circuit, "nodes", id];
  const inner = document.circuits[node.of];
  const { inputs, outputs } = portsOf(document, node.of);
  const others = Object.keys(document.circuits).filter((key) => key === node.of || actions.mayHold(key));
  return (
    <>
      <Title kind="instance" name={node.name} path={pathText(trail, id)} onRename={(name) => void session.dispatch({ command: "rename", circuit, node: id, name })} />
      <FitSection id={id} />
      <Section title="Circuit" side={<button type="button" className="btn small line" disabled={!inner} onClick={() => actions.enter(id)}><Icon name="enter" size={12} /> Enter</button>}>
        <Row label="Made of">
          <span className="field word">
            <select aria-label="circuit" data-testid="field-of" value={node.of} onChange={(event) => void session.dispatch(setAt([...at, "of"], event.target.value, "Choose a circuit"))}>
              {others.map((key) => (
                <option key={key} value={key}>{document.circuits[key]?.name ?? key}</option>
              ))}
            </select>
          </span>
        </Row>
        <Row label="Copies" title="How many times the circuit stands here">
          <NumberField name="repeat" value={node.repeat ?? 1} bounds={REPEAT} autoFocus={asked === "repeat"} onCommit={(repeat) => void session.dispatch(setAt([...at, "repeat"], repeat, `Set copies to ${repeat}`))} />
        </Row>
        <RowFindings where={id} />
        <p className="about small">
          {neuronsIn(document, node.of).toLocaleString("en")} neurons a copy. {inputs.length ? `In: ${inputs.join(", ")}. ` : ""}{outputs.length ? `Out: ${outputs.join(", ")}.` : ""}
        </p>
      </Section>
      <Section title="Differs here" side={<span className="quiet small">{Object.keys(node.override ?? {}).length || ""}</span>}>
        <Overrides at={[...at, "override"]} node={node} id={id} />
      </Section>
      <Placement path={pathText(trail, id)} kind="instance" />
      <Links id={id} />
      <Section title="Notes" folded={!node.description}>
        <Description at={at} text={node.description ?? ""} />
      </Section>
    </>
  );
}
