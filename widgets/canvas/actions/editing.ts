// The selection: moved, removed, copied, grouped.

import type { Command, Point } from "../../core/command";
import { cut, pasted, type Clip } from "../clipboard";
import { arrange } from "../graph/layout";
import { PORT } from "../graph/scene";
import { batch, unsetAt } from "../model/pointer";
import { NOTHING } from "../view";
import { Drawing } from "./drawing";

/** How long between two presses of an arrow they still belong together [ms]. */
const PAUSE = 1000;

export class Editing extends Drawing {
  private clip: Clip | null = null;
  private nudging = { ids: "", at: -Infinity, gesture: "" };
  /** Milliseconds. */
  clock: () => number = () => performance.now();

  move(positions: { [id: string]: Point }, gesture?: string): void {
    const ids = Object.keys(positions);
    const named = ids.length === 1 ? (this.circuit.nodes[ids[0]!]?.name ?? "port") : `${ids.length} nodes`;
    this.session.dispatch(batch([...this.settle(), ...this.moves(positions)], `Move ${named}`), gesture);
  }

  /** As `move`; presses on one selection that follow each other within a second are one step of undo. */
  nudge(positions: { [id: string]: Point }): void {
    const ids = Object.keys(positions).sort().join(" ");
    const now = this.clock();
    const goesOn = ids === this.nudging.ids && now - this.nudging.at < PAUSE;
    this.nudging = { ids, at: now, gesture: goesOn ? this.nudging.gesture : `nudge ${Math.random().toString(36).slice(2)}` };
    this.move(positions, this.nudging.gesture);
  }

  tidy(): void {
    const { items, wires } = this.scene;
    const places = arrange(items.map((item) => item.box), wires);
    this.session.dispatch(batch(this.moves(Object.fromEntries(places)), "Arrange"));
    this.view.set({ fit: this.view.get().fit + 1 });
  }

  remove(): void {
    const { nodes, projections, ports } = this.view.get().selection;
    const commands: Command[] = [];
    if (nodes.length || projections.length) commands.push({ command: "remove", circuit: this.circuitKey, nodes: [...nodes], projections: projections.filter((key) => !key.includes(PORT)) });
    for (const key of ports) commands.push({ command: "remove_port", circuit: this.circuitKey, key }, unsetAt(["layout", this.circuitKey, PORT + key]));
    if (!commands.length) return;
    const one = nodes.length + projections.length + ports.length === 1;
    const label = `Remove ${one ? (this.circuit.nodes[nodes[0] ?? ""]?.name ?? (ports.length ? `port ${ports[0]}` : "a projection")) : "the selection"}`;
    if (this.session.dispatch(batch(commands, label))) this.view.select(NOTHING);
  }

  duplicate(): void {
    const nodes = [...this.view.get().selection.nodes];
    if (!nodes.length) return;
    const before = new Set(Object.keys(this.circuit.nodes));
    const settle = this.settle();
    const command: Command = { command: "duplicate", circuit: this.circuitKey, nodes };
    this.session.dispatch(settle.length ? { command: "batch", commands: [...settle, command], label: "Duplicate" } : command);
    this.view.select({ nodes: Object.keys(this.circuit.nodes).filter((key) => !before.has(key)) });
  }

  copy(): void {
    const { nodes } = this.view.get().selection;
    if (nodes.length) this.clip = cut(this.circuit, nodes, this.scene);
  }

  cut(): void {
    this.copy();
    this.remove();
  }

  paste(): void {
    if (!this.clip) return;
    const { commands, keys } = pasted(this.clip, this.document, this.circuitKey, this.centre());
    if (!commands.length) return;
    const label = keys.length === 1 ? `Paste ${this.clip.nodes[0]!.node.name}` : `Paste ${keys.length} nodes`;
    if (this.session.dispatch(batch([...this.settle(), ...commands], label))) this.view.select({ nodes: keys });
  }

  get canPaste(): boolean {
    return this.clip !== null;
  }

  group(): void {
    const { nodes } = this.view.get().selection;
    if (!nodes.length) return;
    const before = new Set(Object.keys(this.circuit.nodes));
    const command: Command = { command: "group", circuit: this.circuitKey, nodes: [...nodes], name: this.freeName("Circuit") };
    if (!this.session.dispatch(batch([...this.settle(), command], `Group ${nodes.length === 1 ? "1 node" : `${nodes.length} nodes`}`))) return;
    this.show({ nodes: Object.keys(this.circuit.nodes).filter((key) => !before.has(key)) });
  }

  ungroup(): void {
    const [key] = this.view.get().selection.nodes;
    if (key === undefined || this.circuit.nodes[key]?.kind !== "instance") return;
    const before = new Set(Object.keys(this.circuit.nodes));
    if (this.session.dispatch({ command: "ungroup", circuit: this.circuitKey, node: key })) this.view.select({ nodes: Object.keys(this.circuit.nodes).filter((own) => !before.has(own)) });
  }

  selectAll(): void {
    this.view.select({ nodes: Object.keys(this.circuit.nodes), ports: Object.keys(this.circuit.ports ?? {}) });
  }
}
