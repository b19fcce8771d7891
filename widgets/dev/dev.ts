// The surface on a local session with made-up spikes: for looking at it, without Python.

import { bundledCatalogue } from "../core/bundled";
import { mountSurface } from "../hosts/mount";
import { DemoSession } from "./demo";
import { SAMPLES } from "./samples";

const query = new URLSearchParams(location.search);
const session = new DemoSession(
  {
    catalogue: bundledCatalogue(),
    document: SAMPLES[query.get("doc") ?? "columns"] ?? SAMPLES["columns"]!,
    templates: Object.entries(SAMPLES).map(([name, document]) => ({ name, title: document.name ?? name, description: document.description ?? "", document })),
    onSave: () => undefined,
  },
  query.get("run"),
);
const element = document.getElementById("studio")!;
mountSurface(element, session, { theme: query.get("theme") ?? "auto", height: "100%" });
Object.assign(window, { session });
