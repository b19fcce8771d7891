import { neuronsIn } from "../graph/scene";
import { useCircuit, useSession, useStudio } from "../studio";
import { Description } from "./Description";
import { Faults } from "./Faults";
import { OwnModels } from "./OwnModels";
import { Recording } from "./Recording";
import { RunSettings } from "./RunSettings";
import { Section } from "./Section";
import { TextField } from "./TextField";
import { Waits } from "./Waits";

/** Nothing selected: the document itself, or the circuit that was entered. */
export function DocumentForm() {
  const { session } = useStudio();
  const { key, circuit, document } = useCircuit();
  const synapses = useSession((state) => state.synapses);
  const wrong = (document.run?.events?.length ?? 0) + (document.run?.faults?.length ?? 0);
  const inner = key !== document.main;
  const total = Object.values(synapses).reduce((sum, n) => sum + n, 0);
  return (
    <>
      <header className="title">
        {inner ? (
          <TextField name="Name of the circuit" testid="field-name" className="inline-edit cut" value={circuit.name ?? key} onCommit={(name) => void session.dispatch({ command: "rename", circuit: key, name })} />
        ) : (
          <b className="cut">{document.name || "Untitled"}</b>
        )}
        <span className="path mono">{inner ? key : ""}</span>
      </header>
      <Section title={inner ? "Circuit" : "Network"}>
        <Description at={inner ? ["circuits", key] : []} text={(inner ? circuit.description : document.description) ?? ""} />
        <p className="about small">
          {neuronsIn(document, key).toLocaleString("en")} neurons{inner ? " a copy" : ""}
          {!inner && total > 0 ? <span title="Expected; drawn when the run begins">, ≈ {Math.round(total).toLocaleString("en")} synapses</span> : ""}
        </p>
      </Section>
      {!inner && (
        <Section title="Models of this document" folded={!Object.keys(document.models ?? {}).length} side={<span className="quiet small">{Object.keys(document.models ?? {}).length || ""}</span>}>
          <OwnModels />
        </Section>
      )}
      <Section title="Run">
        <RunSettings />
      </Section>
      <Section title="Faults and waits" folded={!wrong} side={<span className="quiet small">{wrong || ""}</span>}>
        <Faults />
        <Waits />
      </Section>
      <Section title="Record">
        <Recording />
      </Section>
    </>
  );
}
