// What every action stands on: the document, the circuit on the canvas, and where things are.

import type { Command, Point } from "../../core/command";
import type { Circuit, Document } from "../../core/document";
import type { Session } from "../../core/session";
import { freeName } from "../clipboard";
import { freeSpot } from "../graph/layout";
import type { Box } from "../graph/route";
import { PORT, sceneOf, type Scene } from "../graph/scene";
import { setAt } from "../model/pointer";
import { circuitKeyOf } from "../studio";
import type { View } from "../view";

/** Size of a new population or source [px]. */
const UNIT = { w: 184, h: 56 };

export class Ground {
  /** Where a new thing goes when nobody says: the middle of what is on screen. The canvas keeps this up to date. */
  centre: () => Point = () => ({ x: 0, y: 0 });
  /** The point of the circuit under a point of the screen; null beside the canvas. Kept by the canvas too. */
  pointOnCanvas: (clientX: number, clientY: number) => Point | null = () => null;

  constructor(
    protected readonly session: Session,
    protected readonly view: View,
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

  protected freeName(base: string): string {
    return freeName(base, new Set(Object.values(this.circuit.nodes).map((node) => node.name)));
  }

  protected spot(at: Point | undefined, size = UNIT): Point {
    const boxes = this.scene.items.map((item) => item.box);
    return freeSpot(boxes, at ?? this.nextTo(boxes) ?? this.middle(size), size.w, size.h);
  }

  /** To the right of the one box that is selected: what is added by keyboard grows from left to right. */
  private nextTo(boxes: readonly Box[]): Point | null {
    const { nodes } = this.view.get().selection;
    const last = nodes.length === 1 ? boxes.find((box) => box.id === nodes[0]) : undefined;
    return last ? { x: last.x + last.w + 112, y: last.y } : null;
  }

  private middle(size: { w: number; h: number }): Point {
    const { x, y } = this.centre();
    return { x: x - size.w / 2, y: y - size.h / 2 };
  }

  /** Commands that write down where everything stands now, so that a first move leaves the rest in place. */
  protected settle(): Command[] {
    const layout = this.document.layout?.[this.circuitKey] ?? {};
    const loose = this.scene.items.filter((item) => layout[item.id]?.x === undefined);
    return loose.length ? this.moves(Object.fromEntries(loose.map((item) => [item.id, { x: item.box.x, y: item.box.y }]))) : [];
  }

  protected moves(positions: { [id: string]: Point }): Command[] {
    const nodes = Object.entries(positions).filter(([id]) => !id.startsWith(PORT));
    const ports = Object.entries(positions).filter(([id]) => id.startsWith(PORT));
    const move: Command[] = nodes.length ? [{ command: "move", circuit: this.circuitKey, positions: Object.fromEntries(nodes) }] : [];
    return [...move, ...ports.map(([id, at]) => setAt(["layout", this.circuitKey, id], at))];
  }

  protected show(selection: Partial<{ nodes: string[]; projections: string[]; ports: string[] }>): void {
    this.view.select(selection);
    if (this.view.get().width !== "narrow") this.view.set({ inspector: true });
  }
}
