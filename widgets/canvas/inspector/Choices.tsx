import { useEffect, useId, useLayoutEffect, useRef, useState, type KeyboardEvent } from "react";

import type { Entry } from "../../core/catalogue";
import { Icon } from "../glyphs/Icon";
import { Spark } from "../glyphs/Spark";
import { choicesOf, groupsOf } from "../model/choices";

interface ChoicesProps {
  entries: Entry[];
  value: string;
  label: string;
  /** What was typed to open it. */
  start: string;
  onChoose(key: string, preset?: string): void;
  /** Writes a model of one's own, beginning from this one. */
  onOwn?(like: string): void;
}

const PAGE = 6;

/** Models by family with a picture and a line about each; what is typed narrows them, arrows walk, Enter takes. */
export function Choices({ entries, value, label, start, onChoose, onOwn }: ChoicesProps) {
  const [typed, setTyped] = useState(start);
  const groups = groupsOf(entries, typed);
  const all = choicesOf(groups);
  const [at, setAt] = useState(() => (start ? 0 : Math.max(0, all.findIndex((choice) => choice.entry.key === value))));
  const list = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const box = usePlace(list);
  useEffect(() => void input.current?.focus({ preventScroll: true }), []);
  useEffect(() => void list.current?.querySelector("[data-active=true]")?.scrollIntoView({ block: "nearest" }), [at, typed]);
  const here = Math.min(at, all.length - 1);
  const active = all[here];
  const take = (k: number): void => all[k] && onChoose(all[k].entry.key, all[k].preset?.key);
  const keys = (event: KeyboardEvent): void => {
    const to = ({ ArrowDown: here + 1, ArrowUp: here - 1, PageDown: Math.min(here + PAGE, all.length - 1), PageUp: Math.max(here - PAGE, 0) } as Record<string, number>)[event.key];
    if (to !== undefined && all.length) {
      event.preventDefault();
      setAt((to + all.length) % all.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      take(here);
    }
  };
  return (
    <div className="popover choices" role="dialog" aria-label={`Choose: ${label}`} ref={box} onKeyDown={keys}>
      <div className="choices-search">
        <Icon name="search" size={14} />
        <input ref={input} role="combobox" aria-expanded="true" aria-controls={`${id}-list`} aria-activedescendant={active ? `${id}-${here}` : undefined} aria-label={`Search: ${label}`} data-testid="model-search" placeholder={`Search ${entries.length} models`} autoComplete="off" spellCheck={false} value={typed} onChange={(event) => (setTyped(event.target.value), setAt(0))} />
      </div>
      <div className="scroll list" role="listbox" id={`${id}-list`} aria-label={label} ref={list} tabIndex={-1}>
        {groups.map((group) => (
          <div key={group.title} role="group" aria-label={group.title || undefined}>
            {group.title && <h4 className="family">{group.title}</h4>}
            {group.choices.map((choice) => {
              const { entry, preset } = choice;
              const k = all.indexOf(choice);
              return (
                <button key={`${entry.key}/${preset?.key ?? ""}`} type="button" role="option" id={`${id}-${k}`} tabIndex={-1} aria-selected={!preset && entry.key === value} data-active={k === here} className="item model" data-testid={`option-${entry.kind}-${entry.key}${preset ? `-${preset.key}` : ""}`} onPointerMove={() => k !== here && setAt(k)} onClick={() => take(k)}>
                  <Spark entry={entry} />
                  <span className="two">
                    <span className="cut">{preset ? preset.title : entry.title}</span>
                    <small className="cut">{preset ? `Preset of ${entry.title}` : entry.doc}</small>
                  </span>
                  {!preset && entry.key === value && <span className="end"><Icon name="check" size={14} /></span>}
                </button>
              );
            })}
          </div>
        ))}
        {all.length === 0 && <p className="none quiet">No model fits “{typed}”.</p>}
      </div>
      {onOwn && (
        <button type="button" className="item choices-own" data-testid="own-from" onClick={() => onOwn((active?.entry ?? entries[0])?.key ?? value)}>
          <Icon name="plus" size={14} />
          <span className="cut">Write your own, beginning from {(active?.entry ?? entries[0])?.title ?? "this one"}</span>
        </button>
      )}
    </div>
  );
}

const WIDTH = 376; // px
const HEIGHT = 460;

/** Lays the list over the panes (its button's pane scrolls and would cut it), right-aligned with its button, where there is most room. */
function usePlace(list: React.RefObject<HTMLDivElement | null>) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = box.current!;
    const root = element.closest(".spk")!.getBoundingClientRect();
    const own = element.parentElement!.getBoundingClientRect();
    const width = Math.min(WIDTH, root.width - 16);
    const below = root.bottom - own.bottom - 12;
    const above = own.top - root.top - 52;
    const up = below < 320 && above > below;
    const height = Math.min(HEIGHT, Math.max(below, above, 160));
    Object.assign(element.style, { left: "0px", top: "0px", width: `${width}px`, maxHeight: `${height}px` });
    const zero = element.getBoundingClientRect();
    const left = Math.max(root.left + 8, own.right - width);
    const top = up ? own.top - 2 - zero.height : own.bottom + 2;
    Object.assign(element.style, { left: `${left - zero.left}px`, top: `${top - zero.top}px`, ...(up ? { height: `${zero.height}px` } : {}) });
    list.current?.querySelector("[data-active=true]")?.scrollIntoView({ block: "center" });
  }, [list]);
  return box;
}
