import { useState } from "react";

import type { Chip, ChipOption } from "../../core/report";
import type { CompileState } from "../../core/session";
import { Icon } from "../glyphs/Icon";
import { Dialog } from "../overlay/Dialog";
import { useMeter, useSession, useStudio } from "../studio";
import { Result } from "./Result";

const FEW = 5; // options that need no folding

type Values = { [name: string]: unknown };

/** Compiling for a machine: what is asked of it, how far it is, and what became of it. */
export function CompileDialog({ target }: { target: string }) {
  const { view } = useStudio();
  const chips = useMeter((state) => state.chips);
  const latest = useSession((state) => state.compile);
  const chip = chips?.find((one) => one.key === target);
  const shown = latest?.target === target ? latest : null;
  return (
    <Dialog label="Compile" className="compile">
      <header className="compile-head">
        <h2>Compile for</h2>
        <span className="field word">
          <select aria-label="Target" data-testid="compile-target" value={target} onChange={(event) => view.set({ overlay: { compile: event.target.value } })}>
            {chips?.map((one) => <option key={one.key} value={one.key}>{one.title}</option>)}
          </select>
        </span>
        <button type="button" className="btn small icon" aria-label="Close" onClick={() => view.set({ overlay: null })}><Icon name="close" size={14} /></button>
      </header>
      {chip ? <Ask key={target} chip={chip} latest={shown} /> : <p className="pad quiet">{chips ? "There is no such machine." : "Asking Python which machines there are …"}</p>}
    </Dialog>
  );
}

function Ask({ chip, latest }: { chip: Chip; latest: CompileState | null }) {
  const { session } = useStudio();
  const errors = useSession((state) => state.findings.filter((finding) => finding.severity === "error").length);
  const [values, setValues] = useState<Values>({});
  const [verify, setVerify] = useState(false);
  const running = latest?.state === "running";
  const why = errors ? `${errors === 1 ? "An error stands" : `${errors} errors stand`} in the way: see Findings.` : "";
  const go = (): void => session.compile({ target: chip.key, options: values, verify });
  const rows = chip.options.map((option) => <OptionRow key={option.name} option={option} value={values[option.name]} onChange={(value) => setValues(withValue(values, option.name, value))} />);
  return (
    <div className="compile-body scroll">
      <p className="quiet">{chip.doc}</p>
      <div className="compile-options" role="group" aria-label="Options">
        {chip.options.length > FEW ? <details><summary>{chip.options.length} options</summary>{rows}</details> : rows}
        <div className="option">
          <span className="label"><b>Verify</b><small>Read the artefact back, execute it, and compare with the ideal network.</small></span>
          <Toggle name="Verify" testid="compile-verify" on={verify} onChange={setVerify} />
        </div>
      </div>
      <div className="compile-go">
        {running ? <Running latest={latest} /> : (
          <button type="button" className="btn primary" data-testid="compile-go" aria-disabled={why ? true : undefined} title={why} onClick={() => !why && go()}>
            <Icon name="chip" size={14} /> Compile
          </button>
        )}
        {!running && why && <span className="small quiet">{why}</span>}
        {!running && !why && latest?.state === "cancelled" && <span className="small quiet" role="status">Cancelled after {latest.wall_s.toFixed(1)} s.</span>}
      </div>
      {latest && latest.state === "failed" && (
        <p className="fit-line" data-severity="error" role="alert"><span className="sev"><Icon name="error" size={12} /></span><span>{latest.text || "It could not be compiled."}</span></p>
      )}
      {latest?.report && latest.state === "done" && <Result compile={latest} />}
    </div>
  );
}

function withValue(values: Values, name: string, value: unknown): Values {
  const { [name]: _, ...others } = values;
  return value === undefined ? others : { ...others, [name]: value };
}

function Running({ latest }: { latest: CompileState }) {
  const { session } = useStudio();
  const share = Math.round(latest.share * 100);
  return (
    <>
      <div className="progress" role="progressbar" aria-label="Compilation" aria-valuenow={share} aria-valuemin={0} aria-valuemax={100} data-testid="compile-progress">
        <i style={{ width: `${share}%` }} />
        <span className="cut">{latest.step} …</span>
      </div>
      <button type="button" className="btn line" data-testid="compile-cancel" onClick={() => session.cancelCompile()}><Icon name="stop" size={14} /> Cancel</button>
    </>
  );
}

/** A word of a list, a yes or no, or a number; empty: the compiler decides. */
function OptionRow({ option, value, onChange }: { option: ChipOption; value: unknown; onChange(value: unknown): void }) {
  const name = option.name.replace(/_/g, " ");
  return (
    <div className="option">
      <span className="label"><b>{name}</b><small>{option.doc}</small></span>
      {option.choices.length > 0 ? (
        <span className="field word">
          <select aria-label={name} data-testid={`option-${option.name}`} value={String(value ?? option.default ?? "")} onChange={(event) => onChange(event.target.value)}>
            {option.default === null && <option value="">by itself</option>}
            {option.choices.map((choice) => <option key={choice}>{choice}</option>)}
          </select>
        </span>
      ) : typeof option.default === "boolean" ? (
        <Toggle name={name} testid={`option-${option.name}`} on={value === undefined ? option.default : value === true} onChange={onChange} />
      ) : (
        <Typed name={name} testid={`option-${option.name}`} standard={option.default} value={value} onChange={onChange} />
      )}
    </div>
  );
}

function Toggle({ name, testid, on, onChange }: { name: string; testid: string; on: boolean; onChange(on: boolean): void }) {
  return (
    <button type="button" role="switch" className="switch" aria-checked={on} aria-label={name} data-testid={testid} onClick={() => onChange(!on)}>
      <i />
    </button>
  );
}

function Typed({ name, testid, standard, value, onChange }: { name: string; testid: string; standard: number | string | null | boolean; value: unknown; onChange(value: unknown): void }) {
  const [text, setText] = useState(value === undefined ? "" : String(value));
  const number = Number(text.replace(",", "."));
  const bad = text.trim() !== "" && typeof standard !== "string" && !Number.isFinite(number);
  return (
    <span className="field number" data-bad={bad}>
      <input aria-label={name} data-testid={testid} inputMode="decimal" autoComplete="off" spellCheck={false} placeholder={standard === null ? "by itself" : String(standard)} value={text} aria-invalid={bad}
        onChange={(event) => {
          const typed = event.target.value;
          setText(typed);
          const given = Number(typed.replace(",", "."));
          if (!typed.trim()) onChange(undefined);
          else onChange(typeof standard !== "string" && Number.isFinite(given) ? given : typed);
        }} />
    </span>
  );
}

