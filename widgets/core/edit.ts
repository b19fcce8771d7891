// Commands resolved to a JSON Patch and its inverse: the same meaning as studio/network/edit (tests/commands/*.json holds both to it).

import { CommandError, type Command, type Edit, type Point } from "./command";
import { nodeKey, type Circuit, type Document, type Node, type Port, type Projection, type Values } from "./document";
import { group, ungroup } from "./group";
import { freeKey, freeProjectionKey, slug } from "./keys";
import { applyPatch, Draft, pointer } from "./patch";

export { applyPatch };

type Of<T extends Command["type"]> = Extract<Command, { type: T }>;
export type DocumentDraft = Draft<Document>;

/** What `command` means for `document`; raises CommandError in words where it means nothing. */
export function resolve(document: Document, command: Command): Edit {
  const draft = new Draft(document);
  return draft.edit(run(draft, command));
}

/** Does the command on the draft and returns its label. */
export function run(draft: DocumentDraft, command: Command): string {
  switch (command.type) {
    case "add_node":
      return addNode(draft, command);
    case "remove":
      return remove(draft, command);
    case "connect":
      return connect(draft, command);
    case "set":
      draft.set(command.path, command.value);
      return command.label ?? `Set ${lastWord(command.path)}`;
    case "unset":
      draft.remove(command.path);
      return command.label ?? `Reset ${lastWord(command.path)}`;
    case "rename":
      return rename(draft, command);
    case "move":
      return move(draft, command);
    case "group":
      return group(draft, command.circuit, command.nodes, command.name);
    case "ungroup":
      return ungroup(draft, command.circuit, command.node);
    case "duplicate":
      return duplicate(draft, command);
    case "add_circuit":
      return addCircuit(draft, command);
    case "add_port":
      need(draft, command.circuit);
      draft.set(pointer("circuits", command.circuit, "ports", command.key), command.port);
      return `Add port ${command.key}`;
    case "remove_port":
      return removePort(draft, command);
    case "batch":
      for (const one of command.commands) run(draft, one);
      return command.label;
  }
}

/** The circuit, or a CommandError. */
export function need(draft: DocumentDraft, key: string): Circuit {
  const circuit = draft.get<Circuit>(pointer("circuits", key));
  if (!circuit) throw new CommandError(`There is no circuit “${key}”.`);
  return circuit;
}

function needNode(draft: DocumentDraft, circuit: string, key: string): Node {
  const node = draft.get<Node>(pointer("circuits", circuit, "nodes", key));
  if (!node) throw new CommandError(`There is no node “${key}” in circuit “${circuit}”.`);
  return node;
}

function addNode(draft: DocumentDraft, { circuit, key, node, at }: Of<"add_node">): string {
  const nodes = need(draft, circuit).nodes;
  if (key !== undefined && Object.hasOwn(nodes, key)) throw new CommandError(`The key “${key}” is taken in circuit “${circuit}”.`);
  const own = key ?? freeKey(slug(node.name), nodes);
  draft.set(pointer("circuits", circuit, "nodes", own), node);
  if (at) draft.set(pointer("layout", circuit, own), { x: at.x, y: at.y });
  return `Add ${node.name}`;
}

function connect(draft: DocumentDraft, { circuit, key, projection }: Of<"connect">): string {
  const { projections } = need(draft, circuit);
  for (const end of [projection.from, projection.to]) needNode(draft, circuit, nodeKey(end));
  if (key !== undefined && Object.hasOwn(projections, key)) throw new CommandError(`The key “${key}” is taken in circuit “${circuit}”.`);
  draft.set(pointer("circuits", circuit, "projections", key ?? freeProjectionKey(projections)), projection);
  return `Connect ${nameAt(draft, circuit, projection.from)} to ${nameAt(draft, circuit, projection.to)}`;
}

function remove(draft: DocumentDraft, { circuit, nodes = [], projections = [] }: Of<"remove">): string {
  const before = need(draft, circuit);
  const gone = new Set(nodes);
  for (const key of nodes) needNode(draft, circuit, key);
  const touched = Object.entries(before.projections).filter(([, p]) => gone.has(nodeKey(p.from)) || gone.has(nodeKey(p.to)));
  const lost = new Set([...projections, ...touched.map(([key]) => key)]);
  for (const key of lost) draft.remove(pointer("circuits", circuit, "projections", key));
  for (const [key, port] of Object.entries(before.ports ?? {})) dropFromPort(draft, pointer("circuits", circuit, "ports", key), port, gone);
  dropOverrides(draft, circuit, gone);
  for (const key of nodes) {
    draft.remove(pointer("circuits", circuit, "nodes", key));
    draft.remove(pointer("layout", circuit, key));
  }
  const one = nodes.length === 1 ? before.nodes[nodes[0]!]?.name : undefined;
  return `Remove ${one ?? (nodes.length ? `${nodes.length} nodes` : lost.size === 1 ? "a projection" : `${lost.size} projections`)}`;
}

function dropFromPort(draft: DocumentDraft, path: string, port: Port, gone: Set<string>): void {
  for (const side of ["to", "from"] as const) {
    const list = port[side];
    const left = list?.filter((end) => !gone.has(nodeKey(end)));
    if (list && left && left.length < list.length) draft.set(`${path}/${side}`, left);
  }
}

/** Overrides in instances of `circuit` that name a node which is gone. */
function dropOverrides(draft: DocumentDraft, circuit: string, gone: Set<string>): void {
  for (const [outer, { nodes }] of Object.entries(draft.value.circuits))
    for (const [key, node] of Object.entries(nodes)) {
      if (node.kind !== "instance" || node.of !== circuit) continue;
      for (const path of Object.keys(node.override ?? ({} as Values)))
        if (gone.has(nodeKey(path))) draft.remove(pointer("circuits", outer, "nodes", key, "override", path));
    }
}

function rename(draft: DocumentDraft, { circuit, node, name }: Of<"rename">): string {
  needNode(draft, circuit, node);
  draft.set(pointer("circuits", circuit, "nodes", node, "name"), name);
  return `Rename to ${name}`;
}

function move(draft: DocumentDraft, { circuit, positions }: Of<"move">): string {
  const keys = Object.keys(positions);
  for (const key of keys) {
    needNode(draft, circuit, key);
    const { x, y } = positions[key] as Point;
    const path = pointer("layout", circuit, key);
    draft.set(path, { ...draft.get<object>(path), x, y });
  }
  return keys.length === 1 ? `Move ${nameAt(draft, circuit, keys[0]!)}` : `Move ${keys.length} nodes`;
}

/** Copies the nodes and the projections between them, a little to the side. */
function duplicate(draft: DocumentDraft, { circuit, nodes }: Of<"duplicate">): string {
  const before = need(draft, circuit);
  const copies = new Map<string, string>();
  for (const key of nodes) {
    const node = needNode(draft, circuit, key);
    const copy = freeKey(key, need(draft, circuit).nodes);
    copies.set(key, copy);
    draft.set(pointer("circuits", circuit, "nodes", copy), { ...node, name: `${node.name} copy` });
    const place = draft.get<Point>(pointer("layout", circuit, key));
    if (place) draft.set(pointer("layout", circuit, copy), { ...place, x: place.x + 40, y: place.y + 40 });
  }
  for (const projection of Object.values(before.projections)) {
    const from = copies.get(nodeKey(projection.from));
    const to = copies.get(nodeKey(projection.to));
    if (!from || !to) continue;
    const copy: Projection = { ...projection, from: moved(projection.from, from), to: moved(projection.to, to) };
    draft.set(pointer("circuits", circuit, "projections", freeProjectionKey(need(draft, circuit).projections)), copy);
  }
  return nodes.length === 1 ? `Duplicate ${before.nodes[nodes[0]!]!.name}` : `Duplicate ${nodes.length} nodes`;
}

const moved = (endpoint: string, to: string): string => to + endpoint.slice(nodeKey(endpoint).length);

function addCircuit(draft: DocumentDraft, { key, name }: Of<"add_circuit">): string {
  const circuits = draft.value.circuits;
  if (key !== undefined && Object.hasOwn(circuits, key)) throw new CommandError(`There is a circuit “${key}” already.`);
  const own = key ?? freeKey(slug(name, "circuit"), circuits);
  draft.set(pointer("circuits", own), { name, nodes: {}, projections: {}, ports: {} });
  return `Add circuit ${name}`;
}

/** The port goes, and with it the projections that ended at it. */
function removePort(draft: DocumentDraft, { circuit, key }: Of<"remove_port">): string {
  if (!Object.hasOwn(need(draft, circuit).ports, key)) throw new CommandError(`Circuit “${circuit}” has no port “${key}”.`);
  for (const [outer, { nodes, projections }] of Object.entries(draft.value.circuits))
    for (const [id, p] of Object.entries(projections))
      if ([p.from, p.to].some((end) => endsAtPort(nodes, end, circuit, key))) draft.remove(pointer("circuits", outer, "projections", id));
  draft.remove(pointer("circuits", circuit, "ports", key));
  return `Remove port ${key}`;
}

function endsAtPort(nodes: Circuit["nodes"], endpoint: string, circuit: string, port: string): boolean {
  const node = nodes[nodeKey(endpoint)];
  return node?.kind === "instance" && node.of === circuit && endpoint.slice(endpoint.indexOf(".") + 1) === port && endpoint.includes(".");
}

function nameAt(draft: DocumentDraft, circuit: string, endpoint: string): string {
  return draft.get<Node>(pointer("circuits", circuit, "nodes", nodeKey(endpoint)))?.name ?? endpoint;
}

const lastWord = (path: string): string => path.slice(path.lastIndexOf("/") + 1).replaceAll("_", " ");
