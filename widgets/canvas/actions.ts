// Everything a person can do, said once: menus, keys, palette and pointer all end here, and all of it is undoable.

import { entryOf } from "../core/catalogue";
import type { Command, Point } from "../core/command";
import { nodeKey, type Circuit, type Document, type Node, type Projection } from "../core/document";
import { freeKey, freeProjectionKey, slug } from "../core/keys";
import type { Session } from "../core/session";
import { cut, freeName, pasted, type Clip } from "./clipboard";
import { freeSpot, arrange } from "./graph/layout";
import { PORT, portsOf, sceneOf, type Scene } from "./graph/scene";
import { isAnalog } from "./model/signs";
import { placeOf, type Place, type Step } from "./model/places";
import { batch, setAt, unsetAt } from "./model/pointer";
import { circuitKeyOf } from "./studio";
import { NOTHING, type DockTab, type Placeable, type View } from "./view";

const SIZES = { population: { w: 184, h: 56 }, port: { w: 120, h: 28 } };

export class Actions {
  private clip: Clip | null = null;
  /** Where a new thing goes when nobody says: the middle of what is on screen. The canvas keeps this up to date. */
  centre: () => Point = () => ({ x: 0, y: 0 });
  /** The point of the circuit under a point of the screen; null beside the canvas. Kept by the canvas too. */
  pointOnCanvas: (clientX: number, clientY: number) => Point | null = () => null;

  constructor(
    private readonly session: Session,
    private readonly view: View,
  ) {}

  get document(): Document {
    return this.session.getState().document;
  }
  get circuitKey(): string {
    return circuitKeyOf(this.document, this.view.get());
  }
  get circuit(): Circuit {
    return this.document.circuits[this.circuitKey]!;
  }
  get scene(): Scene {
    return sceneOf(this.document, this.circuitKey, this.session.getState().catalogue);
  }

  // Adding

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
    const place = setAt(["layout", this.circuitKey, PORT + key], this.spot(at, SIZES.port));
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
    if (this.session.dispatch(batch([...this.settle(), add], `Add ${node.name}`))) this.show({ nodes: [key] });
  }

  private freeName(base: string): string {
    return freeName(base, new Set(Object.values(this.circuit.nodes).map((node) => node.name)));
  }

  private spot(at: Point | undefined, size = SIZES.population): Point {
    const centre = this.centre();
    return freeSpot(this.scene.items.map((item) => item.box), at ?? { x: centre.x - size.w / 2, y: centre.y - size.h / 2 }, size.w, size.h);
  }

  /** Commands that write down where everything stands now, so that a first move leaves the rest in place. */
  private settle(): Command[] {
    const layout = this.document.layout?.[this.circuitKey] ?? {};
    const loose = this.scene.items.filter((item) => layout[item.id]?.x === undefined);
    return loose.length ? this.moves(Object.fromEntries(loose.map((item) => [item.id, { x: item.box.x, y: item.box.y }]))) : [];
  }

  private moves(positions: { [id: string]: Point }): Command[] {
    const nodes = Object.entries(positions).filter(([id]) => !id.startsWith(PORT));
    const ports = Object.entries(positions).filter(([id]) => id.startsWith(PORT));
    const move: Command[] = nodes.length ? [{ command: "move", circuit: this.circuitKey, positions: Object.fromEntries(nodes) }] : [];
    return [...move, ...ports.map(([id, at]) => setAt(["layout", this.circuitKey, id], at))];
  }

  move(positions: { [id: string]: Point }): void {
    const ids = Object.keys(positions);
    const named = ids.length === 1 ? (this.circuit.nodes[ids[0]!]?.name ?? "port") : `${ids.length} nodes`;
    this.session.dispatch(batch([...this.settle(), ...this.moves(positions)], `Move ${named}`));
  }

  tidy(): void {
    const { items, wires } = this.scene;
    const places = arrange(items.map((item) => item.box), wires);
    this.session.dispatch(batch(this.moves(Object.fromEntries(places)), "Arrange"));
    this.view.set({ fit: this.view.get().fit + 1 });
  }

  // Connecting

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

  /** What a node sends next is like what it sent last: inhibitory populations stay inhibitory. */
  private fresh(from: string, start: string, end: string): Projection {
    const { catalogue } = this.session.getState();
    const last = Object.values(this.circuit.projections).filter((p) => nodeKey(p.from) === from).at(-1);
    if (isAnalog(this.circuit.nodes[from], catalogue)) return { from: start, to: end, connector: { model: "all_to_all" }, gain: last?.gain ?? 1 };
    const like = last ? { connector: last.connector, kinetics: last.kinetics, weight: last.weight, delay: last.delay } : {};
    const plain = { connector: { model: "all_to_all" }, weight: { value: 0.5, unit: "mV" }, delay: { value: 1, unit: "ms" } };
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

  // The selection

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

  // Going places

  enter(key: string): void {
    const node = this.circuit.nodes[key];
    if (node?.kind !== "instance" || !this.document.circuits[node.of]) return;
    this.go([...this.view.get().trail, { circuit: node.of, via: key }]);
  }

  leave(): void {
    const { trail } = this.view.get();
    if (trail.length < 2) return;
    const via = trail.at(-1)!.via;
    this.go(trail.slice(0, -1));
    if (via) this.view.select({ nodes: [via] });
  }

  go(trail: readonly Step[]): void {
    this.view.set({ trail, selection: NOTHING, wiring: null, fit: this.view.get().fit + 1 });
  }

  /** To a place a path names: its circuit, its box or projection, its field. */
  goTo(where: string | Place): void {
    const place = typeof where === "string" ? placeOf(this.document, where) : where;
    const same = JSON.stringify(place.trail) === JSON.stringify(this.view.get().trail);
    if (!same) this.go(place.trail);
    this.view.set({
      selection: { nodes: place.node ? [place.node] : [], projections: place.projection ? [place.projection] : [], ports: place.port ? [place.port] : [] },
      focus: place.field ?? null,
      inspector: true,
    });
  }

  dock(tab: DockTab): void {
    this.view.set({ dock: { ...this.view.get().dock, tab, open: true } });
  }

  /** Parents of a circuit must not appear in it: whether `of` may stand in the circuit on the canvas. */
  mayHold(of: string): boolean {
    const holds = (circuit: string, seen: Set<string>): boolean => {
      if (circuit === this.circuitKey) return true;
      if (seen.has(circuit)) return false;
      seen.add(circuit);
      return Object.values(this.document.circuits[circuit]?.nodes ?? {}).some((node) => node.kind === "instance" && holds(node.of, seen));
    };
    return of !== this.document.main && !holds(of, new Set());
  }

  private show(selection: Partial<{ nodes: string[]; projections: string[]; ports: string[] }>): void {
    this.view.select(selection);
    if (this.view.get().width !== "narrow") this.view.set({ inspector: true });
  }
}
