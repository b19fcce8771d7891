import { Glyph, type GlyphKind } from "../glyphs/Glyph";
import { DRAG_TYPE, type PaletteKind } from "../graph/drop";
import { useStudio } from "../studio";

interface PaletteEntryProps {
  kind: PaletteKind;
  id: string;
  title: string;
  doc: string;
  glyph: GlyphKind;
}

/** One thing to place: dragged, double-clicked, or Enter. */
export function PaletteEntry({ kind, glyph, title, doc, id: key }: PaletteEntryProps) {
  const { actions } = useStudio();
  return (
    <button
      type="button"
      className="entry"
      draggable
      title={doc}
      aria-label={`Add ${title}`}
      data-testid={`palette-${kind}-${key || "new"}`}
      onDragStart={(event) => {
        event.dataTransfer.setData(DRAG_TYPE, JSON.stringify({ kind, key }));
        event.dataTransfer.effectAllowed = "copy";
      }}
      onDoubleClick={() => actions.add(kind, key)}
      onKeyDown={(event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        actions.add(kind, key);
      }}
    >
      <Glyph kind={glyph} model={key} size={18} />
      <span className="cut">{title}</span>
    </button>
  );
}
