import { useRef, useState, type KeyboardEvent, type ReactNode } from "react";

import { useDismiss } from "./useDismiss";

export interface MenuItem {
  key: string;
  title: string;
  keys?: string;
  /** Why it cannot be used now; shown, not hidden. */
  why?: string;
  act(): void;
}

interface MenuProps {
  label: string;
  testid: string;
  face: ReactNode;
  groups: MenuItem[][];
}

/** A button that opens a list of things to do; walks with the arrows, closes with Escape. */
export function Menu({ label, testid, face, groups }: MenuProps) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  useDismiss(box, open, () => setOpen(false));
  const keys = (event: KeyboardEvent<HTMLDivElement>): void => {
    const sign = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (!sign || !open) return;
    event.preventDefault();
    const all = [...event.currentTarget.querySelectorAll<HTMLElement>("[role=menuitem]")];
    const here = all.indexOf(event.target as HTMLElement);
    all[(here + sign + all.length) % all.length]?.focus();
  };
  return (
    <div className="menu" ref={box} onKeyDown={keys}>
      <button type="button" className="btn" aria-haspopup="menu" aria-expanded={open} aria-label={label} data-testid={testid} onClick={() => setOpen(!open)}>
        {face}
      </button>
      {open && (
        <div className="popover" role="menu" aria-label={label}>
          {groups.filter((group) => group.length).map((group, k) => (
            <div key={k} role="group">
              {k > 0 && <div className="rule" />}
              {group.map((item) => (
                <button key={item.key} type="button" role="menuitem" className="item" data-testid={`menu-${item.key}`} aria-disabled={item.why ? true : undefined} title={item.why} onClick={() => item.why || (setOpen(false), item.act())}>
                  {item.title}
                  {item.keys && <span className="end">{item.keys}</span>}
                </button>
              ))}
            </div>
          ))}
        </div>
      )}
    </div>
  );
}
