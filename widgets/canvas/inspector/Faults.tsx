import { useId } from "react";

import { Icon } from "../glyphs/Icon";
import { asKind, firstFault, kindOf, KINDS, pathsFor, unitFor, type Fault } from "../model/faults";
import { setAt, unsetAt } from "../model/pointer";
import { FREE, partsOf } from "../model/values";
import { useSession, useStudio } from "../studio";
import { NumberField } from "./NumberField";
import { RowFindings } from "./RowFindings";
import { TextField } from "./TextField";

const NONE: readonly Fault[] = [];
const PART = { ...FREE, low: 0, high: 1 };
const FIELDS = ["", ".kind", ".path", ".fraction", ".value"];

/** What goes wrong in a run, seeded like everything else: dead neurons and synapses, lost spikes, noisy thresholds. */
export function Faults() {
  const { session } = useStudio();
  const document = useSession((state) => state.document);
  const catalogue = useSession((state) => state.catalogue);
  const faults: readonly Fault[] = document.run?.faults ?? NONE;
  const keep = (next: readonly Fault[], label: string): void => void session.dispatch(next.length ? setAt(["run", "faults"], next, label) : unsetAt(["run", "faults"], label));
  const change = (k: number, fault: Fault): void => keep(faults.map((one, n) => (n === k ? fault : one)), `Change ${kindOf(fault).title.toLowerCase()}`);
  const first = firstFault(document, catalogue);
  return (
    <div className="faults">
      {faults.map((fault, k) => (
        <div key={k} className="fault-item" role="group" aria-label={kindOf(fault).title}>
          <One fault={fault} k={k} onChange={(next) => change(k, next)} onRemove={() => keep(faults.filter((_, n) => n !== k), `Remove ${kindOf(fault).title.toLowerCase()}`)} />
          {FIELDS.map((field) => <RowFindings key={field} where={`run.faults.${k}${field}`} />)}
        </div>
      ))}
      <button type="button" className="btn small" data-testid="add-fault" aria-disabled={!first} title={first ? "Something that goes wrong in this run" : "There is nothing yet that could fail"} onClick={() => first && keep([...faults, first], `Add ${kindOf(first).title.toLowerCase()}`)}><Icon name="plus" size={12} /> Add a fault</button>
    </div>
  );
}

interface OneProps {
  fault: Fault;
  k: number;
  onChange(fault: Fault): void;
  onRemove(): void;
}

function One({ fault, k, onChange, onRemove }: OneProps) {
  const document = useSession((state) => state.document);
  const catalogue = useSession((state) => state.catalogue);
  const id = useId();
  const kind = kindOf(fault);
  const unit = unitFor(document, catalogue, fault);
  const parts = partsOf(fault.value, unit);
  return (
    <>
      <div className="fault-line">
        <span className="field word" title={kind.doc}>
          <select aria-label={`Kind of fault ${k + 1}`} data-testid={`fault-${k}-kind`} value={fault.kind} onChange={(event) => onChange(asKind(document, catalogue, fault, event.target.value))}>
            {KINDS.map((one) => <option key={one.kind} value={one.kind}>{one.title}</option>)}
          </select>
        </span>
        <button type="button" className="btn small icon" aria-label={`Remove fault ${k + 1}`} onClick={onRemove}><Icon name="close" size={12} /></button>
      </div>
      <div className="fault-line">
        <Path id={id} k={k} fault={fault} paths={pathsFor(document, catalogue, kind.of)} onChange={(path) => onChange({ ...fault, path })} />
        {kind.fraction && <label title="Part of them that fails, 0 to 1">part<NumberField name={`fault ${k + 1} fraction`} value={partsOf(fault.fraction ?? 1, "").numbers[0] ?? 1} bounds={PART} onCommit={(fraction) => onChange({ ...fault, fraction })} /></label>}
        {kind.value && <label title={kind.doc}>{kind.value}<NumberField name={`fault ${k + 1} value`} value={parts.numbers[0] ?? null} unit={parts.unit} bounds={{ ...FREE, low: kind.value === "sd" ? 0 : null, unit }} onCommit={(value, given) => onChange({ ...fault, value: given ? { value, unit: given } : value })} /></label>}
      </div>
    </>
  );
}

/** Which ones: a path of the list, or typed (`exc[0:10]`). */
function Path({ id, k, fault, paths, onChange }: { id: string; k: number; fault: Fault; paths: string[]; onChange(path: string): void }) {
  return (
    <span className="field path" title="Which ones; neurons can be chosen: exc[0:10]">
      <TextField name={`Path of fault ${k + 1}`} testid={`fault-${k}-path`} className="mono" value={fault.path} list={id} onCommit={onChange} />
      <datalist id={id}>{paths.map((path) => <option key={path} value={path} />)}</datalist>
    </span>
  );
}
