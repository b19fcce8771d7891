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
  const root = createRoot(host);
  root.render(createElement(Surface, { session }));
  return {
    destroy() {
      root.unmount();
      session.destroy();
      el.replaceChildren();
    },
  };
}
