"""The Python half of an open canvas: it decides about every edit, checks, runs, saves, and tells every view.

A session holds a `Network`; whoever else holds it (a notebook) sees the canvas's edits, and the canvas sees theirs.
The network orders the edits; what they change here changes under the session's lock, so messages leave in the order of revisions.
The network is never changed while that lock is held: the network holds its own while it tells us.
"""

from __future__ import annotations

import base64
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio import share
from studio.findings import Finding, FindingError, errors
from studio.models.catalogue_json import entry
from studio.network.document import Document
from studio.network.files import loads, read, write
from studio.ui import exports, messages
from studio.ui.checker import Checker, Verdict
from studio.ui.compiles import Compiles, StartCompiler, start_compiler
from studio.ui.messages import Abilities, Json, Listed, Message, Notice
from studio.ui.outward import patch_without_arrays, without_arrays
from studio.ui.process import WorkerProcess
from studio.ui.questions import Questions, StartPreviews, start_previews
from studio.ui.runs import Run, Runs, StartWorker
from studio.ui.ways import with_ways

if TYPE_CHECKING:
    from studio.engine.recording import Recording
    from studio.network.build import Change, Network
    from studio.ui.autosave import Autosave

Send = Callable[[Json, list[bytes]], None]
REST_S = 0.4  # how long edits must pause before the document is kept and its kernels are compiled


class Session:
    """An open canvas. `attach` a host's way to send, give `receive` what its canvas says, `close` at the end."""

    def __init__(
        self,
        network: Network,
        *,
        file: Path | None = None,
        autosave: Autosave | None = None,
        catalogue: Any = None,
        start_worker: StartWorker = WorkerProcess,
        start_previews: StartPreviews = start_previews,
        start_compiler: StartCompiler = start_compiler,
    ) -> None:
        from studio.models.catalogue import catalogue as built_in

        self.network, self.file, self.rev, self.closed = network, file, 0, False
        self._catalogue = catalogue or built_in()
        self._autosave = autosave
        self._keeping = threading.Lock()
        self._lock = threading.RLock()
        self._sends: list[Send] = []
        self._answering: messages.Edit | None = None
        self._verdict = Verdict(-1, (), {})
        self._saved: Json = network.json
        self._files: list[tuple[Document, Path | None]] = []  # which file a document came from, for undo of an opening
        self._rest: threading.Timer | None = None
        self._temporary = None if autosave else tempfile.TemporaryDirectory(prefix="spike-studio-", ignore_cleanup_errors=True)
        self._checker = Checker(self._catalogue, self._checked)
        self._questions = Questions(self._answer, self._catalogue, start_previews, start_compiler)
        self.runs = Runs(self.post, self._lock, self._folder, start_worker)
        self.compiles = Compiles(self.post, self._folder, start_compiler)
        self._forget = network.observe(self._changed)
        self._check()
        self._rested_later(0.0)

    # --- hosts -------------------------------------------------------------------------------------------------------

    def attach(self, send: Send) -> Callable[[], None]:
        """Every message goes to `send` from now on; call what comes back to end that."""
        with self._lock:
            self._sends.append(send)

        def detach() -> None:
            with self._lock:
                if send in self._sends:
                    self._sends.remove(send)

        return detach

    @property
    def attached(self) -> int:
        """How many hosts listen."""
        return len(self._sends)

    def receive(self, raw: Any) -> None:
        """Acts on one message from the canvas. What cannot be done is answered in words, never raised."""
        try:
            message = messages.read(raw)
            _ACTS[type(message)](self, message)
        except FindingError as error:
            self.notify("\n".join(str(finding) for finding in error.findings), "error")
        except OSError as error:
            self.notify(f"The file cannot be used: {error.strerror or error}.", "error")

    def post(self, message: Message, buffers: list[bytes] | None = None) -> None:
        """Tells every view."""
        plain = message.to_json()
        for send in list(self._sends):
            send(plain, buffers or [])

    def notify(self, text: str, severity: Any = "info") -> None:
        self.post(Notice(text, severity))

    def close(self) -> None:
        """Ends the worker and keeps the document."""
        with self._lock:
            self.closed = True
            self._forget()
            if self._rest is not None:
                self._rest.cancel()
            self._keep()
            self.runs.close()
            self._questions.close()
            self.compiles.close()
            self._checker.close()
            if self._temporary is not None:
                self._temporary.cleanup()

    # --- the document ------------------------------------------------------------------------------------------------

    @property
    def document(self) -> Document:
        return self.network.document

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the newest finished check said."""
        return self._verdict.findings

    @property
    def dirty(self) -> bool:
        """Whether the document differs from its file, or from what was opened."""
        return self.network.json != self._saved

    def replace(self, document: Document, label: str, file: Path | None = None) -> None:
        """Shows another document; undo brings the present one back."""
        self._files += [(self.document, self.file), (document, file)]
        self.file, self._saved = file, document.to_json()
        self.network.replace(document, label)

    def bring_back(self, document: Document) -> None:
        """Shows what was not saved last time on top of the file; undo gives the file."""
        self._files += [(self.document, self.file), (document, self.file)]
        self.network.replace(document, "Changes that were not saved last time")

    def open_file(self, name: str, content: bytes) -> None:
        """Shows an uploaded file: a document, or a network of another tool; raises FindingError where it is neither."""
        if name.lower().endswith(exports.OTHERS):
            document, findings = exports.read_other(name, content)
            self.replace(document, f"Open {name}")
            if findings:
                self.notify("\n".join(str(finding) for finding in findings), "warning")
        else:
            document, findings = loads(content)
            if document is None:
                raise FindingError(findings)
            self.replace(document, f"Open {name}")

    def save(self) -> None:
        """Writes the document to its file; without one the canvas gets it as a download."""
        if self.file is None:
            self.export("document")
        else:
            write(self.document, self.file)
        self._saved = self.network.json
        self.post(messages.Saved(self.rev, self._file_name()))

    def export(self, key: str) -> None:
        """Gives the canvas a file in one of the formats."""
        ways = {"compiled": self.compiles.made, "report": self.compiles.report_page}
        made = ways[key]() if key in ways else exports.make(key, self.document, self.runs.last_recorded)
        self.post(messages.Exported(made.name, made.mime, made.findings), [made.content])

    @property
    def recording(self) -> Recording | None:
        """The recording of the latest run that left one."""
        from studio.engine.recording import Recording

        file = self.runs.last_recorded
        return None if file is None else Recording.load(file)

    def _changed(self, change: Change) -> None:
        with self._lock:
            self.rev += 1
            answered = self._answering if change.by == "canvas" else None
            whole = any(step["path"] == "" for step in change.patch)
            if whole and change.by == "undo":
                self.file = next((file for document, file in reversed(self._files) if document == change.document), None)
            self._check()
            if whole or any(step["path"].split("/")[1] == "models" for step in change.patch):
                self.post(messages.OwnModels(self._own_models()))
            self._tell_change(change, answered, whole)
            self.runs.follow(None if whole else lambda: exports.content(self.document), self.rev)
            self._rested_later(REST_S)

    def _tell_change(self, change: Change, answered: messages.Edit | None, whole: bool) -> None:
        undo, redo = self.network.undo_label, self.network.redo_label
        if whole:
            outward = without_arrays(self.network.json)
            self.post(messages.Whole(self.rev, outward, self.findings, undo, redo, self._file_name(), self.dirty, self._verdict.synapses))
            return
        patch = patch_without_arrays(change.patch)
        answer = answered.id if answered else None
        self.post(messages.Patched(self.rev, patch, self.findings, undo, redo, change.by, self.dirty, self._verdict.synapses, answer))

    def _own_models(self) -> tuple[Json, ...]:
        """The document's own models as entries of the catalogue; those with errors are left out."""
        whole, _ = self._catalogue.with_models(dict(self.network.document.models))
        return tuple({**entry(model), "own": True} for model in whole.models[len(self._catalogue.models) :])

    def _file_name(self) -> str | None:
        return None if self.file is None else str(self.file)

    # --- checks, keeping, compiling ----------------------------------------------------------------------------------

    def _check(self) -> None:
        found = self._checker.ask(self.rev, self.document)
        if found is not None:
            self._verdict = found

    def _checked(self, verdict: Verdict) -> None:
        with self._lock:
            if verdict.rev == self.rev:
                self._verdict = verdict
                self._tell_checks()

    def _tell_checks(self) -> None:
        self.post(messages.Checked(self._verdict.rev, self._verdict.findings, self._verdict.synapses))

    def _rested_later(self, seconds: float) -> None:
        if self.closed:
            return
        if self._rest is not None:
            self._rest.cancel()
        self._rest = threading.Timer(seconds, self._rested)
        self._rest.daemon = True
        self._rest.start()

    def _rested(self) -> None:
        self._keep()
        self.runs.prepare(exports.content(self.document))

    def _keep(self) -> None:
        if self._autosave is None:
            return
        with self._keeping:  # so that an older document never lands after a newer one
            if self.rev > 0 or self._autosave.kept_at == 0:
                self._autosave.keep(self.document)

    @property
    def _folder(self) -> Path:
        if self._autosave is not None:
            return self._autosave.folder
        assert self._temporary is not None
        return Path(self._temporary.name)

    # --- what the canvas asks ----------------------------------------------------------------------------------------

    def _ready(self, _: messages.Ready) -> None:
        can = Abilities(run=True, export=exports.formats())
        self.post(
            messages.Hello(
                rev=self.rev,
                document=without_arrays(self.network.json),
                catalogue=self._catalogue_json(),
                findings=self.findings,
                templates=tuple(Listed(t.name, t.title, t.description) for t in share.templates()),
                can=can,
                undo=self.network.undo_label,
                redo=self.network.redo_label,
                file=self._file_name(),
                dirty=self.dirty,
                synapses=self._verdict.synapses,
            )
        )
        self.runs.repeat()
        self.compiles.repeat()

    def _catalogue_json(self) -> Json:
        whole = with_ways(self._catalogue)
        return whole | {"entries": [*whole["entries"], *self._own_models()]}

    def _ask(self, message: messages.Ask) -> None:
        if message.what == "report":
            return self._answer(message.id, self.compiles.page)
        recording = self.runs.last_recorded if message.given.get("loads") == "run" else None
        self._questions.ask(message.id, message.what, message.given, self.document, recording)

    def _answer(self, number: str, value: Json | None) -> None:
        self.post(messages.Answer(number, value))

    def _compile(self, message: messages.Compile) -> None:
        self.compile(message.target, message.options, message.verify)

    def compile(self, target: str, options: Json | None = None, verify: bool = False) -> None:
        """Compiles the document as it stands for a target."""
        self.compiles.begin(exports.content(self.document), self.document.name, self.rev, target, options or {}, verify)

    def _cancel_compile(self, _: messages.CancelCompile) -> None:
        self.compiles.cancel()

    def _edit(self, message: messages.Edit) -> None:
        """Applies a canvas's edit; one made on an older revision counts as long as it still fits."""
        self._answering = message
        try:
            self.network.apply_patch(message.patch, label=message.label, by="canvas", gesture=message.gesture)
        except FindingError as error:
            reason = " ".join(finding.text for finding in error.findings)
            self.post(messages.Refused(self.rev, without_arrays(self.network.json), self.findings, reason, message.id))
        finally:
            self._answering = None

    def _undo(self, _: messages.Undo) -> None:
        self.network.undo()

    def _redo(self, _: messages.Redo) -> None:
        self.network.redo()

    def _run(self, message: messages.RunRequest) -> None:
        self.run(message.duration_ms, message.seed)

    def run(self, duration_ms: float, seed: int | None = None) -> Run | None:
        """Starts a run in the worker; with errors in the document it says so and gives None."""
        with self._lock:  # the verdict belongs to this revision
            wrong = errors(self.findings) if self._verdict.rev == self.rev else ()
            if wrong:
                one = len(wrong) == 1
                text = f"The network has {'an error' if one else f'{len(wrong)} errors'} that must be mended before it can run: {wrong[0].text}"
                self.runs.refuse(self.rev, text, wrong)
                return None
            return self.runs.begin(exports.content(self.document), self.rev, duration_ms, seed)

    def _cancel(self, _: messages.Cancel) -> None:
        self.runs.cancel()

    def _acknowledge(self, message: messages.Acknowledge) -> None:
        self.runs.acknowledge(message.run, message.n)

    def _new(self, _: messages.New) -> None:
        self.replace(Document.empty("Untitled"), "New network")

    def _open_template(self, message: messages.OpenTemplate) -> None:
        self.open_template(message.name)

    def open_template(self, name: str) -> None:
        """Shows a template; raises FindingError where there is none of that name."""
        template = next((t for t in share.templates() if t.name == name), None)
        if template is None:
            raise FindingError([Finding("path.template", "error", "", f"There is no template “{name}”.")])
        document, findings = read(template.path)
        if document is None:
            raise FindingError(findings)
        self.replace(document, f"Open template {template.title}")

    def _open(self, message: messages.Open) -> None:
        self.open_file(message.name, message.text.encode() if message.base64 is None else _decoded(message.base64))

    def _save(self, _: messages.Save) -> None:
        self.save()

    def _export(self, message: messages.Export) -> None:
        self.export(message.format)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise FindingError([Finding("text.base64", "error", "", "The file did not arrive whole.", "Open it again.")]) from None


_ACTS: Mapping[type[Any], Callable[[Session, Any], None]] = {
    messages.Ready: Session._ready,
    messages.Edit: Session._edit,
    messages.Undo: Session._undo,
    messages.Redo: Session._redo,
    messages.RunRequest: Session._run,
    messages.Cancel: Session._cancel,
    messages.Acknowledge: Session._acknowledge,
    messages.New: Session._new,
    messages.OpenTemplate: Session._open_template,
    messages.Open: Session._open,
    messages.Save: Session._save,
    messages.Export: Session._export,
    messages.Ask: Session._ask,
    messages.Compile: Session._compile,
    messages.CancelCompile: Session._cancel_compile,
}
