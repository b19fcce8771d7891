// The line to Python in a notebook cell (anywidget) and in the Panel app (panel.custom.AnyWidgetComponent).
//
// Both speak custom messages: ordered, none merged with the next. Synced properties are not used: both hosts merge quick changes of one property.
// anywidget: `model.send(message)`, and `model.on("msg:custom", (message, buffers))`.
// Panel: its model has no `send`, but `render` also gets the view, whose `model_proxy.send_msg(data)` is it; a listener gets one value,
// so Python sends `{message, buffers}`, and so do we.

import type { FromPython, ToPython, Transport } from "../core/messages";

/** What both hosts give to `render`; `send` is anywidget's, `view` is Panel's. */
export interface Model {
  get(name: string): unknown;
  on(event: string, listener: (...args: unknown[]) => void): void;
  off(event: string, listener: (...args: unknown[]) => void): void;
  send?(message: unknown): void;
}

export interface PanelView {
  model_proxy: { send_msg(data: unknown): void };
}

export function transportOf(model: Model, view?: PanelView): Transport {
  return {
    send(message: ToPython) {
      const plain: unknown = JSON.parse(JSON.stringify(message)); // Bokeh refuses `undefined`
      if (view?.model_proxy) view.model_proxy.send_msg({ message: plain });
      else if (model.send) model.send(plain);
      else throw new Error("This host gives no way to send messages to Python.");
    },
    listen(listener) {
      const hear = (first: unknown, second: unknown): void => {
        const wrapped = first as { message?: FromPython; buffers?: BufferSource[] };
        if (wrapped.message) listener(wrapped.message, (wrapped.buffers ?? []).map(dataView));
        else listener(first as FromPython, ((second as BufferSource[] | undefined) ?? []).map(dataView));
      };
      model.on("msg:custom", hear);
      return () => model.off("msg:custom", hear);
    },
    onLost(listener) {
      if (view) return () => undefined; // Panel itself says so, and connects again
      model.on("comm_live_update", listener); // fired when the widget manager marks the model's comm as dead
      return () => model.off("comm_live_update", listener);
    },
  };
}

function dataView(buffer: BufferSource): DataView {
  return ArrayBuffer.isView(buffer) ? new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength) : new DataView(buffer);
}
