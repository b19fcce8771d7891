// A box that had the focus may be removed (grouped, deleted, undone): then the surface, or the dialog over it, takes the focus, so that its keys go on working.

import { useEffect, type RefObject } from "react";

import type { Session } from "../core/session";

export function useKeepFocus(root: RefObject<HTMLElement | null>, session: Session): void {
  useEffect(() => {
    const element = root.current!;
    const around = element.getRootNode() as Document | ShadowRoot;
    let inside = false;
    const entered = (): void => void (inside = true);
    const pressed = (event: Event): void => void (inside = event.composedPath().includes(element));
    const changed = (): void => {
      const active = around.activeElement;
      if (inside && (!active || active === element.ownerDocument.body)) (element.querySelector<HTMLElement>(".dialog") ?? element).focus({ preventScroll: true });
    };
    const unsubscribe = session.subscribe(() => requestAnimationFrame(changed));
    element.addEventListener("focusin", entered);
    around.addEventListener("pointerdown", pressed, true);
    return () => {
      unsubscribe();
      element.removeEventListener("focusin", entered);
      around.removeEventListener("pointerdown", pressed, true);
    };
  }, [root, session]);
}
