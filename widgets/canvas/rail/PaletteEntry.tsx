import { useRef, type PointerEvent, type ReactNode } from "react";

import { Glyph } from "../glyphs/Glyph";
import { useStudio } from "../studio";
import type { Placeable } from "../view";

interface PaletteEntryProps extends Placeable {
  doc: string;
  /** In the place of the glyph. */
  picture?: ReactNode;
}

const AWAY = 4; // px a press may wander before it is a drag

/** One thing to place: dragged onto the canvas (mouse, pen or finger), double-clicked, or Enter. */
export function PaletteEntry({ doc, picture, ...what }: PaletteEntryProps) {
  const { actions, view } = useStudio();
  const from = useRef<{ x: number; y: number } | null>(null);
  const { kind, id, title, glyph } = what;
  const move = (event: PointerEvent): void => {
    if (!from.current) return;
    const far = Math.hypot(event.clientX - from.current.x, event.clientY - from.current.y) > AWAY;
    if (far || view.get().carried) view.set({ carried: { what, x: event.clientX, y: event.clientY } });
  };
  const end = (event: PointerEvent, dropped: boolean): void => {
    from.current = null;
    if (!view.get().carried) return;
    view.set({ carried: null });
    const at = dropped ? actions.pointOnCanvas(event.clientX, event.clientY) : null;
    if (at) actions.add(kind, id, { x: at.x - 92, y: at.y - 28 });
  };
  return (
    <button
      type="button"
      className="entry"
      title={doc}
      aria-label={`Add ${title}`}
      data-testid={`palette-${kind}-${id || "new"}`}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        from.current = { x: event.clientX, y: event.clientY };
      }}
      onPointerMove={move}
      onPointerUp={(event) => end(event, true)}
      onPointerCancel={(event) => end(event, false)}
      onDoubleClick={() => actions.add(kind, id)}
      onKeyDown={(event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        actions.add(kind, id);
      }}
    >
      {picture ?? <Glyph kind={glyph} model={id} size={18} />}
      <span className="clamp">{title}</span>
    </button>
  );
}
