import { Dialog } from "./Dialog";

const KEYS: [string, string][] = [
  ["Find anything", "Ctrl K"], ["Run", "Ctrl Enter"], ["Next thing on the canvas", "Tab"], ["Edit what is selected", "Enter"],
  ["Connect from here", "C"], ["Move", "Arrows"], ["Move further", "Shift Arrows"], ["Enter a circuit", "O"], ["Back up", "U"],
  ["Remove", "Del"], ["Undo, redo", "Ctrl Z, Ctrl Y"], ["Copy, paste", "Ctrl C, Ctrl V"], ["Duplicate", "Ctrl D"], ["Group", "Ctrl G"],
  ["Ungroup", "Ctrl Shift G"], ["Select all", "Ctrl A"], ["Show everything", "1"], ["Arrange", "L"], ["Zoom", "+ −"], ["Save", "Ctrl S"],
  ["Select by a frame", "Shift drag"], ["Step a number", "↑ ↓"], ["Scrub a number", "drag sideways"], ["These keys", "?"],
];

/** All keys on one page. */
export function Help() {
  return (
    <Dialog label="Keys">
      <h2>Keys</h2>
      <div className="keys scroll">
        {KEYS.map(([what, keys]) => (
          <div key={what}>
            <span>{what}</span>
            <kbd>{keys}</kbd>
          </div>
        ))}
      </div>
    </Dialog>
  );
}
