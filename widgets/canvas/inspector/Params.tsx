import { useState } from "react";

import type { Entry } from "../../core/catalogue";
import type { Values } from "../../core/document";
import { Icon } from "../glyphs/Icon";
import { batch, setAt, unsetAt, type Keys } from "../model/pointer";
import { useStudio, useView } from "../studio";
import { ParamRow } from "./ParamRow";

interface ParamsProps {
  entry: Entry | undefined;
  values: Values;
  /** Where the table of values lies in the document; several places are edited together. */
  at: Keys[];
  /** The path findings use for what holds the parameters (`exc`). */
  where: string;
  /** Names on which the places do not agree. */
  mixed?: ReadonlySet<string>;
  /** What stands in the field of a number that is not given. */
  empty?: string;
}

/** Every parameter of a model as a row; the advanced ones folded. */
export function Params({ entry, values, at, where, mixed, empty }: ParamsProps) {
  const { session } = useStudio();
  const [more, setMore] = useState(false);
  const asked = useView((view) => view.focus);
  if (!entry) return <p className="quiet small">The catalogue does not know this model, so its parameters cannot be shown.</p>;
  const plain = entry.params.filter((param) => !param.advanced);
  const advanced = entry.params.filter((param) => param.advanced);
  const open = more || advanced.some((param) => param.name in values || param.name === asked);
  const row = (param: Entry["params"][number]) => (
    <ParamRow
      key={param.name}
      param={param}
      value={values[param.name]}
      mixed={mixed?.has(param.name)}
      where={`${where}.${param.name}`}
      empty={empty}
      onChange={(value) => void session.dispatch(batch(at.map((keys) => setAt([...keys, param.name], value, `Set ${param.name}`)), `Set ${param.name}`))}
      onReset={() => void session.dispatch(batch(at.map((keys) => unsetAt([...keys, param.name], `Reset ${param.name}`)), `Reset ${param.name}`))}
    />
  );
  return (
    <div className="params">
      {plain.map(row)}
      {advanced.length > 0 && (
        <button type="button" className="more" aria-expanded={open} onClick={() => setMore(!open)}>
          <Icon name={open ? "chevron" : "right"} size={12} />
          {advanced.length} more
        </button>
      )}
      {open && advanced.map(row)}
      {entry.params.length === 0 && <p className="quiet small">Nothing to set.</p>}
    </div>
  );
}
