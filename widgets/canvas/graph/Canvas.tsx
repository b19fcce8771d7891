import { useMemo, useRef } from "react";

import { Background, BackgroundVariant, MiniMap, ReactFlow, useStore, type Connection, type FinalConnectionState } from "@xyflow/react";

import { useCircuit, useMeter, useSession, useStudio, useView } from "../studio";
import { Crumbs } from "./Crumbs";
import { flowEdges, flowNodes, type WireEdge } from "./flow";
import { InstanceNode } from "./InstanceNode";
import { offences } from "../meter/marks";
import { GRID } from "./layout";
import { marksOf } from "./marks";
import { PortNode } from "./PortNode";
import { sceneOf } from "./scene";
import { Teach } from "./Teach";
import { Toasts } from "../overlay/Toasts";
import { Tools } from "./Tools";
import { UnitNode } from "./UnitNode";
import { useFit, useFocusSelect, usePlacing, useReach, useSelecting, useWheel } from "./useFlow";
import { Wire } from "./WireEdge";
import { WiringHint } from "./WiringHint";

const NODES = { unit: UnitNode, instance: InstanceNode, port: PortNode };
const EDGES = { wire: Wire };
const MANY = 12; // boxes from which the small map helps
const DENSE = 30; // projections from which labels would cover each other
const DRAGGABLE_MAP = { pannable: true, zoomable: true, ariaLabel: "Map of the circuit" };

/** The circuit on the canvas. What is drawn comes from the document; what is done goes to the actions. */
export function Canvas() {
  const { actions, view } = useStudio();
  const { key, document } = useCircuit();
  const catalogue = useSession((state) => state.catalogue);
  const findings = useSession((state) => state.findings);
  const selection = useView((state) => state.selection);
  const stage = useRef<HTMLDivElement>(null);
  const scene = useMemo(() => sceneOf(document, key, catalogue), [document, key, catalogue]);
  const marks = useMemo(() => marksOf(document, findings), [document, findings]);
  const reports = useMeter((state) => state.reports);
  const targets = useMeter((state) => state.chosen.length);
  const fits = useMemo(() => marksOf(document, offences(reports)), [document, reports]);
  const { moved, onMove, onDrop } = usePlacing(scene);
  const nodes = useMemo(() => flowNodes(scene, marks, fits, selection, moved), [scene, marks, fits, selection, moved]);
  const drawn = useRef<WireEdge[]>([]);
  const edges = useMemo(() => (drawn.current = flowEdges(scene, marks, fits, targets, selection, moved, drawn.current)), [scene, marks, fits, targets, selection, moved]);
  const { onNodes, onEdges } = useSelecting(onMove);
  const onFocus = useFocusSelect();
  const far = useStore(({ transform: [, , zoom] }) => (zoom < 0.26 ? 2 : zoom < 0.52 ? 1 : 0));
  const { wheel, ...engage } = useWheel(stage);
  useReach(stage, nodes);
  const onMoved = useFit(stage, scene);

  const join = (from: string, to: string, fromPort?: string | null, toPort?: string | null): void => {
    const why = actions.connect(from, to, portName(fromPort), portName(toPort));
    if (why) view.say(why);
  };
  const connected = (c: Connection): void => join(c.source, c.target, c.sourceHandle, c.targetHandle);
  /** A line let go over a box counts as ending in it; the handle need not be hit. */
  const connectEnded = (event: MouseEvent | TouchEvent, state: FinalConnectionState): void => {
    if (state.isValid || !state.fromNode) return;
    const at = "clientX" in event ? event : event.changedTouches[0]!;
    const over = boxAt(stage.current!, at.clientX, at.clientY);
    if (!over) return;
    if (state.fromHandle?.type === "target") join(over, state.fromNode.id, null, state.fromHandle.id);
    else join(state.fromNode.id, over, state.fromHandle?.id, null);
  };

  return (
    <div className="stage" data-far={far} data-dense={edges.length > DENSE} ref={stage} {...engage} onFocusCapture={onFocus} role="region" aria-label="Canvas" data-testid="canvas">
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODES}
        edgeTypes={EDGES}
        onNodesChange={onNodes}
        onEdgesChange={onEdges}
        onConnect={connected}
        onConnectEnd={connectEnded}
        onNodeDragStop={onDrop}
        onSelectionDragStop={onDrop}
        onNodeClick={(_, node) => view.get().wiring && (join(view.get().wiring!, node.id), view.set({ wiring: null }))}
        onNodeDoubleClick={(_, node) => (node.data.item.kind === "instance" ? actions.enter(node.data.item.key) : view.set({ inspector: true, focus: "name" }))}
        onMoveStart={onMoved}
        snapToGrid
        snapGrid={[GRID, GRID]}
        minZoom={0.03}
        maxZoom={2.5}
        connectionRadius={28}
        nodeDragThreshold={3}
        deleteKeyCode={null}
        panActivationKeyCode={null}
        disableKeyboardA11y
        zoomOnDoubleClick={false}
        zoomOnScroll={wheel}
        preventScrolling={wheel}
        onlyRenderVisibleElements={scene.items.length > 150}
        attributionPosition="top-right"
      >
        <Background variant={BackgroundVariant.Dots} gap={GRID * 3} size={1.2} color="var(--dot)" bgColor="transparent" />
        {scene.items.length >= MANY && <MiniMap {...DRAGGABLE_MAP} position="bottom-left" style={{ width: 128, height: 84, margin: 8 }} />}
      </ReactFlow>
      <Crumbs />
      {scene.items.length === 0 && <Teach />}
      <WiringHint />
      <Tools />
      <Toasts />
    </div>
  );
}

/** `in:thalamus` names a port; `in` and `out` do not. */
const portName = (handle: string | null | undefined): string | undefined => (handle?.includes(":") ? handle.slice(handle.indexOf(":") + 1) : undefined);

/** The box under the pointer, asked of the root this surface stands in (it may be a shadow root). */
function boxAt(stage: HTMLElement, x: number, y: number): string | undefined {
  const root = stage.getRootNode() as Document | ShadowRoot;
  const box = root.elementFromPoint(x, y)?.closest<HTMLElement>(".react-flow__node");
  return box?.dataset["id"];
}
