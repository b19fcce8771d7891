import { useRef, useState, type KeyboardEvent } from "react";

import { entriesOf, entryOf, type Entry, type Kind } from "../../core/catalogue";
import { Icon } from "../glyphs/Icon";
import { useSession } from "../studio";
import { useDismiss } from "../top/useDismiss";

interface ModelChooserProps {
  kind: Kind;
  value: string;
  label: string;
  onChoose(key: string): void;
}

/** Which model: its title, and a list with one line about each. */
export function ModelChooser({ kind, value, label, onChoose }: ModelChooserProps) {
  const catalogue = useSession((state) => state.catalogue);
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  useDismiss(box, open, () => setOpen(false));
  const entry = entryOf(catalogue, kind, value);
  const entries = entriesOf(catalogue, kind);
  const choose = (key: string): void => {
    setOpen(false);
    box.current?.querySelector("button")?.focus();
    if (key !== value) onChoose(key);
  };
  return (
    <div className="chooser" ref={box}>
      <button type="button" className="field choose" aria-haspopup="listbox" aria-expanded={open} aria-label={`${label}: ${entry?.title ?? value}`} title={entry?.doc} data-testid={`model-${kind}`} onClick={() => setOpen(!open)} onKeyDown={(event) => event.key === "ArrowDown" && (event.preventDefault(), setOpen(true))}>
        <span className="cut">{entry?.title ?? `${value} (unknown)`}</span>
        <Icon name="chevron" size={12} />
      </button>
      {open && <Choices entries={entries} value={value} label={label} onChoose={choose} />}
    </div>
  );
}

function Choices({ entries, value, label, onChoose }: { entries: Entry[]; value: string; label: string; onChoose(key: string): void }) {
  const keys = (event: KeyboardEvent<HTMLDivElement>): void => {
    const sign = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (!sign) return;
    event.preventDefault();
    const all = [...event.currentTarget.querySelectorAll<HTMLElement>("[role=option]")];
    const here = all.indexOf(event.target as HTMLElement);
    all[(here + sign + all.length) % all.length]?.focus();
  };
  return (
    <div className="popover list scroll" role="listbox" aria-label={label} onKeyDown={keys}>
      {entries.map((entry) => (
        <button key={entry.key} type="button" role="option" aria-selected={entry.key === value} className="item" ref={entry.key === value ? focus : undefined} data-testid={`option-${entry.kind}-${entry.key}`} onClick={() => onChoose(entry.key)}>
          <span className="two">
            <span>{entry.title}</span>
            <small>{entry.doc}</small>
          </span>
          {entry.key === value && (
            <span className="end">
              <Icon name="check" size={14} />
            </span>
          )}
        </button>
      ))}
    </div>
  );
}

const focus = (element: HTMLElement | null): void => element?.focus();
