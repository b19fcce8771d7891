import type { ParamEntry } from "../../core/catalogue";
import { FREE, inUnit, type Form, type Parts } from "../model/values";
import { useSession } from "../studio";
import { Bell } from "./Bell";
import { NumberField } from "./NumberField";

interface SpreadProps {
  param: ParamEntry;
  name: string;
  parts: Parts;
  onChange(next: Partial<Parts>): void;
}

const FORMS: [Form, string][] = [["fixed", "Fixed"], ["normal", "Normal"], ["uniform", "Uniform"]];
const UNLIMITED = { min: null, max: null };

/** How a parameter is spread over the elements: one value, normal or uniform, its numbers, and the limits outside which it is drawn again. */
export function Spread({ param, name, parts, onChange }: SpreadProps) {
  const catalogue = useSession((state) => state.catalogue);
  const [a = 0, b = 0] = parts.numbers;
  const size = Math.abs(a) || 1;
  const become = (form: Form): void => {
    const middle = parts.form === "uniform" ? (a + b) / 2 : a;
    if (form === "fixed") onChange({ form, numbers: [middle], ...UNLIMITED });
    if (form === "normal") onChange({ form, numbers: [middle, Number((size * 0.1).toPrecision(2))] });
    if (form === "uniform") onChange({ form, numbers: [Number((middle - size * 0.1).toPrecision(4)), Number((middle + size * 0.1).toPrecision(4))], ...UNLIMITED });
  };
  /** One of the numbers, typed in whatever unit: all of them go to that unit. */
  const typed = (at: 0 | 1 | "min" | "max") => (value: number, unit: string): void => {
    const all = inUnit(catalogue, parts, unit);
    onChange(typeof at === "number" ? { ...all, numbers: all.numbers.with(at, value) } : { ...all, [at]: value });
  };
  const normal = parts.form === "normal";
  const positive = { ...FREE, low: 0, unit: param.unit };
  const free = { ...FREE, unit: param.unit };
  const forms: [Form, string][] = parts.form === "lognormal" ? [...FORMS, ["lognormal", "Lognormal"]] : FORMS;
  const limited = normal || parts.form === "lognormal" || parts.min != null || parts.max != null;
  return (
    <div className="spread-box">
      <div className="segments" role="radiogroup" aria-label={`Distribution of ${name}`}>
        {forms.map(([form, title]) => (
          <button key={form} type="button" role="radio" aria-checked={parts.form === form || (form === "fixed" && parts.form === "unset")} onClick={() => parts.form !== form && become(form)}>
            {title}
          </button>
        ))}
      </div>
      {parts.form === "lognormal" && <p className="quiet small">The logarithm has mean {a} and standard deviation {b}.</p>}
      {(normal || parts.form === "uniform") && (
        <div className="spread-line">
          <Bell form={parts.form} />
          <label>
            {normal ? "mean" : "from"}
            <NumberField name={`${name} ${normal ? "mean" : "from"}`} value={a} unit={parts.unit} bounds={param} onCommit={typed(0)} />
          </label>
          <label>
            {normal ? "sd" : "to"}
            <NumberField name={`${name} ${normal ? "sd" : "to"}`} value={b} unit={parts.unit} bounds={normal ? positive : param} onCommit={typed(1)} />
          </label>
        </div>
      )}
      {limited && (
        <div className="spread-line limits" title="What is drawn outside is drawn again; empty: no limit but the parameter's own">
          <span className="quiet small">limits</span>
          {(["min", "max"] as const).map((end) => (
            <label key={end}>
              {end}
              <NumberField name={`${name} ${end}`} value={parts[end] ?? null} unit={parts.unit} bounds={free} placeholder="none" onCommit={typed(end)} onClear={() => onChange({ [end]: null })} />
            </label>
          ))}
        </div>
      )}
    </div>
  );
}
