// Everything a person can do, said once: menus, keys, palette and pointer all end here, and all of it is undoable.

import { Editing } from "./actions/editing";
import { placeOf, type Place, type Step } from "./model/places";
import { NOTHING, type DockTab } from "./view";

/** Ground (where we stand), Drawing (add, connect), Editing (the selection), and here: going places. */
export class Actions extends Editing {
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

  /** The keyboard goes on at the box that is selected. */
  reach(): void {
    const { nodes } = this.view.get().selection;
    if (nodes.length === 1 && !this.view.get().focus) this.view.set({ reach: nodes[0]! });
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
}
