import { useState } from "react";

import type { Recorded } from "../../core/document";
import { Icon } from "../glyphs/Icon";
import { setAt, unsetAt } from "../model/pointer";
import { valueText } from "../model/values";
import { useSession, useStudio } from "../studio";

const NONE: Recorded[] = [];

/** What a run keeps: spikes of all populations unless the document lists something. */
export function Recording() {
  const { session } = useStudio();
  const record = useSession((state) => state.document.run?.record) ?? NONE;
  const [path, setPath] = useState("");
  const [what, setWhat] = useState("spikes");
  const keep = (items: Recorded[]): void => void session.dispatch(items.length ? setAt(["run", "record"], items, "Change what is recorded") : unsetAt(["run", "record"], "Record all spikes"));
  const add = (): void => {
    if (!path.trim()) return;
    keep([...record, { path: path.trim(), what: what.trim() || "spikes" }]);
    setPath("");
  };
  return (
    <div className="record">
      {record.length === 0 && <p className="quiet small">The spikes of all populations.</p>}
      {record.map((item, k) => (
        <div key={k} className="record-item">
          <span className="mono cut" title={item.path}>{item.path}</span>
          <span className="quiet small">{item.what}{item.every === undefined ? "" : ` every ${valueText(item.every, "ms")}`}</span>
          <button type="button" className="btn small icon" aria-label={`Stop recording ${item.what} of ${item.path}`} onClick={() => keep(record.filter((_, n) => n !== k))}><Icon name="close" size={12} /></button>
        </div>
      ))}
      <form className="record-add" onSubmit={(event) => (event.preventDefault(), add())}>
        <span className="field"><input aria-label="Path to record" data-testid="record-path" placeholder="exc[0:10]" value={path} onChange={(event) => setPath(event.target.value)} /></span>
        <span className="field what"><input aria-label="What to record" data-testid="record-what" value={what} onChange={(event) => setWhat(event.target.value)} /></span>
        <button type="submit" className="btn small icon" aria-label="Record it" title="Record it"><Icon name="plus" size={13} /></button>
      </form>
    </div>
  );
}
