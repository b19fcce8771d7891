// The JupyterLab plugin: `*.snn.json` opens as a network in a tab. Small on purpose: the surface itself is canvas.js, loaded when first needed.

import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette, IThemeManager, WidgetTracker } from "@jupyterlab/apputils";
import { PageConfig, URLExt } from "@jupyterlab/coreutils";
import { ABCWidgetFactory, DocumentWidget, type DocumentRegistry } from "@jupyterlab/docregistry";
import { ILauncher } from "@jupyterlab/launcher";
import { LabIcon } from "@jupyterlab/ui-components";
import { Widget } from "@lumino/widgets";

import { toText } from "../core/bytes";
import { emptyDocument } from "../core/document";
import type { mount, TextSurface } from "./canvas";
import svgstr from "./icon.svg";

const FACTORY = "Spike Studio";
const FILE_TYPE = "spike-studio-network";
const COMMAND = "spike-studio:new-network";
const icon = new LabIcon({ name: "spike-studio:network", svgstr });

let module: Promise<{ mount: typeof mount }> | undefined;
/** The surface's module, the same file that notebooks and the Panel app load. */
const surfaceModule = (): Promise<{ mount: typeof mount }> =>
  (module ??= import(/* @vite-ignore */ URLExt.join(PageConfig.getOption("fullLabextensionsUrl"), "spike-studio/static/canvas.js")) as Promise<{ mount: typeof mount }>);

/** The surface in a tab, kept in step with the text model of the file both ways. */
class NetworkPanel extends Widget {
  private surface: TextSurface | undefined;

  constructor(
    private readonly context: DocumentRegistry.Context,
    private readonly themes: IThemeManager | null,
  ) {
    super();
    this.addClass("spike-studio-panel");
    Object.assign(this.node.style, { height: "100%", minHeight: "0", overflow: "hidden" });
    void this.start();
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this.context.model.contentChanged.disconnect(this.take, this);
    this.themes?.themeChanged.disconnect(this.paint, this);
    this.surface?.destroy();
    super.dispose();
  }

  private async start(): Promise<void> {
    try {
      const [{ mount }] = await Promise.all([surfaceModule(), this.context.ready]);
      if (this.isDisposed) return;
      this.surface = mount(this.node, {
        text: this.context.model.toString(),
        file: this.context.path,
        height: "100%",
        theme: this.theme(),
        onChange: (text) => this.give(text),
        onSave: () => void this.context.save(),
      });
      this.context.model.contentChanged.connect(this.take, this);
      this.themes?.themeChanged.connect(this.paint, this);
    } catch (error) {
      this.node.textContent = `The studio could not be loaded: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  private give(text: string): void {
    this.context.model.fromString(text);
    this.context.model.dirty = true; // from JupyterLab 4.6 on, fromString no longer says so itself
  }

  private take(): void {
    this.surface?.setText(this.context.model.toString());
  }

  private theme(): "light" | "dark" | "auto" {
    const name = this.themes?.theme;
    return this.themes && name ? (this.themes.isLight(name) ? "light" : "dark") : "auto";
  }

  private paint(): void {
    const host = this.node.querySelector<HTMLElement>(".spike-studio");
    if (host) host.dataset["theme"] = this.theme();
  }
}

type NetworkDocument = DocumentWidget<NetworkPanel>;

class NetworkFactory extends ABCWidgetFactory<NetworkDocument> {
  constructor(private readonly themes: IThemeManager | null) {
    super({ name: FACTORY, label: FACTORY, fileTypes: [FILE_TYPE, "json"], defaultFor: [FILE_TYPE], modelName: "text" });
  }

  protected createNewWidget(context: DocumentRegistry.Context): NetworkDocument {
    const widget = new DocumentWidget({ content: new NetworkPanel(context, this.themes), context });
    widget.title.icon = icon;
    return widget;
  }
}

/** Makes `untitled.snn.json` (or `untitled1`, ...) in the folder and opens it. */
async function newNetwork(app: JupyterFrontEnd, folder: string): Promise<unknown> {
  const made = (await app.commands.execute("docmanager:new-untitled", { path: folder, type: "file", ext: ".snn.json" })) as { path: string };
  await app.serviceManager.contents.save(made.path, { type: "file", format: "text", content: toText(emptyDocument("Untitled")) });
  return app.commands.execute("docmanager:open", { path: made.path, factory: FACTORY });
}

function activate(app: JupyterFrontEnd, ...services: unknown[]): void {
  const [restorer, launcher, palette, themes] = services as [ILayoutRestorer | null, ILauncher | null, ICommandPalette | null, IThemeManager | null];
  const tracker = new WidgetTracker<NetworkDocument>({ namespace: "spike-studio" });
  app.docRegistry.addFileType({
    name: FILE_TYPE,
    displayName: "Spiking network",
    extensions: [".snn.json"],
    mimeTypes: ["application/json"],
    fileFormat: "text",
    contentType: "file",
    icon,
  });
  const factory = new NetworkFactory(themes);
  factory.widgetCreated.connect((_, widget) => {
    widget.context.pathChanged.connect(() => void tracker.save(widget));
    void tracker.add(widget);
  });
  app.docRegistry.addWidgetFactory(factory);
  app.commands.addCommand(COMMAND, {
    label: "Spiking Network",
    caption: "Draw a new spiking network",
    icon,
    execute: ({ cwd }) => newNetwork(app, cwd ?? ""),
  });
  launcher?.add({ command: COMMAND, category: "Other", rank: 1 });
  palette?.addItem({ command: COMMAND, category: "Spike Studio" });
  void restorer?.restore(tracker, {
    command: "docmanager:open",
    args: (widget) => ({ path: widget.context.path, factory: FACTORY }),
    name: (widget) => widget.context.path,
  });
}

const plugin: JupyterFrontEndPlugin<void> = {
  id: "spike-studio:documents",
  description: "Opens *.snn.json files as spiking networks.",
  autoStart: true,
  optional: [ILayoutRestorer, ILauncher, ICommandPalette, IThemeManager],
  activate,
};

export default plugin;
