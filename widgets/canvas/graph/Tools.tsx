import { useReactFlow, useViewport } from "@xyflow/react";

import { Icon } from "../glyphs/Icon";
import { useStudio } from "../studio";
import { FIT } from "./useFlow";

/** Zoom, fit, arrange. */
export function Tools() {
  const flow = useReactFlow();
  const { zoom } = useViewport();
  const { actions } = useStudio();
  return (
    <div className="tools" role="toolbar" aria-label="View">
      <button type="button" className="btn icon" aria-label="Zoom out" title="Zoom out (−)" onClick={() => void flow.zoomOut()}>
        <Icon name="minus" size={14} />
      </button>
      <button type="button" className="btn zoom" aria-label={`Zoom ${Math.round(zoom * 100)} %, set to 100 %`} title="Zoom to 100 %" onClick={() => void flow.zoomTo(1)}>
        {Math.round(zoom * 100)} %
      </button>
      <button type="button" className="btn icon" aria-label="Zoom in" title="Zoom in (+)" onClick={() => void flow.zoomIn()}>
        <Icon name="plus" size={14} />
      </button>
      <button type="button" className="btn icon" aria-label="Show everything" title="Show everything (1)" onClick={() => void flow.fitView(FIT)}>
        <Icon name="fit" size={14} />
      </button>
      <button type="button" className="btn icon" aria-label="Arrange" title="Arrange from left to right (L)" onClick={() => actions.tidy()}>
        <Icon name="layout" size={14} />
      </button>
    </div>
  );
}
