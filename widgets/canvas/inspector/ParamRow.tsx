import { useState } from "react";

import type { ParamEntry } from "../../core/catalogue";
import type { Value } from "../../core/document";
import { showUnit } from "../../core/units";
import { Icon } from "../glyphs/Icon";
import { Symbol } from "../glyphs/Symbol";
import { boundsText, partsOf, toValue, type Parts } from "../model/values";
import { useView } from "../studio";
import { ArrayField } from "./ArrayField";
import { Spread } from "./Spread";
import { NumberField } from "./NumberField";
import { RowFindings } from "./RowFindings";

interface ParamRowProps {
  param: ParamEntry;
  /** What the document says; undefined where the default holds. */
  value: Value | undefined;
  /** The default that holds otherwise (an override may start from something else). */
  base?: Value;
  /** Paths whose findings belong to this row. */
  where: string;
  /** Several things are edited that do not agree. */
  mixed?: boolean;
  /** Words instead of the symbol, where the parameter is none of a model's. */
  label?: string;
  /** Spoken name of the field when it must differ from the parameter's. */
  name?: string;
  /** What stands in the field of a number that is not given. */
  empty?: string;
  onChange(value: Value): void;
  onReset(): void;
}

/** One parameter: its symbol and one line about it, its value with unit, a distribution when asked, back to the default. */
export function ParamRow({ param, value, base, where, mixed = false, empty, label, name = param.name, onChange, onReset }: ParamRowProps) {
  const [spread, setSpread] = useState(false);
  const asked = useView((view) => view.focus === param.name || view.focus === name);
  const shown = mixed ? undefined : (value ?? base ?? param.default);
  const parts = partsOf(shown, param.unit);
  const set = mixed || value !== undefined;
  const range = boundsText(param);
  const help = `${param.doc}${range ? `\nAllowed: ${range}.` : ""}${param.default === null ? "" : `\nDefault: ${String(param.default)} ${showUnit(param.unit)}`}`;
  const distributed = parts.form !== "fixed" && parts.form !== "unset" && parts.form !== "word" && parts.form !== "data";
  const change = (next: Partial<Parts>): void => onChange(toValue({ ...parts, ...next }, param.unit));
  return (
    <div className="param" data-set={set}>
      <div className="param-line">
        <span className="label" title={help}>
          {label ?? <Symbol name={param.name} />}
          {!label && <span className="doc">{param.doc.replace(/\.$/, "")}</span>}
        </span>
        {set && (
          <button type="button" className="btn small icon reset" aria-label={`Reset ${name} to its default`} title={`Back to the default${param.default === null ? "" : ` (${String(param.default)} ${showUnit(param.unit)})`}`} onClick={onReset}>
            <Icon name="reset" size={13} />
          </button>
        )}
        <Editor param={param} name={name} parts={parts} mixed={mixed} empty={empty} asked={asked} onChange={change} onValue={onChange} distributed={distributed} onSpread={() => setSpread(!spread)} />
        {param.kind === "number" && !param.shared && !isSwitch(param) && (
          <button type="button" className="btn small icon spread" aria-pressed={spread || distributed} aria-label={`Distribution of ${name}`} title="One value for all, or a distribution" data-testid={`spread-${name}`} onClick={() => setSpread(!spread)}>
            <Icon name="spread" size={13} />
          </button>
        )}
      </div>
      {(spread || distributed) && <Spread param={param} name={name} parts={parts} onChange={change} />}
      <RowFindings where={where} />
    </div>
  );
}

/** A whole number that is 0 or 1 is a yes or no. */
const isSwitch = (param: ParamEntry): boolean => param.integer && param.low === 0 && param.high === 1;

interface EditorProps {
  empty?: string;
  param: ParamEntry;
  name: string;
  parts: Parts;
  mixed: boolean;
  asked: boolean;
  distributed: boolean;
  onChange(next: Partial<Parts>): void;
  onValue(value: Value): void;
  onSpread(): void;
}

function Editor({ param, name, parts, mixed, empty, asked, distributed, onChange, onValue, onSpread }: EditorProps) {
  if (param.kind === "word" || param.choices.length > 0) {
    return (
      <span className="field word">
        <select aria-label={name} data-testid={`field-${name}`} value={parts.text || String(param.default ?? "")} onChange={(event) => onValue(event.target.value)}>
          {param.choices.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      </span>
    );
  }
  if (isSwitch(param)) {
    const on = (parts.numbers[0] ?? 0) === 1;
    return (
      <button type="button" role="switch" className="switch" aria-checked={on} aria-label={name} data-testid={`field-${name}`} onClick={() => onValue(on ? 0 : 1)}>
        <i />
      </button>
    );
  }
  if (parts.form === "data" || param.kind === "array") {
    return <ArrayField name={name} chosen={parts.text} choosing={param.kind === "array"} onValue={onValue} />;
  }
  if (distributed) {
    return (
      <button type="button" className="field asvalue" onClick={onSpread} data-testid={`field-${name}`} aria-label={name}>
        {parts.form}
      </button>
    );
  }
  return <NumberField name={name} value={parts.numbers[0] ?? null} unit={parts.unit} bounds={param} placeholder={mixed ? "mixed" : empty} autoFocus={asked} onCommit={(next, unit) => (unit === param.unit && typeof param.default === "number" && parts.form === "fixed" && !unit ? onValue(next) : onChange({ form: "fixed", numbers: [next], unit }))} />;
}
