import { Icon, type IconName } from "../glyphs/Icon";
import { useStudio, useView } from "../studio";
import type { RailTab } from "../view";
import { Outline } from "./Outline";
import { Palette } from "./Palette";
import { Templates } from "./Templates";

const TABS: [RailTab, string, IconName][] = [["add", "Add", "plus"], ["outline", "Outline", "tree"], ["templates", "Templates", "cards"]];

/** What can be added, what is there, what to start from. A strip of icons where there is little room. */
export function Rail() {
  const { view } = useStudio();
  const { tab, open } = useView((state) => state.rail);
  const wide = useView((state) => state.width === "wide");
  const narrow = useView((state) => state.width === "narrow");
  const show = (next: RailTab): void => view.set({ rail: { tab: next, open: wide || !open || next !== tab }, ...(narrow ? { inspector: false } : {}) });
  if (wide) {
    return (
      <nav className="rail" aria-label="Palette, outline, templates">
        <div className="tabs" role="tablist">
          {TABS.map(([key, title]) => (
            <button key={key} type="button" role="tab" aria-selected={tab === key} data-testid={`rail-${key}`} onClick={() => show(key)}>
              {title}
            </button>
          ))}
        </div>
        <Body tab={tab} />
      </nav>
    );
  }
  return (
    <>
      <nav className="rail strip" aria-label="Palette, outline, templates">
        {TABS.map(([key, title, icon]) => (
          <button key={key} type="button" className="btn icon" aria-label={title} title={title} aria-pressed={open && tab === key} data-testid={`rail-${key}`} onClick={() => show(key)}>
            <Icon name={icon} />
          </button>
        ))}
      </nav>
      {open && (
        <div className="rail overlaid" aria-label={tab}>
          <Body tab={tab} />
        </div>
      )}
    </>
  );
}

function Body({ tab }: { tab: RailTab }) {
  return <div className="body scroll">{tab === "add" ? <Palette /> : tab === "outline" ? <Outline /> : <Templates />}</div>;
}
