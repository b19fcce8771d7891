// Drawing: things added, things connected.

import type { Command, Point } from "../../core/command";
import { entryOf } from "../../core/catalogue";
import { nodeKey, type Node, type Projection } from "../../core/document";
import { freeKey, freeProjectionKey, slug } from "../../core/keys";
import { PORT, portsOf } from "../graph/scene";
import { isAnalog } from "../model/signs";
import { batch, setAt } from "../model/pointer";
import type { Placeable } from "../view";
import { Ground } from "./ground";

/** Size of a port's tag [px]. */
const TAG = { w: 120, h: 28 };

export class Drawing extends Ground {
  addNeurons(model: string, at?: Point): void {
    this.addNode({ kind: "population", name: this.freeName("Population"), model, size: 100 }, at);
  }

  addSource(model: string, at?: Point): void {
    const entry = entryOf(this.session.getState().catalogue, "source", model);
    this.addNode({ kind: "source", name: this.freeName(entry?.title ?? "Source"), model, size: entry?.signal === "analog" ? 1 : 100 }, at);
  }

  addInstance(of: string, at?: Point): void {
    this.addNode({ kind: "instance", name: this.freeName(this.document.circuits[of]?.name ?? of), of }, at);
  }

  /** A new circuit and one instance of it here. */
  addCircuit(at?: Point): void {
    const name = this.freeName("Circuit");
    const of = freeKey(slug(name), this.document.circuits);
    const key = freeKey(slug(name), this.circuit.nodes);
    const add: Command = { command: "add_node", circuit: this.circuitKey, key, node: { kind: "instance", name, of }, at: this.spot(at) };
    const done = this.session.dispatch({ command: "batch", commands: [{ command: "add_circuit", key: of, name }, ...this.settle(), add], label: `Add ${name}` });
    if (done) this.show({ nodes: [key] });
  }

  addPort(direction: "in" | "out", at?: Point): void {
    const ports = this.circuit.ports ?? {};
    const key = freeKey(direction === "in" ? "input" : "output", { ...ports, ...this.circuit.nodes });
    const port = direction === "in" ? { direction, to: [] } : { direction, from: [] };
    const place = setAt(["layout", this.circuitKey, PORT + key], this.spot(at, TAG));
    const done = this.session.dispatch(batch([{ command: "add_port", circuit: this.circuitKey, key, port }, ...this.settle(), place], `Add port ${key}`));
    if (done) this.show({ ports: [key] });
  }

  add(kind: Placeable["kind"], key: string, at?: Point): void {
    if (kind === "neuron") this.addNeurons(key, at);
    else if (kind === "source") this.addSource(key, at);
    else if (kind === "port") this.addPort(key === "out" ? "out" : "in", at);
    else key ? this.addInstance(key, at) : this.addCircuit(at);
  }

  private addNode(node: Node, at?: Point): void {
    const key = freeKey(slug(node.name), { ...this.circuit.nodes, ...this.circuit.ports });
    const add: Command = { command: "add_node", circuit: this.circuitKey, key, node, at: this.spot(at) };
    if (!this.session.dispatch(batch([...this.settle(), add], `Add ${node.name}`))) return;
    this.show({ nodes: [key] });
    if (!at && Object.keys(this.circuit.nodes).length > 1) this.view.set({ fit: this.view.get().fit + 1 });
  }

  /** From one box to another, ports named where there are several. Returns a sentence when it makes no sense. */
  connect(from: string, to: string, fromPort?: string, toPort?: string): string | null {
    if (from.startsWith(PORT) || to.startsWith(PORT)) return this.joinPort(from, to, fromPort, toPort);
    if (this.circuit.nodes[to]?.kind === "source") return "A source has no input: end the connection at a population.";
    const start = this.endpoint(from, "out", fromPort);
    const end = this.endpoint(to, "in", toPort);
    if (!start || !end) return `“${this.circuit.nodes[start ? to : from]?.name}” has no ${start ? "input" : "output"} port: enter it and add one.`;
    const key = freeProjectionKey(this.circuit.projections);
    const done = this.session.dispatch({ command: "connect", circuit: this.circuitKey, key, projection: this.fresh(from, start, end) });
    if (done) this.show({ projections: [key] });
    return null;
  }

  private endpoint(id: string, side: "in" | "out", port?: string): string | null {
    const node = this.circuit.nodes[id];
    if (node?.kind !== "instance") return id;
    const { inputs, outputs } = portsOf(this.document, node.of);
    const name = port ?? (side === "in" ? inputs : outputs)[0];
    return name === undefined ? null : `${id}.${name}`;
  }

  /** What a node sends next is like what it sent last: inhibitory populations stay inhibitory. A first source is strong enough to be seen. */
  private fresh(from: string, start: string, end: string): Projection {
    const { catalogue } = this.session.getState();
    const last = Object.values(this.circuit.projections).filter((p) => nodeKey(p.from) === from).at(-1);
    if (isAnalog(this.circuit.nodes[from], catalogue)) return { from: start, to: end, connector: { model: "all_to_all" }, gain: last?.gain ?? 1 };
    const like = last ? { connector: last.connector, kinetics: last.kinetics, weight: last.weight, delay: last.delay } : {};
    const drive = this.circuit.nodes[from]?.kind === "source";
    const plain = { connector: { model: "all_to_all" }, weight: { value: drive ? 2 : 0.5, unit: "mV" }, delay: { value: 1, unit: "ms" } };
    return { from: start, to: end, ...plain, ...Object.fromEntries(Object.entries(like).filter(([, value]) => value !== undefined)) };
  }

  private joinPort(from: string, to: string, fromPort?: string, toPort?: string): string | null {
    const inward = from.startsWith(PORT);
    const key = (inward ? from : to).slice(PORT.length);
    const port = this.circuit.ports[key];
    const end = inward ? this.endpoint(to, "in", toPort) : this.endpoint(from, "out", fromPort);
    const side = inward ? "to" : "from";
    if (!port || !end || (inward && to.startsWith(PORT)) || port.direction !== (inward ? "in" : "out")) return "A port joins the outside with nodes in here: connect it with a population.";
    const ends = port[side] ?? [];
    if (!ends.includes(end)) this.session.dispatch(setAt(["circuits", this.circuitKey, "ports", key, side], [...ends, end], `Join port ${key}`));
    return null;
  }
}
