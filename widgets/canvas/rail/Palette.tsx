import { entriesOf } from "../../core/catalogue";
import { useCircuit, useSession, useStudio } from "../studio";
import type { Placeable } from "../view";
import { PaletteEntry } from "./PaletteEntry";

interface Group {
  title: string;
  entries: (Placeable & { doc: string })[];
}

/** Everything the catalogue has to place, and the document's own circuits. */
export function Palette() {
  const catalogue = useSession((state) => state.catalogue);
  const { actions } = useStudio();
  const { key, document } = useCircuit();
  const circuits = Object.entries(document.circuits).filter(([own]) => own !== document.main && actions.mayHold(own));
  const groups: Group[] = [
    { title: "Neurons", entries: entriesOf(catalogue, "neuron").map((entry) => ({ kind: "neuron", id: entry.key, title: entry.title, doc: entry.doc, glyph: "population" })) },
    { title: "Sources", entries: entriesOf(catalogue, "source").map((entry) => ({ kind: "source", id: entry.key, title: entry.title, doc: entry.doc, glyph: entry.signal === "analog" ? "analog" : "source" })) },
    {
      title: "Circuits",
      entries: [
        ...circuits.map(([own, circuit]) => ({ kind: "circuit" as const, id: own, title: circuit.name ?? own, doc: circuit.description ?? "A circuit of this document", glyph: "instance" as const })),
        { kind: "circuit", id: "", title: "New circuit", doc: "An empty circuit, to be entered and filled", glyph: "instance" },
        ...(key === document.main ? [] : ([{ kind: "port", id: "in", title: "Input port", doc: "Leads spikes in from outside", glyph: "port-in" }, { kind: "port", id: "out", title: "Output port", doc: "Leads spikes out", glyph: "port-out" }] as Group["entries"])),
      ],
    },
  ];
  return (
    <>
      {groups.map((group) => (
        <section key={group.title} aria-label={group.title}>
          <h3 className="head">{group.title}</h3>
          {group.entries.map((entry) => (
            <PaletteEntry key={`${entry.kind}-${entry.id}`} {...entry} />
          ))}
        </section>
      ))}
      <p className="rail-tip quiet small">Drag onto the canvas, or double-click.</p>
    </>
  );
}
