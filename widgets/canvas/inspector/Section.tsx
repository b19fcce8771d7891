import { useState, type ReactNode } from "react";

import { Icon } from "../glyphs/Icon";

interface SectionProps {
  title: string;
  children: ReactNode;
  /** Shown on the right of the title. */
  side?: ReactNode;
  folded?: boolean;
}

/** A named part of the inspector that folds. */
export function Section({ title, children, side, folded = false }: SectionProps) {
  const [open, setOpen] = useState(!folded);
  return (
    <section className="section" aria-label={title}>
      <div className="section-head">
        <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
          <Icon name={open ? "chevron" : "right"} size={12} />
          {title}
        </button>
        {side}
      </div>
      {open && <div className="section-body">{children}</div>}
    </section>
  );
}
