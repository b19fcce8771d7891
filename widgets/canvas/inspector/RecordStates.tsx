import type { PopulationNode, Recorded } from "../../core/document";
import { showUnit } from "../../core/units";
import { isRecorded, recordable, withoutRecorded, withRecorded } from "../model/recorded";
import { setAt, unsetAt } from "../model/pointer";
import { useSession, useStudio } from "../studio";
import { Row } from "./Row";

const NONE: Recorded[] = [];

/** A switch for each state of a population: recorded states are drawn under Traces after a run. */
export function RecordStates({ path, node }: { path: string; node: PopulationNode }) {
  const { session } = useStudio();
  const catalogue = useSession((state) => state.catalogue);
  const record = useSession((state) => state.document.run?.record) ?? NONE;
  const states = recordable(catalogue, node.model);
  const flip = (what: string, on: boolean): void => {
    const next = on ? withoutRecorded(record, path, what) : withRecorded(record, path, node.size, what);
    const label = `${on ? "Stop recording" : "Record"} ${what} of ${node.name}`;
    session.dispatch(next.length ? setAt(["run", "record"], next, label) : unsetAt(["run", "record"], label));
  };
  return (
    <>
      {states.map(({ name, unit, doc }) => {
        const on = isRecorded(record, path, name);
        return (
          <Row key={name} label={unit ? `${name} (${showUnit(unit)})` : name} title={doc}>
            <button type="button" className="switch" role="switch" aria-checked={on} aria-label={`Record ${name}`} data-testid={`record-${name}`} title={on ? `Stop recording ${name}` : `Record ${name} of the first neurons`} onClick={() => flip(name, on)}>
              <i />
            </button>
          </Row>
        );
      })}
    </>
  );
}
