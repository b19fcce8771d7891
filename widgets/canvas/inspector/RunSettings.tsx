import type { ParamEntry } from "../../core/catalogue";
import type { Value } from "../../core/document";
import { setAt, unsetAt } from "../model/pointer";
import { FREE, partsOf, readableTime } from "../model/values";
import { useSession, useStudio } from "../studio";
import { NumberField } from "./NumberField";
import { ParamRow } from "./ParamRow";
import { Row } from "./Row";

const time = (name: string, doc: string, standard: number): ParamEntry => ({ ...FREE, name, doc, unit: "ms", default: standard, low: 0, low_open: true, role: "", kind: "number", choices: [], shared: true, advanced: false });
const DURATION = time("duration", "How long is simulated", 1000);
const DT = time("dt", "Time step", 0.1);
const WORDS = [
  { name: "precision", label: "Precision", title: "Single is faster; double is what golden data are compared in", words: ["single", "double"] },
  { name: "weights", label: "Weights", title: "table256 keeps 256 values for each distribution of weights: a quarter of the memory, a small error that the run states", words: ["float32", "table256"] },
  { name: "connectivity", label: "Synapses", title: "Procedural draws synapses again whenever their source fires, where the connector can: no memory, the same network", words: ["stored", "procedural"] },
] as const;
const SEED = { ...FREE, low: 0, integer: true };

/** What the document says about a run. */
export function RunSettings() {
  const { session } = useStudio();
  const run = useSession((state) => state.document.run) ?? {};
  const catalogue = useSession((state) => state.catalogue);
  const { form, numbers, unit } = partsOf(run.duration, "ms");
  const duration = form === "fixed" ? readableTime(catalogue, numbers[0]!, unit) : run.duration;
  const row = (label: string, param: ParamEntry, value: Value | undefined) => <ParamRow label={label} name={`run.${param.name}`} param={param} value={value} where={`run.${param.name}`} onChange={(next) => void session.dispatch(setAt(["run", param.name], next, `Set ${param.name}`))} onReset={() => void session.dispatch(unsetAt(["run", param.name], `Reset ${param.name}`))} />;
  return (
    <>
      {row("Duration", DURATION, duration)}
      {row("Time step", DT, run.dt)}
      <Row label="Seed" title="The same seed gives the same spikes">
        <NumberField name="run.seed" value={run.seed ?? 1} bounds={SEED} onCommit={(seed) => void session.dispatch(setAt(["run", "seed"], seed, "Set seed"))} />
      </Row>
      {WORDS.map(({ name, label, title, words }) => (
        <Row key={name} label={label} title={title}>
          <span className="field word">
            <select aria-label={name} data-testid={`field-run.${name}`} value={run[name] ?? words[0]} onChange={(event) => void session.dispatch(setAt(["run", name], event.target.value, `Set ${name}`))}>
              {words.map((word) => (
                <option key={word} value={word}>
                  {word}
                </option>
              ))}
            </select>
          </span>
        </Row>
      ))}
    </>
  );
}
