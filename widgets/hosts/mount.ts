// Puts the surface into an element: its stylesheet inside the element (it may stand in a shadow root), its size, its theme.

import { createElement } from "react";
import { createRoot } from "react-dom/client";

import { css, Surface } from "../canvas";
import type { Session } from "../core/session";

export interface Appearance {
  /** "auto" follows the host and the system. */
  theme?: "auto" | "light" | "dark" | string;
  /** CSS length; a number is pixels. */
  height?: number | string;
}

export interface Mounted {
  destroy(): void;
}

export function mountSurface(el: HTMLElement, session: Session, { theme = "auto", height = "100%" }: Appearance = {}): Mounted {
  const style = document.createElement("style");
  style.textContent = css;
  const host = document.createElement("div");
  host.className = "spike-studio";
  host.dataset["theme"] = theme;
  Object.assign(host.style, { height: typeof height === "number" ? `${height}px` : height, width: "100%", position: "relative" });
  el.replaceChildren(style, host);
  const release = keepKeys(host);
  const root = createRoot(host);
  root.render(createElement(Surface, { session }));
  return {
    destroy() {
      release();
      root.unmount();
      session.destroy();
      el.replaceChildren();
    },
  };
}

/** Keeps JupyterLab's notebook shortcuts off keys typed here: Lab asks for this mark on the element that has the focus. Returns how to stop. */
function keepKeys(host: HTMLElement): () => void {
  const mark = (event: KeyboardEvent): void => {
    const path = event.composedPath();
    if (path.includes(host) && path[0] instanceof Element) path[0].setAttribute("data-lm-suppress-shortcuts", "true");
  };
  const kinds = ["keydown", "keyup"] as const;
  for (const kind of kinds) window.addEventListener(kind, mark, true);
  return () => {
    for (const kind of kinds) window.removeEventListener(kind, mark, true);
  };
}
