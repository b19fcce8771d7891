import { useState } from "react";

import type { Entry } from "../../core/catalogue";

/** One line about a model; where it comes from on hover, or unfolded. */
export function About({ entry }: { entry: Entry | undefined }) {
  const [open, setOpen] = useState(false);
  if (!entry) return null;
  return (
    <p className="about small" title={[entry.source && `Source: ${entry.source}`, entry.limits && `Not modelled: ${entry.limits}`].filter(Boolean).join("\n") || undefined}>
      {entry.doc}
      {entry.source && (
        <button type="button" className="source-toggle" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? entry.source : "Source"}
        </button>
      )}
    </p>
  );
}
