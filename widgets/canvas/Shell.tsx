import type { RefObject } from "react";

import { useReactFlow } from "@xyflow/react";

import { CompileDialog } from "./compile/CompileDialog";
import { Dock } from "./dock/Dock";
import { Canvas } from "./graph/Canvas";
import { FIT } from "./graph/useFlow";
import { Inspector } from "./inspector/Inspector";
import { onKey } from "./keyboard";
import { CommandPalette } from "./overlay/CommandPalette";
import { Help } from "./overlay/Help";
import { ModelPage } from "./overlay/ModelPage";
import { OwnModel } from "./overlay/OwnModel";
import { Carried } from "./rail/Carried";
import { Rail } from "./rail/Rail";
import { useStudio, useView } from "./studio";
import { TopBar } from "./top/TopBar";
import { useKeepFocus } from "./useKeepFocus";

/** The panes and where they stand; keys are heard here. */
export function Shell({ root }: { root: RefObject<HTMLDivElement | null> }) {
  const studio = useStudio();
  const flow = useReactFlow();
  const theme = useView((state) => state.theme);
  const width = useView((state) => state.width);
  const inspector = useView((state) => state.inspector);
  const overlay = useView((state) => state.overlay);
  useKeepFocus(root, studio.session);
  const zoom = { in: () => void flow.zoomIn(), out: () => void flow.zoomOut(), fit: () => void flow.fitView(FIT) };
  return (
    <div className="spk" ref={root} data-theme={theme} data-width={width} tabIndex={-1} data-lm-suppress-shortcuts="true" onKeyDown={(event) => onKey(event, studio, zoom)} data-testid="studio">
      <TopBar root={() => root.current!} />
      <Rail />
      <Canvas />
      {inspector && <Inspector />}
      <Dock />
      {overlay === "commands" && <CommandPalette />}
      {overlay === "help" && <Help />}
      {typeof overlay === "object" && overlay && "page" in overlay && <ModelPage kind={overlay.page.kind} model={overlay.page.key} values={overlay.page.values} />}
      {typeof overlay === "object" && overlay && "own" in overlay && <OwnModel key={JSON.stringify(overlay.own)} kind={overlay.own.kind} like={overlay.own.like} own={overlay.own.key} />}
      {typeof overlay === "object" && overlay && "compile" in overlay && <CompileDialog target={overlay.compile} />}
      <Carried root={root} />
    </div>
  );
}
