import { useRef, useState } from "react";

import { entriesOf, entryOf, type Kind } from "../../core/catalogue";
import { Icon } from "../glyphs/Icon";
import { Spark } from "../glyphs/Spark";
import { useSession, useStudio } from "../studio";
import { useDismiss } from "../top/useDismiss";
import { Choices } from "./Choices";

interface ModelChooserProps {
  kind: Kind;
  value: string;
  label: string;
  onChoose(key: string, preset?: string): void;
}

export const WRITTEN: readonly Kind[] = ["neuron", "kinetics", "plasticity", "device"];

/** Which model: its picture and title, and a list to search in. A letter typed on it begins the search. */
export function ModelChooser({ kind, value, label, onChoose }: ModelChooserProps) {
  const { view } = useStudio();
  const catalogue = useSession((state) => state.catalogue);
  const [open, setOpen] = useState<string | null>(null);
  const box = useRef<HTMLDivElement>(null);
  useDismiss(box, open !== null, () => close());
  const entry = entryOf(catalogue, kind, value);
  const close = (): void => {
    const inside = box.current?.contains((box.current.getRootNode() as Document | ShadowRoot).activeElement);
    setOpen(null);
    if (inside) box.current?.querySelector("button")?.focus();
  };
  const choose = (key: string, preset?: string): void => {
    close();
    box.current?.querySelector("button")?.focus();
    if (key !== value || preset) onChoose(key, preset);
  };
  return (
    <div className="chooser" ref={box}>
      <button
        type="button"
        className="field choose"
        aria-haspopup="dialog"
        aria-expanded={open !== null}
        aria-label={`${label}: ${entry?.title ?? value}`}
        title={entry?.doc}
        data-testid={`model-${kind}`}
        onClick={() => (open === null ? setOpen("") : close())}
        onKeyDown={(event) => {
          const letter = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
          if (event.key !== "ArrowDown" && !letter) return;
          event.preventDefault();
          event.stopPropagation();
          setOpen(letter ? event.key : "");
        }}
      >
        <Spark entry={entry ?? { kind }} />
        <span className="cut">{entry?.title ?? `${value} (unknown)`}</span>
        <Icon name="chevron" size={12} />
      </button>
      {open !== null && (
        <Choices
          entries={entriesOf(catalogue, kind)}
          value={value}
          label={label}
          start={open}
          onChoose={choose}
          onOwn={WRITTEN.includes(kind) ? (key) => (close(), view.set({ overlay: { own: { kind, like: key } } })) : undefined}
        />
      )}
    </div>
  );
}
