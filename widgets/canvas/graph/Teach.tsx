import { useCircuit, useSession, useStudio } from "../studio";

/** An empty canvas: three sentences, three templates, the one shortcut worth knowing. */
export function Teach() {
  const { session } = useStudio();
  const { key, document } = useCircuit();
  const templates = useSession((state) => state.templates);
  const can = useSession((state) => state.can);
  const inner = key !== document.main;
  return (
    <div className="teach" data-testid="empty-canvas">
      <h2>{inner ? "An empty circuit" : "Draw a spiking network"}</h2>
      <p>
        Drag a neuron model from the left, and a source to drive it. Pull a line from one edge to another to connect them. {inner ? "An input port leads spikes in from outside." : "Press Run and watch the spikes arrive."}
      </p>
      {!inner && can.templates && templates.length > 0 && (
        <div className="cards">
          {templates.slice(0, 3).map((template) => (
            <button key={template.name} type="button" onClick={() => session.openTemplate(template.name)}>
              <b className="cut">{template.title || template.name}</b>
              <span>{template.description}</span>
            </button>
          ))}
        </div>
      )}
      <p className="quiet">
        <kbd>Ctrl</kbd> <kbd>K</kbd> finds everything
      </p>
    </div>
  );
}
