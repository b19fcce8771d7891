import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";

import { useStudio } from "../studio";
import { commandsOf, search } from "./commands";
import { Dialog } from "./Dialog";

const MOST = 60;

/** Type a few letters, press Enter. */
export function CommandPalette() {
  const studio = useStudio();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const all = useMemo(() => commandsOf(studio), [studio]);
  const found = useMemo(() => search(all, text).slice(0, MOST), [all, text]);
  useEffect(() => void input.current?.focus(), []);
  useEffect(() => void list.current?.querySelector("[data-active=true]")?.scrollIntoView({ block: "nearest" }), [at, found]);
  const choose = (k: number): void => {
    const one = found[k];
    if (!one) return;
    studio.view.set({ overlay: null });
    one.act();
    studio.actions.reach();
  };
  const keys = (event: KeyboardEvent): void => {
    const sign = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (sign) {
      event.preventDefault();
      setAt((at + sign + found.length) % Math.max(1, found.length));
    } else if (event.key === "Enter") {
      event.preventDefault();
      choose(at);
    }
  };
  return (
    <Dialog label="Find anything">
      <input ref={input} role="combobox" aria-expanded="true" aria-controls="spk-found" aria-label="Find anything" data-testid="command-input" placeholder="Add, go to, do …" value={text} onChange={(event) => (setText(event.target.value), setAt(0))} onKeyDown={keys} />
      <div className="list scroll" role="listbox" id="spk-found" aria-label="Found" ref={list}>
        {found.map((one, k) => (
          <button key={one.key} type="button" role="option" tabIndex={-1} aria-selected={k === at} data-active={k === at} className="item" onPointerMove={() => setAt(k)} onClick={() => choose(k)}>
            <span className="cut">{one.title}</span>
            <span className="end">{one.keys ?? one.kind}</span>
          </button>
        ))}
        {found.length === 0 && <p className="none quiet">Nothing is called “{text}”.</p>}
      </div>
    </Dialog>
  );
}
