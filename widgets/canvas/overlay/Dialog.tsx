import { useEffect, useRef, type ReactNode } from "react";

import { useStudio } from "../studio";

/** Something over everything else inside the surface; Escape or a press beside it closes it, and the focus goes back. */
export function Dialog({ label, className = "", children }: { label: string; className?: string; children: ReactNode }) {
  const { view } = useStudio();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const root = box.current?.getRootNode() as Document | ShadowRoot | undefined;
    const before = root?.activeElement as HTMLElement | null;
    if (!box.current?.contains(before)) box.current?.focus();
    const home = box.current?.closest<HTMLElement>(".spk");
    return () => (before?.isConnected && before !== before.ownerDocument.body ? before : home)?.focus({ preventScroll: true });
  }, []);
  const close = (): void => view.set({ overlay: null });
  return (
    <div className="dialog-back" onPointerDown={(event) => event.target === event.currentTarget && close()}>
      <div className={`dialog ${className}`} role="dialog" aria-modal="true" aria-label={label} ref={box} tabIndex={-1} onKeyDown={(event) => event.key === "Escape" && (event.stopPropagation(), close())}>
        {children}
      </div>
    </div>
  );
}
