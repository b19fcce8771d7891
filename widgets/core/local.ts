// A session without Python: the text of a file decides, undo lives here, running is not possible.

import type { Catalogue } from "./catalogue";
import { toText } from "./bytes";
import { check } from "./check";
import { CommandError, type Command, type Edit } from "./command";
import { complete } from "./complete";
import { emptyDocument, type Written } from "./document";
import { applyPatch, resolve } from "./edit";
import { withModels } from "./own";
import { parseDocument } from "./read";
import type { RunOptions, Session, SessionState, Template } from "./session";
import { Store } from "./store";

/** What a LocalSession starts from. `onChange` hears the canonical text after each edit (never after `setText`). */
export interface LocalOptions {
  catalogue: Catalogue;
  document?: Written;
  file?: string | null;
  /** Why running is not possible here. */
  reason?: string;
  onChange?: (text: string) => void;
  /** Saves the file; absent where the host cannot. */
  onSave?: () => void;
  templates?: (Template & { document: Written })[];
}

export class LocalSession extends Store implements Session {
  private past: Edit[] = [];
  private future: Edit[] = [];
  /** The text that this session last gave or took: an equal text coming back is not an edit. */
  private text: string;
  /** The text could not be read: it is shown with its findings and never written over. */
  private broken = false;
  /** The document as it is written; the state shows it complete. */
  private written: Written;

  constructor(private readonly options: LocalOptions) {
    const written = options.document ?? emptyDocument("Untitled");
    const document = complete(written);
    super({
      connection: "local",
      catalogue: withModels(options.catalogue, written.models),
      document,
      findings: check(document, options.catalogue),
      templates: options.templates ?? [],
      can: {
        run: false,
        open: false,
        save: options.onSave !== undefined,
        templates: (options.templates ?? []).length > 0,
        export: [],
        reason: options.reason ?? "Running needs Python: open this file in the studio app or in a notebook.",
      },
      file: options.file ?? null,
    });
    this.written = written;
    this.text = toText(written);
  }

  ask(): Promise<null> {
    return Promise.resolve(null);
  }

  dispatch(command: Command, gesture?: string): Edit | null {
    if (this.broken) {
      this.notice("This file could not be read, so it is not changed. Mend its text first.", "error");
      return null;
    }
    try {
      const edit = resolve(this.written, command);
      if (!edit.patch.length) return edit;
      const before = gesture !== undefined && this.future.length === 0 && this.past.at(-1)?.gesture === gesture ? this.past.pop() : undefined;
      this.past.push({ ...(before ? { patch: [...before.patch, ...edit.patch], inverse: [...edit.inverse, ...before.inverse], label: before.label } : edit), ...(gesture === undefined ? {} : { gesture }) });
      this.future = [];
      this.become(applyPatch(this.written, edit.patch));
      return edit;
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      this.notice(error.message, "error");
      return null;
    }
  }

  undo(): void {
    const edit = this.past.pop();
    if (!edit) return;
    this.future.push(edit);
    this.become(applyPatch(this.written, edit.inverse));
  }

  redo(): void {
    const edit = this.future.pop();
    if (!edit) return;
    this.past.push(edit);
    this.become(applyPatch(this.written, edit.patch));
  }

  /** Takes the text as the host has it (first load, another view, a reload from disk). Undo starts afresh. */
  setText(text: string): void {
    if (text === this.text) return;
    const { document, findings } = text.trim() ? parseDocument(text) : { document: emptyDocument("Untitled"), findings: [] };
    this.text = text;
    this.broken = document === null;
    if (!document) {
      this.update({ findings });
      this.notice(`This file cannot be read as a network. ${findings[0]?.text ?? ""}`, "error");
      return;
    }
    this.past = [];
    this.future = [];
    this.become(document, false);
  }

  create(): void {
    this.replace(emptyDocument("Untitled"), "New document");
  }

  openTemplate(name: string): void {
    const template = this.options.templates?.find((t) => t.name === name);
    if (template) this.replace(template.document, `Open ${template.title}`);
  }

  open(name: string, content: string | Uint8Array): void {
    if (typeof content !== "string") return this.notice(`Opening ${name} needs Python: open it in the studio app.`, "info");
    const { document, findings } = parseDocument(content);
    if (document) this.replace(document, `Open ${document.name}`);
    else this.update({ findings });
  }

  save(): void {
    this.options.onSave?.();
    this.update({ dirty: false });
  }

  run(_options: RunOptions): void {
    this.notice(this.getState().can.reason, "info");
  }

  cancel(): void {}

  compile(): void {
    this.notice("Compiling needs Python: open this file in the studio app.", "info");
  }

  cancelCompile(): void {}

  export(_format: string): void {
    this.notice("Exporting needs Python: open this file in the studio app.", "info");
  }

  /** Another document in place of this one, as one step that undo takes back. */
  private replace(document: Written, label: string): void {
    const before = this.written;
    this.broken = false;
    this.past.push({ patch: [{ op: "replace", path: "", value: document }], inverse: [{ op: "replace", path: "", value: before }], label });
    this.future = [];
    this.become(document);
  }

  private become(written: Written, edited = true): void {
    this.written = written;
    const document = complete(written);
    const change: Partial<SessionState> = {
      document,
      catalogue: withModels(this.options.catalogue, written.models),
      rev: this.getState().rev + 1,
      findings: check(document, this.options.catalogue),
      undo: this.past.at(-1)?.label ?? null,
      redo: this.future.at(-1)?.label ?? null,
    };
    if (edited) {
      this.text = toText(written);
      change.dirty = true;
    }
    this.update(change);
    if (edited) this.options.onChange?.(this.text);
  }
}

