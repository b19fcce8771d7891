import type { ParamEntry } from "../../core/catalogue";
import { FREE, type Form, type Parts } from "../model/values";
import { Bell } from "./Bell";
import { NumberField } from "./NumberField";

interface SpreadProps {
  param: ParamEntry;
  name: string;
  parts: Parts;
  onChange(form: Form, numbers: number[], unit?: string, limits?: Pick<Parts, "min" | "max">): void;
}

const FORMS: [Form, string][] = [["fixed", "Fixed"], ["normal", "Normal"], ["uniform", "Uniform"]];

/** How a parameter is spread over the elements: one value, normal or uniform, and its numbers. */
export function Spread({ param, name, parts, onChange }: SpreadProps) {
  const [a = 0, b = 0] = parts.numbers;
  const size = Math.abs(a) || 1;
  const become = (form: Form): void => {
    const middle = parts.form === "uniform" ? (a + b) / 2 : a;
    if (form === "fixed") onChange(form, [middle], parts.unit, { min: null, max: null });
    if (form === "normal") onChange(form, [middle, Number((size * 0.1).toPrecision(2))]);
    if (form === "uniform") onChange(form, [Number((middle - size * 0.1).toPrecision(4)), Number((middle + size * 0.1).toPrecision(4))], parts.unit, { min: null, max: null });
  };
  const normal = parts.form === "normal";
  const positive = { ...FREE, low: 0, unit: param.unit };
  const forms: [Form, string][] = parts.form === "lognormal" ? [...FORMS, ["lognormal", "Lognormal"]] : FORMS;
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
            <NumberField name={`${name} ${normal ? "mean" : "from"}`} value={a} unit={parts.unit} bounds={param} onCommit={(next, unit) => onChange(parts.form, [next, b], unit)} />
          </label>
          <label>
            {normal ? "sd" : "to"}
            <NumberField name={`${name} ${normal ? "sd" : "to"}`} value={b} unit={parts.unit} bounds={normal ? positive : param} onCommit={(next, unit) => onChange(parts.form, [a, next], unit)} />
          </label>
        </div>
      )}
    </div>
  );
}
