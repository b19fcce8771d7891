import { Glyph, type GlyphKind } from "../glyphs/Glyph";
import type { Sign } from "../model/signs";
import { useView } from "../studio";
import { TextField } from "./TextField";

interface TitleProps {
  kind: GlyphKind;
  sign?: Sign;
  model?: string;
  name: string;
  path: string;
  onRename(name: string): void;
}

/** What is selected: its form, its name to be edited, its path. */
export function Title({ kind, sign, model, name, path, onRename }: TitleProps) {
  const asked = useView((view) => view.focus === "name");
  return (
    <header className="title">
      <Glyph kind={kind} sign={sign} model={model} size={22} />
      <TextField name="Name" testid="field-name" className="inline-edit cut" value={name} autoFocus={asked} check={(text) => (text.trim() ? "" : "A name is needed.")} onCommit={onRename} />
      <span className="path mono" title="The path in Python and on the command line">{path}</span>
    </header>
  );
}
