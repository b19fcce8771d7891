import { useCircuit, useView } from "../studio";
import { PORT } from "./scene";

/** While a connection is being made by keyboard: what to do next. */
export function WiringHint() {
  const wiring = useView((view) => view.wiring);
  const { circuit } = useCircuit();
  if (!wiring) return null;
  const name = circuit.nodes[wiring]?.name ?? wiring.replace(PORT, "");
  return (
    <div className="hint" role="status">
      Connect from {name}: Tab to a target, Enter to connect, Esc to stop
    </div>
  );
}
