// The few things of JupyterLab's API that the plugin uses (4.2 to 4.6). Written by hand: the packages with the real types weigh 200 MB.

declare module "@lumino/coreutils" {
  export class Token<T> {
    private readonly type: T;
  }
}

declare module "@lumino/signaling" {
  export interface ISignal<S, A> {
    connect(slot: (sender: S, args: A) => void, self?: unknown): boolean;
    disconnect(slot: (sender: S, args: A) => void, self?: unknown): boolean;
  }
}

declare module "@lumino/messaging" {
  export interface Message {
    readonly type: string;
  }
}

declare module "@lumino/widgets" {
  import type { Message } from "@lumino/messaging";
  import type { ISignal } from "@lumino/signaling";
  export class Widget {
    readonly node: HTMLElement;
    readonly isDisposed: boolean;
    readonly disposed: ISignal<this, void>;
    id: string;
    title: { label: string; caption: string; icon: unknown };
    addClass(name: string): void;
    dispose(): void;
    protected onAfterAttach(message: Message): void;
    protected onActivateRequest(message: Message): void;
  }
}

declare module "@jupyterlab/coreutils" {
  export namespace PageConfig {
    function getOption(name: string): string;
  }
  export namespace URLExt {
    function join(...parts: string[]): string;
  }
}

declare module "@jupyterlab/ui-components" {
  export class LabIcon {
    constructor(options: { name: string; svgstr: string });
  }
}

declare module "@jupyterlab/docregistry" {
  import type { LabIcon } from "@jupyterlab/ui-components";
  import type { ISignal } from "@lumino/signaling";
  import { Widget } from "@lumino/widgets";
  export namespace DocumentRegistry {
    interface IModel {
      dirty: boolean;
      readonly contentChanged: ISignal<this, void>;
      toString(): string;
      fromString(text: string): void;
    }
    interface Context {
      readonly path: string;
      readonly ready: Promise<void>;
      readonly model: IModel;
      readonly pathChanged: ISignal<this, string>;
      save(): Promise<void>;
    }
    interface IFileType {
      name: string;
      displayName: string;
      extensions: string[];
      mimeTypes: string[];
      fileFormat: "text";
      contentType: "file";
      icon: LabIcon;
    }
    interface IFactoryOptions {
      name: string;
      label: string;
      fileTypes: string[];
      defaultFor: string[];
      modelName: "text";
    }
  }
  export class DocumentRegistry {
    addFileType(type: DocumentRegistry.IFileType): void;
    addWidgetFactory(factory: unknown): void;
  }
  export class DocumentWidget<T extends Widget> extends Widget {
    constructor(options: { content: T; context: DocumentRegistry.Context });
    readonly content: T;
    readonly context: DocumentRegistry.Context;
  }
  export abstract class ABCWidgetFactory<T extends Widget> {
    constructor(options: DocumentRegistry.IFactoryOptions);
    readonly widgetCreated: ISignal<this, T>;
    protected abstract createNewWidget(context: DocumentRegistry.Context): T;
  }
}

declare module "@jupyterlab/apputils" {
  import type { ISignal } from "@lumino/signaling";
  import type { Token } from "@lumino/coreutils";
  import type { Widget } from "@lumino/widgets";
  export class WidgetTracker<T extends Widget> {
    constructor(options: { namespace: string });
    add(widget: T): Promise<void>;
    save(widget: T): Promise<void>;
  }
  export interface ICommandPalette {
    addItem(item: { command: string; category: string; args?: object }): unknown;
  }
  export const ICommandPalette: Token<ICommandPalette>;
  export interface IThemeManager {
    readonly theme: string | null;
    isLight(name: string): boolean;
    readonly themeChanged: ISignal<IThemeManager, unknown>;
  }
  export const IThemeManager: Token<IThemeManager>;
}

declare module "@jupyterlab/application" {
  import type { WidgetTracker } from "@jupyterlab/apputils";
  import type { DocumentRegistry } from "@jupyterlab/docregistry";
  import type { LabIcon } from "@jupyterlab/ui-components";
  import type { Token } from "@lumino/coreutils";
  import type { Widget } from "@lumino/widgets";
  export interface JupyterFrontEnd {
    readonly docRegistry: DocumentRegistry;
    readonly commands: {
      addCommand(id: string, options: { label: string; caption: string; icon: LabIcon; execute(args: { cwd?: string; isPalette?: boolean }): unknown }): unknown;
      execute(id: string, args: object): Promise<unknown>;
    };
    readonly serviceManager: {
      readonly contents: { save(path: string, options: { type: "file"; format: "text"; content: string }): Promise<{ path: string }> };
    };
  }
  export interface JupyterFrontEndPlugin<T> {
    id: string;
    description: string;
    autoStart: boolean;
    optional: Token<unknown>[];
    activate(app: JupyterFrontEnd, ...services: (unknown | null)[]): T;
  }
  export interface ILayoutRestorer {
    restore<T extends Widget>(tracker: WidgetTracker<T>, options: { command: string; args(widget: T): object; name(widget: T): string }): Promise<unknown>;
  }
  export const ILayoutRestorer: Token<ILayoutRestorer>;
}

declare module "@jupyterlab/launcher" {
  import type { Token } from "@lumino/coreutils";
  export interface ILauncher {
    add(item: { command: string; category: string; rank: number }): unknown;
  }
  export const ILauncher: Token<ILauncher>;
}
