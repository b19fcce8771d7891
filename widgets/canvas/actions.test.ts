// What people do, on a session without Python: each thing is one step that undo takes back whole.

import assert from "node:assert/strict";
import test from "node:test";

import { bundledCatalogue } from "../core/bundled";
import { toText } from "../core/bytes";
import { LocalSession } from "../core/local";
import { SAMPLES } from "../dev/samples";
import { Actions } from "./actions";
import { View } from "./view";

function studio(sample: string) {
  const session = new LocalSession({ catalogue: bundledCatalogue(), document: SAMPLES[sample]! });
  const view = new View(session.getState().document.main);
  const actions = new Actions(session, view);
  const main = () => session.getState().document.circuits[session.getState().document.main]!;
  return { session, view, actions, main, text: () => toText(session.getState().document) };
}

test("populations are drawn, connected and selected, and undo takes all of it back", () => {
  const { session, view, actions, main, text } = studio("empty");
  const before = text();
  actions.addNeurons("lif", { x: 0, y: 0 });
  actions.addNeurons("lif", { x: 0, y: 0 });
  assert.deepEqual(Object.keys(main().nodes), ["population", "population_2"]);
  assert.deepEqual(view.get().selection.nodes, ["population_2"]);
  assert.equal(actions.connect("population", "population_2"), null);
  assert.deepEqual(view.get().selection.projections, ["p1"]);
  const [first, second] = actions.scene.items;
  assert.ok(Math.abs(first!.box.y - second!.box.y) >= 56, "the second finds a place of its own");
  for (let n = 0; n < 3; n++) session.undo();
  assert.equal(text(), before);
});

test("what an inhibitory population sends next is inhibitory", () => {
  const { actions, main } = studio("ei");
  actions.addNeurons("lif");
  actions.connect("inh", "population");
  assert.equal(Object.values(main().projections).at(-1)!.weight, -2);
  assert.equal(actions.scene.items.find((item) => item.id === "inh")!.sign, "inhibitory");
});

test("a source cannot be a target, and the sentence says so", () => {
  const { actions, main } = studio("ei");
  assert.match(actions.connect("exc", "drive")!, /no input/);
  assert.equal(Object.keys(main().projections).length, 4);
});

test("projections to an instance end at its port", () => {
  const { actions, main } = studio("columns");
  actions.connect("readout", "cols");
  assert.equal(Object.values(main().projections).at(-1)!.to, "cols.thalamus");
});

test("copies keep the projections between them and get names of their own", () => {
  const { session, view, actions, main, text } = studio("ei");
  const before = text();
  view.select({ nodes: ["exc", "inh"] });
  actions.copy();
  actions.paste();
  const names = Object.values(main().nodes).map((node) => node.name);
  assert.equal(new Set(names).size, 5);
  assert.equal(Object.keys(main().projections).length, 4 + 3);
  session.undo();
  assert.equal(text(), before);
});

test("grouping and ungrouping keep the network", () => {
  const { session, view, actions, main, text } = studio("ei");
  const before = text();
  view.select({ nodes: ["exc", "inh"] });
  actions.group();
  assert.deepEqual(Object.keys(main().nodes).sort(), ["circuit", "drive"]);
  actions.ungroup();
  assert.deepEqual(Object.keys(main().nodes).sort(), ["drive", "exc", "inh"]);
  session.undo();
  session.undo();
  assert.equal(text(), before);
});

test("the first move of a network without layout leaves the rest where it was drawn", () => {
  const { session, actions } = studio("ei");
  session.dispatch({ command: "unset", path: "/layout" });
  const drawn = new Map(actions.scene.items.map((item) => [item.id, item.box]));
  actions.move({ exc: { x: 1000, y: 1000 } });
  for (const { id, box } of actions.scene.items) if (id !== "exc") assert.deepEqual([box.x, box.y], [drawn.get(id)!.x, drawn.get(id)!.y]);
});

test("a circuit may not be put into itself", () => {
  const { actions } = studio("columns");
  assert.equal(actions.mayHold("column"), true);
  actions.enter("cols");
  assert.equal(actions.circuitKey, "column");
  assert.equal(actions.mayHold("column"), false);
  actions.leave();
  assert.equal(actions.circuitKey, "sheet");
});

test("a port is added inside, joined, and seen outside", () => {
  const { session, actions } = studio("columns");
  actions.enter("cols");
  actions.addPort("in");
  assert.equal(actions.connect("port:input", "inh"), null);
  assert.deepEqual(session.getState().document.circuits["column"]!.ports["input"], { direction: "in", to: ["inh"] });
  actions.leave();
  assert.deepEqual(actions.scene.items.find((item) => item.id === "cols")!.inputs, ["thalamus", "input"]);
});

test("arrow presses in a row are one step of undo, until a pause or another selection", () => {
  const { session, actions, text } = studio("ei");
  let now = 0;
  actions.clock = () => now;
  const before = text();
  const nudge = (dx: number, ids = ["exc", "inh"]): void => {
    const boxes = actions.scene.items.filter((item) => ids.includes(item.id)).map((item) => item.box);
    actions.nudge(Object.fromEntries(boxes.map((box) => [box.id, { x: box.x + dx, y: box.y }])));
  };
  nudge(8);
  const [x] = actions.scene.items.filter((item) => item.id === "exc").map((item) => item.box.x);
  for (let n = 0; n < 4; n++) {
    now += 900;
    nudge(8);
  }
  assert.equal(actions.scene.items.find((item) => item.id === "exc")!.box.x, x! + 32);
  now += 1001;
  nudge(8);
  nudge(8, ["exc"]);
  const steps: string[] = [];
  while (session.getState().undo) {
    steps.push(session.getState().undo!);
    session.undo();
  }
  assert.deepEqual([steps.length, steps[1], steps[2]], [3, "Move 2 nodes", "Move 2 nodes"]);
  assert.equal(text(), before);
  for (let n = 0; n < 3; n++) session.redo();
  assert.equal(actions.scene.items.find((item) => item.id === "exc")!.box.x, x! + 48);
  session.undo();
  nudge(8, ["exc"]);
  assert.equal(session.getState().undo, steps[0]);
});
