import type { Value } from "../../core/document";
import { Icon } from "../glyphs/Icon";
import { setAt, unsetAt } from "../model/pointer";
import { FREE, partsOf } from "../model/values";
import { useSession, useStudio } from "../studio";
import { NumberField } from "./NumberField";
import { RowFindings } from "./RowFindings";

interface Wait {
  at: Value;
  wait: Value;
}

const NONE: readonly Wait[] = [];
const AT = { ...FREE, low: 0, unit: "ms" };
const FOR = { ...FREE, low: 0, unit: "s" };

/** Moments of a run at which time passes for the devices alone: what is stored drifts, the network stands still. */
export function Waits() {
  const { session } = useStudio();
  const waits = useSession((state) => state.document.run?.events) ?? NONE;
  const keep = (next: readonly Wait[], label: string): void => void session.dispatch(next.length ? setAt(["run", "events"], next, label) : unsetAt(["run", "events"], label));
  const change = (k: number, part: keyof Wait, value: number, unit: string): void => keep(waits.map((wait, n) => (n === k ? { ...wait, [part]: { value, unit } } : wait)), "Change a wait");
  const last = partsOf(waits.at(-1)?.at ?? 0, "ms").numbers[0] ?? 0;
  return (
    <div className="waits">
      {waits.map((wait, k) => {
        const at = partsOf(wait.at, "ms");
        const length = partsOf(wait.wait, "s");
        return (
          <div key={k}>
            <div className="wait-line">
              <span className="quiet">at</span>
              <NumberField name={`wait ${k + 1} at`} value={at.numbers[0] ?? 0} unit={at.unit} bounds={AT} onCommit={(value, unit) => change(k, "at", value, unit)} />
              <span className="quiet">for</span>
              <NumberField name={`wait ${k + 1} for`} value={length.numbers[0] ?? 0} unit={length.unit} bounds={FOR} onCommit={(value, unit) => change(k, "wait", value, unit)} />
              <button type="button" className="btn small icon" aria-label={`Remove wait ${k + 1}`} onClick={() => keep(waits.filter((_, n) => n !== k), "Remove a wait")}><Icon name="close" size={12} /></button>
            </div>
            <RowFindings where={`run.events.${k}`} />
            <RowFindings where={`run.events.${k}.at`} />
            <RowFindings where={`run.events.${k}.wait`} />
          </div>
        );
      })}
      <button type="button" className="btn small" data-testid="add-wait" title="Time passes for the devices alone, as from one day to the next" onClick={() => keep([...waits, { at: { value: last + 500, unit: "ms" }, wait: { value: 24, unit: "h" } }], "Add a wait")}><Icon name="plus" size={12} /> Let devices wait</button>
    </div>
  );
}
