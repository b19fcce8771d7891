import { useState } from "react";

import type { Entry } from "../../core/catalogue";
import type { Values } from "../../core/document";
import { Icon } from "../glyphs/Icon";
import { useStudio } from "../studio";
import { ModelFacts } from "./ModelFacts";

/** A line about a model; its equations, source and limits unfold below, its whole page opens in a window of its own (not where it is `plain`). */
export function About({ entry, values = {}, plain = false }: { entry: Entry | undefined; values?: Values; plain?: boolean }) {
  const { view } = useStudio();
  const [open, setOpen] = useState(false);
  if (!entry) return null;
  return (
    <div className="about-model">
      <p className="about small">{entry.doc}</p>
      <div className="about-acts">
        <button type="button" className="more" aria-expanded={open} data-testid={`about-${entry.kind}`} onClick={() => setOpen(!open)}>
          <Icon name={open ? "chevron" : "right"} size={12} />
          {plain ? "Source, limits" : "Equations, source, limits"}
        </button>
        {!plain && <button type="button" className="more" title="Everything about this model, with its response at these parameters" data-testid={`page-${entry.kind}`} onClick={() => view.set({ overlay: { page: { kind: entry.kind, key: entry.key, values } } })}>
          Open page
        </button>}
      </div>
      {open && <ModelFacts entry={entry} />}
    </div>
  );
}
