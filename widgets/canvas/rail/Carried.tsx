import type { RefObject } from "react";

import { Glyph } from "../glyphs/Glyph";
import { useView } from "../studio";

/** What is being dragged from the palette, under the pointer. */
export function Carried({ root }: { root: RefObject<HTMLElement | null> }) {
  const carried = useView((view) => view.carried);
  if (!carried || !root.current) return null;
  const { left, top } = root.current.getBoundingClientRect();
  const { what } = carried;
  return (
    <div className="carried" style={{ left: carried.x - left, top: carried.y - top }} aria-hidden="true">
      <Glyph kind={what.glyph} model={what.id} size={20} />
      {what.title}
    </div>
  );
}
