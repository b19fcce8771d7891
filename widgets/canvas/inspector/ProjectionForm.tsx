import { defaultKey, entryOf, type Kind, type PresetEntry } from "../../core/catalogue";
import { nodeKey, type ModelRef, type Projection, type Rule, type Values } from "../../core/document";
import { isAnalog, kineticsOf } from "../model/signs";
import { withPreset } from "../model/presets";
import { pathText } from "../model/places";
import { setAt, unsetAt, batch } from "../model/pointer";
import { FREE, type Bounds } from "../model/values";
import { useCircuit, useSession, useStudio, useView } from "../studio";
import { About } from "./About";
import { Copies } from "./Copies";
import { Crossbar } from "./Crossbar";
import { FitSection } from "../meter/FitSection";
import { ModelChooser } from "./ModelChooser";
import { Pair } from "./Pair";
import { ParamRow } from "./ParamRow";
import { Params } from "./Params";
import { Placement } from "./Placement";
import { Presets } from "./Presets";
import { ResponseFold } from "./ResponseSection";
import { Row } from "./Row";
import { RowFindings } from "./RowFindings";
import { Section } from "./Section";
import { Signals } from "./Signals";

type Part = "connector" | "kinetics" | "plasticity" | "device";
const PARTS: [Part, string, string][] = [
  ["connector", "Connector", "Who is connected with whom"],
  ["kinetics", "Kinetics", "How an arriving spike acts"],
  ["plasticity", "Plasticity", "How the weight learns"],
  ["device", "Device", "What stores the weight"],
];
const plain = { role: "", kind: "number" as const, choices: [], shared: false, advanced: false };

/** A projection: its two ends, strength and delay, and its independent choices. */
export function ProjectionForm({ id, projection }: { id: string; projection: Projection }) {
  const { session } = useStudio();
  const { key: circuit, circuit: { nodes } } = useCircuit();
  const catalogue = useSession((state) => state.catalogue);
  const trail = useView((view) => view.trail);
  const synapses = useSession((state) => state.synapses);
  const path = pathText(trail, id);
  const at = ["circuits", circuit, "projections", id];
  const analog = isAnalog(nodes[nodeKey(projection.from)], catalogue);
  const unit = kineticsOf(projection, catalogue)?.weight_unit ?? "nA";
  const coupled = analog ? "" : (kineticsOf(projection, catalogue)?.coupled ?? "");
  const count = synapses[path] ?? synapses[`${circuit}:${id}`];
  const value = (name: "weight" | "delay" | "gain", doc: string, unitOf: string, bounds: Bounds, standard: number) => (
    <ParamRow
      param={{ ...plain, ...bounds, name, doc, unit: unitOf, default: standard }}
      value={projection[name]}
      where={`${id}.${name}`}
      onChange={(next) => void session.dispatch(setAt([...at, name], next, `Set ${name}`))}
      onReset={() => void session.dispatch(unsetAt([...at, name], `Reset ${name}`))}
    />
  );
  return (
    <>
      <header className="title">
        <Pair projection={projection} />
        <span className="path mono">{path}</span>
      </header>
      <FitSection id={id} />
      <Section title="Strength" side={count === undefined ? undefined : <span className="quiet small" title="Expected number of synapses">≈ {Math.round(count).toLocaleString("en")} synapses</span>}>
        <RowFindings where={id} />
        {analog ? value("gain", "Factor on the signal", "", FREE, 1) : value("weight", "Strength of one synapse", unit, FREE, 1)}
        {coupled && <p className="quiet small">No delay and no spikes: it acts through the source's {coupled} of the previous step.</p>}
        {!analog && !coupled && value("delay", "From spike to arrival", "ms", { ...FREE, low: 0, unit: "ms" }, 1)}
        <Copies at={at} projection={projection} />
      </Section>
      {PARTS.filter(([part]) => shown(part, analog, coupled, projection)).map(([part, title, doc]) => (
        <Choice key={part} part={part} title={title} doc={doc} at={[...at, part]} chosen={projection[part]} where={`${id}.${part}`} />
      ))}
      {!analog && <Crossbar at={[...at, "crossbar"]} values={projection.crossbar ?? null} where={`${id}.crossbar`} />}
      {!analog && <Placement path={path} kind="projection" />}
    </>
  );
}

/** A current has a connector alone; what couples states neither learns nor is stored in a device. */
function shown(part: Part, analog: boolean, coupled: string, projection: Projection): boolean {
  if (analog) return part === "connector";
  return !coupled || part === "connector" || part === "kinetics" || projection[part] !== undefined;
}

interface ChoiceProps {
  part: Part;
  title: string;
  doc: string;
  at: string[];
  chosen: ModelRef | undefined;
  where: string;
}

function Choice({ part, title, doc, at, chosen, where }: ChoiceProps) {
  const { session } = useStudio();
  const catalogue = useSession((state) => state.catalogue);
  const kind: Kind = part;
  const model = chosen?.model ?? defaultKey(catalogue, kind);
  const entry = entryOf(catalogue, kind, model);
  const quiet = !entry?.params.length;
  const values = chosen?.params ?? {};
  const choose = (next: string, preset?: string): void => {
    const other = entryOf(catalogue, kind, next);
    const taken = other?.presets?.find((one) => one.key === preset);
    if (next === model && taken) return choosePreset(withPreset(other!, values, taken), taken);
    const weight = part === "kinetics" ? weightFor(next) : [];
    const params = taken ? withPreset(other!, {}, taken) : {};
    session.dispatch(batch([setAt(at, { model: next, ...(Object.keys(params).length ? { params } : {}) }, `Choose ${next}`), ...weight], `Choose ${next}`));
  };
  const choosePreset = (next: Values, preset: PresetEntry): void => void session.dispatch(setAt(at, { ...chosen, model, params: next }, `Take ${preset.title}`));
  /** A weight in mV means nothing to a current: its number stays, its unit follows the kinetics. */
  const weightFor = (next: string) => {
    const wanted = entryOf(catalogue, "kinetics", next)?.weight_unit;
    const keys = [...at.slice(0, -1), "weight"];
    const weight = keys.reduce<unknown>((here, key) => (here as Record<string, unknown> | undefined)?.[key], session.getState().document);
    if (!wanted || wanted === entry?.weight_unit || typeof weight !== "object" || weight === null || !("unit" in weight)) return [];
    return [setAt(keys, { ...weight, unit: wanted })];
  };
  return (
    <Section title={title} side={<span className="quiet small cut">{entry?.title ?? model}</span>} folded={quiet && part !== "connector" && part !== "kinetics"}>
      <Row label={title} title={doc}>
        <ModelChooser kind={kind} value={model} label={title} onChoose={choose} />
      </Row>
      <RowFindings where={where} />
      <Presets entry={entry} values={values} onChoose={choosePreset} />
      <About entry={entry} values={values} />
      {part === "plasticity" && entry && <Signals entry={entry} chosen={(chosen as Rule | undefined)?.signals ?? {}} at={[...at, "signals"]} where={where} />}
      {!quiet && <Params entry={entry} values={values} at={[[...at, "params"]]} where={where} />}
      {part !== "connector" && entry && !(part === "plasticity" && entry.plastic === false) && <ResponseFold kind={kind} model={model} values={values} />}
    </Section>
  );
}
