// The stylesheet of the surface as one text: hosts put it inside their own element.

import flow from "@xyflow/react/dist/base.css";

import controls from "./styles/controls.css";
import dock from "./styles/dock.css";
import graph from "./styles/graph.css";
import inspector from "./styles/inspector.css";
import meter from "./styles/meter.css";
import models from "./styles/models.css";
import shell from "./styles/shell.css";
import tokens from "./styles/tokens.css";

export const css = [flow, tokens, controls, shell, graph, inspector, dock, models, meter].join("\n");
