import { Icon } from "../glyphs/Icon";
import { PORT } from "../graph/scene";
import { useCircuit, useStudio, useView } from "../studio";
import { DocumentForm } from "./DocumentForm";
import { InstanceForm } from "./InstanceForm";
import { ManyForm } from "./ManyForm";
import { NodeForm } from "./NodeForm";
import { PortForm } from "./PortForm";
import { ProjectionForm } from "./ProjectionForm";

/** What is selected, to be edited; the document when nothing is. */
export function Inspector() {
  const { view } = useStudio();
  const width = useView((state) => state.width);
  return (
    <aside className={width === "narrow" ? "inspector overlaid" : "inspector"} aria-label="Inspector" data-testid="inspector" onFocusCapture={() => view.get().focus && setTimeout(() => view.set({ focus: null }), 0)}>
      <div className="forms scroll">
        <Form />
      </div>
      {width !== "wide" && (
        <button type="button" className="btn small icon close" aria-label="Close the inspector" onClick={() => view.set({ inspector: false })}>
          <Icon name="close" size={14} />
        </button>
      )}
    </aside>
  );
}

function Form() {
  const { key, circuit } = useCircuit();
  const selection = useView((state) => state.selection);
  const nodes = selection.nodes.flatMap((id) => (circuit.nodes[id] ? [[id, circuit.nodes[id]] as [string, (typeof circuit.nodes)[string]]] : []));
  const projections = selection.projections.filter((id) => circuit.projections[id] && !id.includes(PORT));
  const ports = selection.ports.filter((id) => circuit.ports[id]);
  if (nodes.length + projections.length + ports.length > 1) return <ManyForm nodes={nodes} />;
  if (nodes.length) {
    const [id, node] = nodes[0]!;
    return node.kind === "instance" ? <InstanceForm key={`${key}/${id}`} id={id} node={node} /> : <NodeForm key={`${key}/${id}`} id={id} node={node} />;
  }
  if (projections.length) return <ProjectionForm key={`${key}/${projections[0]}`} id={projections[0]!} projection={circuit.projections[projections[0]!]!} />;
  if (ports.length) return <PortForm key={`${key}/${ports[0]}`} id={ports[0]!} port={circuit.ports[ports[0]!]!} />;
  return <DocumentForm />;
}
