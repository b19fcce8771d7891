import { Icon } from "../glyphs/Icon";
import { Mark } from "../glyphs/Mark";
import { TextField } from "../inspector/TextField";
import { setAt } from "../model/pointer";
import { useSession, useStudio, useView } from "../studio";
import { FileMenu } from "./FileMenu";
import { RunBar } from "./RunBar";
import { TargetChooser } from "./TargetChooser";
import { ThemeButton } from "./ThemeButton";

/** Document, file, undo, run, search, theme. */
export function TopBar({ root }: { root: () => Node }) {
  const { session, view } = useStudio();
  const name = useSession((state) => state.document.name);
  const file = useSession((state) => state.file);
  const dirty = useSession((state) => state.dirty);
  const undo = useSession((state) => state.undo);
  const redo = useSession((state) => state.redo);
  const width = useView((state) => state.width);
  const inspector = useView((state) => state.inspector);
  return (
    <header className="bar" aria-label="Studio">
      <span className="mark" title="Spike Studio" aria-label="Spike Studio" role="img">
        <Mark />
      </span>
      <TextField name="Name of the network" testid="document-name" className="inline-edit docname" value={name} check={(text) => (text.trim() ? "" : "A name is needed.")} onCommit={(next) => void session.dispatch(setAt(["name"], next, `Rename to ${next}`))} />
      {(file || dirty) && <span className="file cut" data-testid="file-name" title={file ?? undefined}>{file ?? ""}{dirty ? " · edited" : ""}</span>}
      <FileMenu root={root} />
      <span className="sep" />
      <button type="button" className="btn icon" data-testid="undo" aria-label={undo ? `Undo ${undo}` : "Undo"} aria-disabled={undo ? undefined : true} title={undo ? `Undo “${undo}” (Ctrl Z)` : "Nothing to undo"} onClick={() => undo && session.undo()}>
        <Icon name="undo" />
      </button>
      <button type="button" className="btn icon" data-testid="redo" aria-label={redo ? `Redo ${redo}` : "Redo"} aria-disabled={redo ? undefined : true} title={redo ? `Redo “${redo}” (Ctrl Y)` : "Nothing to redo"} onClick={() => redo && session.redo()}>
        <Icon name="redo" />
      </button>
      <span className="gap" />
      <RunBar />
      <span className="gap" />
      <Connected />
      <TargetChooser />
      <button type="button" className="btn search" data-testid="search" aria-label="Find anything" title="Find anything (Ctrl K)" onClick={() => view.set({ overlay: "commands" })}>
        <Icon name="search" size={14} />
        <span className="word">Find</span>
        <kbd>Ctrl K</kbd>
      </button>
      <ThemeButton />
      <button type="button" className="btn icon wide" data-testid="help" aria-label="Keys and help" title="Keys and help (?)" onClick={() => view.set({ overlay: "help" })}>
        <Icon name="help" />
      </button>
      {width !== "wide" && (
        <button type="button" className="btn icon" data-testid="toggle-inspector" aria-label="Inspector" aria-pressed={inspector} title="Inspector" onClick={() => view.set({ inspector: !inspector, ...(width === "narrow" ? { rail: { ...view.get().rail, open: false } } : {}) })}>
          <Icon name="inspector" />
        </button>
      )}
    </header>
  );
}

/** Says so when Python is not there: what is shown then is only to be read. */
function Connected() {
  const connection = useSession((state) => state.connection);
  const reason = useSession((state) => state.can.reason);
  if (connection === "connecting") return <span className="lost small" role="status">Connecting …</span>;
  if (connection !== "lost") return null;
  return (
    <span className="lost small" role="alert" data-connection="lost" data-testid="connection-lost" title={reason}>
      <Icon name="warning" size={14} /> Python is gone: read only
    </span>
  );
}
