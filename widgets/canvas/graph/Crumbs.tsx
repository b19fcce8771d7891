import { useCircuit, useStudio, useView } from "../studio";

/** The way back up: main circuit, instances on the way, the circuit on the canvas. */
export function Crumbs() {
  const { actions } = useStudio();
  const { document } = useCircuit();
  const trail = useView((view) => view.trail);
  if (trail.length < 2) return null;
  const last = trail.at(-1)!;
  const uses = Object.values(document.circuits).reduce((n, { nodes }) => n + Object.values(nodes).reduce((m, node) => m + (node.kind === "instance" && node.of === last.circuit ? (node.repeat ?? 1) : 0), 0), 0);
  return (
    <nav className="crumbs" aria-label="Circuits entered" data-testid="breadcrumb">
      {trail.map((_, k) => {
        const name = nameOf(document, trail, k);
        return k === trail.length - 1 ? (
          <span key={k} aria-current="location" className="cut">
            {name}
          </span>
        ) : (
          <span key={k}>
            <button type="button" onClick={() => actions.go(trail.slice(0, k + 1))}>
              {name}
            </button>
            <span className="quiet" aria-hidden="true">
              ›
            </span>
          </span>
        );
      })}
      {uses > 1 && <span className="quiet cut">one circuit, used {uses} times: an edit here changes all</span>}
    </nav>
  );
}

function nameOf(document: ReturnType<typeof useCircuit>["document"], trail: readonly { circuit: string; via?: string }[], k: number): string {
  const step = trail[k]!;
  if (k === 0) return document.name || "Untitled";
  const outer = document.circuits[trail[k - 1]!.circuit];
  return (step.via && outer?.nodes[step.via]?.name) || document.circuits[step.circuit]?.name || step.circuit;
}
