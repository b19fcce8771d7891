import { defaultKey, entryOf, type Entry, type PresetEntry } from "../../core/catalogue";
import type { PopulationNode, SourceNode, Values } from "../../core/document";
import { isAnalog, nodeSign } from "../model/signs";
import { withPreset } from "../model/presets";
import { pathText } from "../model/places";
import { batch, setAt, unsetAt } from "../model/pointer";
import { useCircuit, useSession, useStudio, useView } from "../studio";
import { About } from "./About";
import { Description } from "./Description";
import { FitSection } from "../meter/FitSection";
import { Links } from "./Links";
import { ModelChooser } from "./ModelChooser";
import { NumberField } from "./NumberField";
import { Params } from "./Params";
import { Placement } from "./Placement";
import { PresetKinetics } from "./PresetKinetics";
import { Presets } from "./Presets";
import { RecordStates } from "./RecordStates";
import { ResponseSection } from "./ResponseSection";
import { Row } from "./Row";
import { RowFindings } from "./RowFindings";
import { Section } from "./Section";
import { Shape } from "./Shape";
import { Title } from "./Title";

const SIZE = { low: 1, high: null, low_open: false, high_open: false, integer: true, unit: "" };

/** A population or a source. */
export function NodeForm({ id, node }: { id: string; node: PopulationNode | SourceNode }) {
  const { session } = useStudio();
  const { key: circuit, document } = useCircuit();
  const catalogue = useSession((state) => state.catalogue);
  const trail = useView((view) => view.trail);
  const asked = useView((view) => view.focus);
  const kind = node.kind === "source" ? "source" : "neuron";
  const entry = entryOf(catalogue, kind, node.model);
  const at = ["circuits", circuit, "nodes", id];
  const glyph = node.kind === "population" ? "population" : isAnalog(node, catalogue) ? "analog" : "source";
  const values = node.params ?? {};
  const chooseModel = (model: string, preset?: string): void => {
    const next = entryOf(catalogue, kind, model);
    const taken = next?.presets?.find((one) => one.key === preset);
    const kept = taken ? withPreset(next!, keptValues(values, next), taken) : keptValues(values, next);
    if (model === node.model && taken) return choosePreset(kept, taken);
    const params = Object.keys(values).length || Object.keys(kept).length ? [setAt([...at, "params"], kept)] : [];
    session.dispatch(batch([setAt([...at, "model"], model, `Choose ${model}`), ...params], `Choose ${model}`));
  };
  const choosePreset = (next: Values, preset: PresetEntry): void => void session.dispatch(Object.keys(next).length || node.params ? setAt([...at, "params"], next, `Take ${preset.title}`) : batch([], ""));
  return (
    <>
      <Title kind={glyph} sign={nodeSign(document, circuit, id, catalogue)} model={node.model} name={node.name} path={pathText(trail, id)} onRename={(name) => void session.dispatch({ command: "rename", circuit, node: id, name })} />
      <FitSection id={id} />
      <Section title={node.kind === "source" ? "Source" : "Population"}>
        <Row label="Model">
          <ModelChooser kind={kind} value={node.model ?? defaultKey(catalogue, kind)} label="Model" onChoose={chooseModel} />
        </Row>
        <RowFindings where={`${id}.model`} />
        <Row label="Size" title="How many elements">
          <NumberField name="size" value={node.size} bounds={SIZE} autoFocus={asked === "size"} onCommit={(size) => void session.dispatch(resized(at, size, node.shape))} />
        </Row>
        <RowFindings where={`${id}.size`} />
        <Shape size={node.size} shape={node.shape ?? null} onChange={(shape) => void session.dispatch(shape ? setAt([...at, "shape"], shape, "Set the shape") : unsetAt([...at, "shape"], "Remove the shape"))} />
        <About entry={entry} values={values} />
      </Section>
      <Section title="Parameters" side={<SetCount values={values} />}>
        <Presets entry={entry} values={values} onChoose={choosePreset} />
        <PresetKinetics id={id} entry={entry} values={values} />
        <Params key={`${circuit}/${id}`} entry={entry} values={values} at={[[...at, "params"]]} where={id} />
      </Section>
      {node.kind === "population" && entry && <ResponseSection kind="neuron" model={node.model} values={values} />}
      {node.kind === "population" && (
        <Section title="Record" side={<span className="quiet small">drawn under Traces</span>}>
          <RecordStates path={pathText(trail, id)} node={node} />
        </Section>
      )}
      <Placement path={pathText(trail, id)} kind={node.kind} />
      <Links id={id} />
      <Section title="Notes" folded={!node.description}>
        <Description at={at} text={node.description ?? ""} />
      </Section>
    </>
  );
}


/** A new size drops a shape that no longer multiplies to it. */
function resized(at: (string | number)[], size: number, shape: number[] | null | undefined) {
  const fits = !shape || shape.reduce((product, n) => product * n, 1) === size;
  return batch([setAt([...at, "size"], size, `Set size to ${size}`), ...(fits ? [] : [unsetAt([...at, "shape"])])], `Set size to ${size}`);
}

/** Values that the new model knows too. */
function keptValues(values: Values, entry: Entry | undefined): Values {
  return Object.fromEntries(Object.entries(values).filter(([name]) => entry?.params.some((param) => param.name === name)));
}

function SetCount({ values }: { values: Values }) {
  const n = Object.keys(values).length;
  return n ? <span className="quiet small">{n} set</span> : null;
}
