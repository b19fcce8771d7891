// A session whose decisions are Python's: edits show at once, are sent one at a time, and are taken back when they are refused.
//
// `confirmed` is the document as Python has it at `rev`; `written` is that with the edits of the outbox on top, and what the state shows.

import { withOwn } from "./catalogue";
import { CommandError, type Command, type Edit } from "./command";
import { complete } from "./complete";
import { emptyDocument, type Written } from "./document";
import { applyPatch, resolve } from "./edit";
import type { FrameMessage, FromPython, RunMessage, ToPython, TracesMessage, Transport } from "./messages";
import type { Question, Questions } from "./questions";
import type { CompileOptions, RunOptions, Session, SessionState } from "./session";
import { sameModel } from "./stale";
import { START, Store } from "./store";

interface Pending {
  id: string;
  edit: Edit;
  sent: boolean;
}
/** What waits to be sent, in order: edits stay in it until they are answered, other messages leave at once. */
type Waiting = { pending: Pending } | { message: ToPython };
const LOST = "Python has gone away. Run the cell again, or reload the page.";
type Of<T extends FromPython["type"]> = Extract<FromPython, { type: T }>;

export class RemoteSession extends Store implements Session {
  private confirmed: Written = emptyDocument("Untitled");
  private written: Written = this.confirmed;
  private outbox: Waiting[] = [];
  private readonly view = Math.random().toString(36).slice(2, 10);
  private count = 0;
  private asked = 0;
  /** Questions that wait for their answer. */
  private readonly questions = new Map<string, (value: unknown) => void>();
  /** The document that the latest run was started from, when known. */
  private ran: Written | null = null;
  private readonly stop: (() => void)[];

  constructor(private readonly transport: Transport) {
    super({});
    this.stop = [transport.listen((message, buffers) => this.hear(message, buffers)), transport.onLost?.(() => this.lost()) ?? (() => undefined)];
    transport.send({ type: "ready" });
  }

  dispatch(command: Command, gesture?: string): Edit | null {
    if (this.getState().connection === "lost") {
      this.notice(LOST, "error");
      return null;
    }
    try {
      const edit: Edit = { ...resolve(this.written, command), ...(gesture === undefined ? {} : { gesture }) };
      if (!edit.patch.length) return edit;
      this.count += 1;
      this.outbox.push({ pending: { id: `${this.view}:${this.count}`, edit, sent: false } });
      this.show({ undo: edit.label, redo: null, dirty: true });
      this.flush();
      return edit;
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      this.notice(error.message, "error");
      return null;
    }
  }

  undo(): void {
    this.post({ type: "undo" });
  }
  redo(): void {
    this.post({ type: "redo" });
  }
  run({ duration_ms, seed }: RunOptions): void {
    this.post({ type: "run", duration_ms, seed });
  }
  cancel(): void {
    this.transport.send({ type: "cancel" });
  }
  compile(options: CompileOptions): void {
    this.post({ type: "compile", ...options });
  }
  cancelCompile(): void {
    this.transport.send({ type: "cancel_compile" });
  }
  create(): void {
    this.post({ type: "new" });
  }
  openTemplate(name: string): void {
    this.post({ type: "open_template", name });
  }
  open(name: string, content: string | Uint8Array): void {
    this.post(typeof content === "string" ? { type: "open", name, text: content } : { type: "open", name, text: "", base64: base64Of(content) });
  }
  save(): void {
    this.post({ type: "save" });
  }
  export(format: string): void {
    this.post({ type: "export", format });
  }

  override destroy(): void {
    for (const stop of this.stop) stop();
    super.destroy();
  }

  ask<Q extends Question>(what: Q, given: Questions[Q]["given"]): Promise<Questions[Q]["value"] | null> {
    if (this.getState().connection === "lost") return Promise.resolve(null);
    this.asked += 1;
    const id = `${this.view}?${this.asked}`;
    return new Promise((resolve) => {
      this.questions.set(id, resolve as (value: unknown) => void);
      this.post({ type: "ask", id, what, given }); // behind the edits that wait: the answer is of the document as it is shown
    });
  }

  private hear(message: FromPython, buffers: DataView[]): void {
    switch (message.type) {
      case "hello":
        return this.hello(message);
      case "patch":
        return this.patched(message);
      case "refused":
        return this.refused(message);
      case "document":
        this.confirmed = message.document;
        this.outbox = this.outbox.filter((waiting) => "message" in waiting);
        this.show({ rev: message.rev, findings: message.findings, undo: message.undo, redo: message.redo, file: message.file, dirty: message.dirty ?? false, synapses: message.synapses ?? {} });
        return this.flush();
      case "findings":
        if (message.rev >= this.getState().rev) this.update({ findings: message.findings, synapses: message.synapses });
        return;
      case "run":
        return this.running(message);
      case "frame":
        return this.framed(message, buffers);
      case "traces":
        return this.traced(message, buffers);
      case "profile":
        if (message.run === this.getState().run.run) this.update({ profile: message.profile });
        return;
      case "exported":
        return this.exported({ name: message.name, mime: message.mime, findings: message.findings, bytes: bytesOf(buffers[0]) });
      case "answer":
        this.questions.get(message.id)?.(message.value);
        this.questions.delete(message.id);
        return;
      case "compile": {
        const { type: _, ...compile } = message;
        return this.update({ compile });
      }
      case "own_models":
        return this.update({ catalogue: withOwn(this.getState().catalogue, message.entries) });
      case "saved":
        return this.update({ dirty: false, file: message.file });
      case "notice":
        return this.notice(message.text, message.severity);
    }
  }

  /** Python has gone: what is shown stays as it is. */
  private lost(): void {
    const { run, can } = this.getState();
    const running = run.state === "preparing" || run.state === "running";
    this.update({ connection: "lost", can: { ...can, run: false, open: false, save: false, templates: false, export: [], reason: LOST }, run: running ? { ...run, state: "cancelled" } : run });
    for (const answer of this.questions.values()) answer(null);
    this.questions.clear();
    this.notice(LOST, "error");
  }

  private hello(message: Of<"hello">): void {
    const { rev, catalogue, findings, templates, undo, redo, file } = message;
    this.confirmed = message.document;
    const can = { ...START.can, ...message.can };
    if (!can.run && !can.reason) can.reason = message.kernel_reason ?? "This host cannot run.";
    this.show({ connection: "live", rev, catalogue, findings, templates, can, undo, redo, file, dirty: message.dirty ?? false, synapses: message.synapses ?? this.getState().synapses });
    this.flush();
  }

  private patched({ rev, patch, findings, undo, redo, id, dirty, synapses }: Of<"patch">): void {
    const known = this.getState().rev;
    if (rev <= known && this.getState().connection === "live") return;
    try {
      if (rev > known + 1) throw new CommandError("a change was missed");
      this.confirmed = applyPatch(this.confirmed, patch);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      return this.transport.send({ type: "ready" });
    }
    this.answered(id);
    const mine = this.pending().at(-1)?.edit.label;
    this.show({ rev, findings, undo: mine ?? undo, redo: mine ? null : redo, dirty: dirty ?? true, synapses: synapses ?? this.getState().synapses });
    this.flush();
  }

  private refused({ rev, document, findings, reason, id }: Of<"refused">): void {
    const head = this.pending()[0];
    this.confirmed = document;
    if (head?.sent && (id === undefined || id === head.id)) {
      this.outbox = this.outbox.filter((waiting) => "message" in waiting);
      this.notice(reason, "error");
    }
    this.show({ rev, findings });
    this.flush();
  }

  private running(message: RunMessage): void {
    const before = this.getState().run;
    if (before.run !== message.run) {
      this.spikes.clear();
      this.update({ traces: [], profile: null });
    }
    if (before.run !== message.run || before.rev !== message.rev) {
      this.ran = message.rev === this.getState().rev ? this.confirmed : null;
    }
    this.update({ run: { ...message, stale: this.isStale(message.rev) } });
  }

  private framed(message: FrameMessage, buffers: DataView[]): void {
    if (message.replace) this.spikes.clear();
    this.spikes.add({ ...message, steps: uint32(buffers[0]), ids: uint32(buffers[1]) });
    this.transport.send({ type: "ack", run: message.run, n: message.n });
  }

  private traced({ run, traces }: TracesMessage, buffers: DataView[]): void {
    if (run !== this.getState().run.run) return;
    this.update({ traces: traces.map((trace, k) => ({ ...trace, times: float32(buffers[2 * k]), values: float32(buffers[2 * k + 1]) })) });
  }

  private isStale(rev: number): boolean {
    if (this.ran) return !sameModel(this.ran, this.written);
    return rev !== this.getState().rev;
  }

  /** Shows the confirmed document with the waiting edits on top; edits that no longer fit are dropped in words. */
  private show(change: Partial<SessionState>): void {
    let document = this.confirmed;
    const lost: string[] = [];
    this.outbox = this.outbox.filter((waiting) => {
      if ("message" in waiting) return true;
      try {
        document = applyPatch(document, waiting.pending.edit.patch);
        return true;
      } catch (error) {
        if (!(error instanceof CommandError)) throw error;
        lost.push(waiting.pending.edit.label);
        return waiting.pending.sent;
      }
    });
    this.written = document;
    this.update({ ...change, document: complete(document) });
    const { run } = this.getState();
    if (run.run !== null && run.stale !== this.isStale(run.rev)) this.update({ run: { ...run, stale: !run.stale } });
    for (const label of lost) this.notice(`“${label}” no longer fits: the network was changed elsewhere.`, "warning");
  }

  private pending(): Pending[] {
    return this.outbox.flatMap((waiting) => ("pending" in waiting ? [waiting.pending] : []));
  }

  private answered(id: string | undefined): void {
    if (id !== undefined) this.outbox = this.outbox.filter((waiting) => !("pending" in waiting && waiting.pending.id === id));
  }

  private post(message: ToPython): void {
    this.outbox.push({ message });
    this.flush();
  }

  /** Sends what may go: edits one at a time, other messages once the edits before them are answered. */
  private flush(): void {
    while (this.outbox.length) {
      const [head] = this.outbox;
      if (head && "pending" in head) {
        if (head.pending.sent) return;
        head.pending.sent = true;
        const { id, edit } = head.pending;
        return this.transport.send({ type: "patch", id, base_rev: this.getState().rev, ...edit });
      }
      this.outbox.shift();
      if (head) this.transport.send(head.message);
    }
  }
}

function base64Of(bytes: Uint8Array): string {
  let text = "";
  for (let k = 0; k < bytes.length; k += 0x8000) text += String.fromCharCode(...bytes.subarray(k, k + 0x8000));
  return btoa(text);
}

function bytesOf(view: DataView | undefined): Uint8Array<ArrayBuffer> {
  return view ? new Uint8Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength) as ArrayBuffer) : new Uint8Array(0);
}

/** Little-endian 32-bit numbers; copied, as a buffer may start anywhere. */
function uint32(view: DataView | undefined): Uint32Array {
  return new Uint32Array(bytesOf(view).buffer);
}

function float32(view: DataView | undefined): Float32Array {
  return new Float32Array(bytesOf(view).buffer);
}
