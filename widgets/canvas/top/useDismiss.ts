// Closing what floats: a press outside it or Escape, asked of the root the surface stands in.

import { useEffect, type RefObject } from "react";

export function useDismiss(box: RefObject<HTMLElement | null>, open: boolean, close: () => void): void {
  useEffect(() => {
    if (!open) return;
    const root = box.current?.getRootNode();
    if (!root) return;
    const pressed = (event: Event): void => {
      if (!event.composedPath().includes(box.current!)) close();
    };
    const keyed = (event: Event): void => {
      if ((event as KeyboardEvent).key !== "Escape") return;
      event.stopPropagation();
      close();
    };
    root.addEventListener("pointerdown", pressed, true);
    box.current!.addEventListener("keydown", keyed);
    const element = box.current!;
    return () => {
      root.removeEventListener("pointerdown", pressed, true);
      element.removeEventListener("keydown", keyed);
    };
  });
}
