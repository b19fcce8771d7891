// What the palette hands to the canvas when an entry is dragged over.

import type { Kind } from "../../core/catalogue";

export const DRAG_TYPE = "application/x-spike-studio";
export type PaletteKind = Kind | "circuit" | "port";

export interface Dropped {
  kind: PaletteKind;
  key: string;
}

export function droppedFrom(transfer: DataTransfer): Dropped | null {
  try {
    return JSON.parse(transfer.getData(DRAG_TYPE)) as Dropped;
  } catch {
    return null; // something else was dragged in
  }
}
