// The one ES module: `default {render}` for anywidget and Panel, `mount` for a tab that holds the text of a file, `benchRaster` for measurements.

import { bundledCatalogue } from "../core/bundled";
import { LocalSession } from "../core/local";
import { RemoteSession } from "../core/remote";
import { mountSurface, type Appearance } from "./mount";
import { transportOf, type Model, type PanelView } from "./transport";

interface RenderProps {
  model: Model;
  el: HTMLElement;
  view?: PanelView;
}

/** Called by both hosts for each view; returns how to take it away. */
function render({ model, el, view }: RenderProps): () => void {
  const session = new RemoteSession(transportOf(model, view));
  const height = model.get("height") as number | string | undefined;
  const theme = model.get("theme") as string | undefined;
  return mountSurface(el, session, { height: height ?? (view ? "100%" : 560), theme: theme ?? "auto" }).destroy;
}

/** A file's text and what to do with it; `onChange` hears the text after each edit. */
export interface TextHost extends Appearance {
  text: string;
  file?: string;
  onChange(text: string): void;
  onSave?(): void;
}

export interface TextSurface {
  /** Takes text that was changed elsewhere. */
  setText(text: string): void;
  destroy(): void;
}

/** The surface on the text of a file, without Python. */
export function mount(el: HTMLElement, host: TextHost): TextSurface {
  const session = new LocalSession({
    catalogue: bundledCatalogue(),
    file: host.file ?? null,
    onChange: (text) => host.onChange(text),
    onSave: host.onSave && (() => host.onSave?.()),
  });
  session.setText(host.text);
  const mounted = mountSurface(el, session, host);
  return { setText: (text) => session.setText(text), destroy: () => mounted.destroy() };
}

export { benchRaster } from "../plots";
export default { render };
