// All that can be found with Ctrl+K: things to add, places to go, things to do.

import { entriesOf } from "../../core/catalogue";
import { downloadNetwork } from "../top/FileMenu";
import { startRun } from "../top/startRun";
import type { Studio } from "../studio";

export interface Found {
  key: string;
  title: string;
  kind: string;
  keys?: string;
  act(): void;
}

export function commandsOf({ session, view, actions, meter }: Studio): Found[] {
  const { catalogue, document, templates, can, undo, redo } = session.getState();
  const found = (kind: string, key: string, title: string, act: () => void, keys?: string): Found => ({ kind, key: `${kind}-${key}`, title, act, keys });
  const todo = [
    ...(can.run ? [found("Do", "run", "Run", () => startRun(session), "Ctrl Enter")] : []),
    ...(undo ? [found("Do", "undo", `Undo ${undo}`, () => session.undo(), "Ctrl Z")] : []),
    ...(redo ? [found("Do", "redo", `Redo ${redo}`, () => session.redo(), "Ctrl Y")] : []),
    found("Do", "new", "New network", () => session.create()),
    ...(can.save ? [found("Do", "save", "Save", () => session.save(), "Ctrl S")] : []),
    found("Do", "download", "Download the network", () => downloadNetwork(session)),
    ...can.export.map((format) => found("Do", `export-${format.key}`, `Export ${format.title}`, () => session.export(format.key))),
    ...(meter.get().chips ?? []).flatMap((chip) => [
      found("Do", `compile-${chip.key}`, `Compile for ${chip.title}`, () => view.set({ overlay: { compile: chip.key } })),
      found("Do", `target-${chip.key}`, `${meter.get().chosen.includes(chip.key) ? "No longer measure" : "Measure"} the fit on ${chip.title}`, () => meter.toggle(chip.key)),
    ]),
    found("Do", "arrange", "Arrange from left to right", () => actions.tidy(), "L"),
    found("Do", "group", "Group the selection", () => actions.group(), "Ctrl G"),
    found("Do", "findings", "Show findings", () => actions.dock("findings")),
    found("Do", "chip", "Show the floor plan", () => actions.dock("chip")),
    found("Do", "raster", "Show the raster", () => actions.dock("raster")),
    found("Do", "light", "Light theme", () => view.set({ theme: "light" })),
    found("Do", "dark", "Dark theme", () => view.set({ theme: "dark" })),
    found("Do", "help", "Keys", () => view.set({ overlay: "help" }), "?"),
  ];
  const add = [
    ...entriesOf(catalogue, "neuron").map((entry) => found("Add", `neuron-${entry.key}`, `Add ${entry.title}`, () => actions.addNeurons(entry.key))),
    ...entriesOf(catalogue, "source").map((entry) => found("Add", `source-${entry.key}`, `Add ${entry.title}`, () => actions.addSource(entry.key))),
    found("Add", "circuit", "Add a new circuit", () => actions.addCircuit()),
  ];
  const go = Object.entries(document.circuits).flatMap(([circuit, { nodes }]) => Object.entries(nodes).map(([key, node]) => found("Go to", `${circuit}-${key}`, circuit === document.main ? node.name : `${document.circuits[circuit]!.name ?? circuit} › ${node.name}`, () => actions.goTo(circuit === document.main ? key : `${circuit}:${key}`))));
  const open = can.templates ? templates.map((template) => found("Template", template.name, template.title || template.name, () => session.openTemplate(template.name))) : [];
  return [...todo, ...add, ...go, ...open];
}

/** Those whose letters occur in order, best first: a whole word at its start beats scattered letters. */
export function search(all: readonly Found[], text: string): Found[] {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return [...all];
  return all
    .map((one) => ({ one, score: Math.max(scoreOf(`${one.title} ${one.kind}`.toLowerCase(), wanted), scoreOf(`${one.kind} ${one.title}`.toLowerCase(), wanted) - 0.5) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ one }) => one);
}

function scoreOf(text: string, wanted: string): number {
  const at = text.indexOf(wanted);
  if (at === 0) return 4;
  if (at > 0) return text[at - 1] === " " ? 3 : 2;
  let from = 0;
  for (const letter of wanted) {
    from = text.indexOf(letter, from) + 1;
    if (from === 0) return 0;
  }
  return 1;
}
