import { useEffect } from "react";

import { Icon } from "../glyphs/Icon";
import { useSession, useStudio, useView } from "../studio";

/** Short notices at the foot of the canvas; they leave by themselves unless they tell of an error. */
export function Toasts() {
  const { session, view } = useStudio();
  const notices = useSession((state) => state.notices);
  const notes = useView((state) => state.notes);
  return (
    <div className="toasts" role="log" aria-live="polite" aria-label="Notices">
      {notices.slice(-3).map((notice) => (
        <Toast key={`n${notice.id}`} text={notice.text} severity={notice.severity} close={() => session.dismiss(notice.id)} />
      ))}
      {notes.map((note) => (
        <Toast key={`v${note.id}`} text={note.text} severity="info" close={() => view.hush(note.id)} />
      ))}
    </div>
  );
}

function Toast({ text, severity, close }: { text: string; severity: "info" | "warning" | "error"; close(): void }) {
  useEffect(() => {
    const timer = setTimeout(close, severity === "error" ? 20_000 : 6000);
    return () => clearTimeout(timer);
  }, [text, severity]);
  return (
    <div className="toast" data-severity={severity} data-testid="toast">
      {severity !== "info" && <span className="sev"><Icon name={severity} size={14} /></span>}
      <span>{text}</span>
      <button type="button" className="btn small icon" aria-label="Dismiss" onClick={close}>
        <Icon name="close" size={12} />
      </button>
    </div>
  );
}
