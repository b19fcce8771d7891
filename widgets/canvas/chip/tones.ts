// The colour of every population on the floor plan: the one the canvas gives it, in shades where several have the same.

import type { Catalogue } from "../../core/catalogue";
import type { Document } from "../../core/document";
import { placeOf } from "../model/places";
import { isAnalog, nodeSign } from "../model/signs";
import type { Look, Tone } from "./floorplan";

export function tonesOf(document: Document, catalogue: Catalogue, paths: Iterable<string>): Look["tones"] {
  const shades = new Map<Tone, Map<string, number>>();
  const out = new Map<string, { tone: Tone; shade: number; name: string }>();
  for (const path of paths) {
    const { trail, node } = placeOf(document, path);
    const circuit = trail.at(-1)!.circuit;
    const found = node === undefined ? undefined : document.circuits[circuit]?.nodes[node];
    const sign = node === undefined ? "none" : nodeSign(document, circuit, node, catalogue);
    const tone: Tone = found?.kind === "source" || (found && isAnalog(found, catalogue)) ? "source" : sign === "excitatory" || sign === "inhibitory" ? sign : "population";
    const kind = `${circuit}/${node ?? path}`; // all copies of one population have one shade
    const known = shades.get(tone) ?? new Map<string, number>();
    shades.set(tone, known);
    if (!known.has(kind)) known.set(kind, known.size);
    out.set(path, { tone, shade: known.get(kind)!, name: found?.name ?? path });
  }
  return out;
}
