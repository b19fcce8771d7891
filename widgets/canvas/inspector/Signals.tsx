import type { Entry } from "../../core/catalogue";
import { isAnalog } from "../model/signs";
import { setAt, unsetAt, type Keys } from "../model/pointer";
import { useCircuit, useSession, useStudio } from "../studio";
import { Row } from "./Row";
import { RowFindings } from "./RowFindings";

/** Whose spikes make the signals of a rule (reward, dopamine): a population or source of this circuit for each. */
export function Signals({ entry, chosen, at, where }: { entry: Entry; chosen: { [name: string]: string }; at: Keys; where: string }) {
  const { session } = useStudio();
  const { circuit } = useCircuit();
  const catalogue = useSession((state) => state.catalogue);
  const nodes = Object.entries(circuit.nodes).filter(([, node]) => node.kind !== "instance" && !isAnalog(node, catalogue));
  return (
    <>
      {entry.signals?.map(({ name, doc }) => (
        <div key={name}>
          <Row label={name} title={doc}>
            <span className="field word">
              <select aria-label={name} data-testid={`signal-${name}`} value={chosen[name] ?? ""} onChange={(event) => void session.dispatch(event.target.value ? setAt([...at, name], event.target.value, `Take ${name} from ${event.target.value}`) : unsetAt([...at, name], `Take ${name} from nowhere`))}>
                <option value="">choose whose spikes</option>
                {nodes.map(([key, node]) => <option key={key} value={key}>{node.name}</option>)}
              </select>
            </span>
          </Row>
          <RowFindings where={`${where}.signals.${name}`} />
        </div>
      ))}
    </>
  );
}
