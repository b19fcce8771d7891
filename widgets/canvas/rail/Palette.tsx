import { useState } from "react";

import { entriesOf, type Entry } from "../../core/catalogue";
import { Icon } from "../glyphs/Icon";
import { Spark } from "../glyphs/Spark";
import { groupsOf } from "../model/choices";
import { useCircuit, useSession, useStudio } from "../studio";
import type { Placeable } from "../view";
import { PaletteEntry } from "./PaletteEntry";

const MANY = 8; // more models than this are shown by family

/** Everything the catalogue has to place, narrowed by what is typed, and the document's own circuits. */
export function Palette() {
  const catalogue = useSession((state) => state.catalogue);
  const { actions } = useStudio();
  const { key, document } = useCircuit();
  const [typed, setTyped] = useState("");
  const circuits = Object.entries(document.circuits).filter(([own]) => own !== document.main && actions.mayHold(own));
  const places: (Placeable & { doc: string })[] = [
    ...circuits.map(([own, circuit]) => ({ kind: "circuit" as const, id: own, title: circuit.name ?? own, doc: circuit.description ?? "A circuit of this document", glyph: "instance" as const })),
    { kind: "circuit", id: "", title: "New circuit", doc: "An empty circuit, to be entered and filled", glyph: "instance" },
    ...(key === document.main ? [] : ([{ kind: "port", id: "in", title: "Input port", doc: "Leads spikes in from outside", glyph: "port-in" }, { kind: "port", id: "out", title: "Output port", doc: "Leads spikes out", glyph: "port-out" }] as const)),
  ];
  const shown = places.filter((place) => place.title.toLowerCase().includes(typed.trim().toLowerCase()));
  const neurons = <Models title="Neurons" kind="neuron" entries={entriesOf(catalogue, "neuron")} typed={typed} />;
  const sources = <Models title="Sources" kind="source" entries={entriesOf(catalogue, "source")} typed={typed} />;
  return (
    <>
      <div className="filter">
        <label className="field">
          <Icon name="search" size={13} />
          <input type="search" aria-label="Search the palette" data-testid="palette-search" placeholder="Search" autoComplete="off" spellCheck={false} value={typed} onChange={(event) => setTyped(event.target.value)} onKeyDown={(event) => event.key === "Escape" && typed && (event.stopPropagation(), setTyped(""))} />
        </label>
      </div>
      {neurons}
      {sources}
      {shown.length > 0 && (
        <section aria-label="Circuits">
          <h3 className="head">Circuits</h3>
          {shown.map((entry) => <PaletteEntry key={`${entry.kind}-${entry.id}`} {...entry} />)}
        </section>
      )}
      <p className="rail-tip quiet small">Drag onto the canvas, or double-click.</p>
    </>
  );
}

function Models({ title, kind, entries, typed }: { title: string; kind: "neuron" | "source"; entries: Entry[]; typed: string }) {
  const groups = groupsOf(entries, typed).map((group) => ({ ...group, choices: group.choices.filter((choice, k, all) => all.findIndex((other) => other.entry === choice.entry) === k) }));
  if (!groups.length) return null;
  const families = entries.length > MANY;
  return (
    <section aria-label={title}>
      <h3 className="head">{title}</h3>
      {groups.map((group) => (
        <div key={group.title} role="group" aria-label={group.title || undefined}>
          {families && group.title && <h4 className="family">{group.title}</h4>}
          {group.choices.map(({ entry }) => (
            <PaletteEntry key={entry.key} kind={kind} id={entry.key} title={entry.title} doc={entry.doc} glyph={kind === "neuron" ? "population" : entry.signal === "analog" ? "analog" : "source"} picture={kind === "neuron" && entry.spark ? <Spark entry={entry} /> : undefined} />
          ))}
        </div>
      ))}
    </section>
  );
}
