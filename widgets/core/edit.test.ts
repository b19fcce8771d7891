// Every command passes the table that Python passes too: tests/commands/*.json.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { toText } from "./bytes";
import { CommandError, type Command, type Edit } from "./command";
import { emptyDocument, type Written } from "./document";
import { applyPatch, resolve } from "./edit";

const FOLDER = join(process.cwd(), "../tests/commands");

interface Case extends Edit {
  name: string;
  document: Written;
  command: Command;
  result?: Written;
  /** The code of the finding where the command is refused. */
  refused?: string;
}

const cases = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".json"))
  .flatMap((file) => (JSON.parse(readFileSync(join(FOLDER, file), "utf8")) as { cases: Case[] }).cases.map((one) => ({ ...one, name: `${file}: ${one.name}` })));

test("the table was found", () => assert.ok(cases.length >= 100, `${cases.length} cases`));

for (const one of cases)
  test(one.name, () => {
    const before = toText(one.document);
    if (one.refused !== undefined) {
      assert.throws(() => resolve(one.document, one.command), (error) => error instanceof CommandError && error.code === one.refused && error.message.endsWith("."));
    } else {
      const edit = resolve(one.document, one.command);
      assert.deepEqual(edit, { patch: one.patch, inverse: one.inverse, label: one.label });
      const after = applyPatch(one.document, edit.patch);
      assert.equal(toText(after), toText(one.result));
      assert.equal(toText(applyPatch(after, edit.inverse)), before);
    }
    assert.equal(toText(one.document), before, "the given document is never changed");
  });

test("any sequence of commands, all undone, gives the same bytes", () => {
  for (let seed = 1; seed <= 40; seed++) {
    const random = generator(seed);
    let document = emptyDocument("Property");
    const start = toText(document);
    const done: Edit[] = [];
    for (let n = 0; n < 60; n++) {
      const edit = attempt(document, anyCommand(document, random));
      if (!edit) continue;
      document = applyPatch(document, edit.patch);
      done.push(edit);
    }
    assert.ok(done.length > 20, `seed ${seed}: only ${done.length} commands could be done`);
    for (const edit of done.reverse()) document = applyPatch(document, edit.inverse);
    assert.equal(toText(document), start, `seed ${seed}`);
  }
});

function attempt(document: Written, command: Command): Edit | null {
  try {
    return resolve(document, command);
  } catch (error) {
    if (error instanceof CommandError) return null;
    throw error;
  }
}

type Random = () => number;

function generator(seed: number): Random {
  let state = seed * 2654435761;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function anyCommand(document: Written, random: Random): Command {
  const pick = <T>(list: T[]): T => list[Math.floor(random() * list.length)]!;
  const circuit = pick(Object.keys(document.circuits));
  const { nodes = {}, projections = {}, ports = {} } = document.circuits[circuit]!;
  const key = pick([...Object.keys(nodes), "nobody"]);
  const some = Object.keys(nodes).filter(() => random() < 0.4);
  const outside = Object.entries(nodes).flatMap(([own, node]) => (node.kind === "instance" ? Object.keys(document.circuits[node.of]?.ports ?? {}).map((port) => `${own}.${port}`) : [own]));
  const end = (): string => pick([...outside, "nobody"]);
  return pick<() => Command>([
    () => ({ command: "add_node", circuit, node: { kind: "population", name: pick(["Exc", "Inh", "Layer 4", "é"]), model: "lif", size: 10 }, at: { x: Math.round(random() * 900), y: 0 } }),
    () => ({ command: "add_node", circuit, node: { kind: "source", name: "Drive", model: "poisson", size: 3 } }),
    () => ({ command: "add_node", circuit, node: { kind: "instance", name: "Copy", of: pick(Object.keys(document.circuits)) } }),
    () => ({ command: "connect", circuit, projection: { from: end(), to: end() } }),
    () => ({ command: "connect", circuit, projection: { from: end(), to: end(), weight: 0.5 } }),
    () => ({ command: "remove", circuit, nodes: [key] }),
    () => ({ command: "remove", circuit, projections: Object.keys(projections).slice(0, 1) }),
    () => ({ command: "set", path: `/circuits/${circuit}/nodes/${key}/params/tau_m`, value: Math.round(random() * 100) }),
    () => ({ command: "unset", path: `/circuits/${circuit}/nodes/${key}/params` }),
    () => ({ command: "rename", circuit, node: key, name: pick(["A", "B"]) }),
    () => ({ command: "move", circuit, positions: { [key]: { x: 1, y: Math.round(random() * 9) } } }),
    () => ({ command: "group", circuit, nodes: some, name: pick(["Column", "Area"]) }),
    () => ({ command: "ungroup", circuit, node: key }),
    () => ({ command: "duplicate", circuit, nodes: some }),
    () => ({ command: "add_port", circuit, key: pick(["in_1", "out_1"]), port: { direction: "in", to: [end()] } }),
    () => ({ command: "remove_port", circuit, key: pick([...Object.keys(ports), "none"]) }),
    () => ({ command: "set", path: "/run/record", value: [{ path: key, what: "spikes" }] }),
  ])();
}
