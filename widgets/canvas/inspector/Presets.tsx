import { useRef, useState, type KeyboardEvent } from "react";

import type { Entry, PresetEntry } from "../../core/catalogue";
import type { Values } from "../../core/document";
import { Icon } from "../glyphs/Icon";
import { presetOf, presetText, withPreset } from "../model/presets";
import { useSession } from "../studio";
import { useDismiss } from "../top/useDismiss";
import { Row } from "./Row";
import { Sourced } from "./Sourced";

interface PresetsProps {
  entry: Entry | undefined;
  values: Values;
  onChoose(values: Values, preset: PresetEntry): void;
}

/** Published sets of parameters: which one the values equal, and a list to take one from. */
export function Presets({ entry, values, onChoose }: PresetsProps) {
  const catalogue = useSession((state) => state.catalogue);
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  useDismiss(box, open, () => close());
  if (!entry?.presets?.length) return null;
  const now = presetOf(catalogue, entry, values);
  const close = (): void => (setOpen(false), box.current?.querySelector("button")?.focus());
  const choose = (preset: PresetEntry): void => {
    close();
    if (preset !== now) onChoose(withPreset(entry, values, preset), preset);
  };
  return (
    <>
      <Row label="Preset" title="Published parameters; choosing one fills them in">
        <div className="chooser" ref={box}>
          <button type="button" className="field choose" aria-haspopup="listbox" aria-expanded={open} aria-label={`Preset: ${now?.title ?? "none of them"}`} data-testid={`preset-${entry.kind}`} onClick={() => setOpen(!open)} onKeyDown={(event) => event.key === "ArrowDown" && (event.preventDefault(), setOpen(true))}>
            <span className={now ? "cut" : "cut quiet"}>{now?.title ?? "Own values"}</span>
            <Icon name="chevron" size={12} />
          </button>
          {open && <List entry={entry} now={now} onChoose={choose} />}
        </div>
      </Row>
      {now && <p className="about small preset-source" data-testid="preset-source"><Sourced text={now.source} /></p>}
    </>
  );
}

function List({ entry, now, onChoose }: { entry: Entry; now: PresetEntry | undefined; onChoose(preset: PresetEntry): void }) {
  const keys = (event: KeyboardEvent<HTMLDivElement>): void => {
    const sign = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (!sign) return;
    event.preventDefault();
    const all = [...event.currentTarget.querySelectorAll<HTMLElement>("[role=option]")];
    const here = all.indexOf(event.target as HTMLElement);
    all[(here + sign + all.length) % all.length]?.focus();
  };
  return (
    <div className="popover list scroll" role="listbox" aria-label="Preset" onKeyDown={keys}>
      {entry.presets!.map((preset, k) => (
        <button key={preset.key} type="button" role="option" aria-selected={preset === now} className="item" ref={preset === now || (!now && k === 0) ? focus : undefined} title={presetText(entry, preset)} data-testid={`option-preset-${preset.key}`} onClick={() => onChoose(preset)}>
          <span className="two">
            <span className="cut">{preset.title}</span>
            <small className="clamp">{preset.source}</small>
          </span>
          {preset === now && <span className="end"><Icon name="check" size={14} /></span>}
        </button>
      ))}
    </div>
  );
}

const focus = (element: HTMLElement | null): void => element?.focus();
