import type { FitFinding } from "../../core/report";
import { useStudio } from "../studio";
import { commandOf } from "./apply";

/** One press sets what the fix says; undo takes it back. Nothing where the fix is no value. */
export function Fix({ finding }: { finding: FitFinding }) {
  const { session, view } = useStudio();
  const setting = finding.apply;
  if (!setting) return null;
  const act = (): void => {
    const { document, catalogue } = session.getState();
    const command = commandOf(document, catalogue, setting);
    if (command) session.dispatch(command);
    else view.say(`“${setting.where}” is not there any more.`);
  };
  const to = `${setting.value}${setting.unit ? ` ${setting.unit}` : ""}`;
  return (
    <button type="button" className="btn small line fix" data-testid="apply-fix" title={`Set ${setting.where} to ${to}; undo takes it back`} aria-label={`Set ${setting.where} to ${to}`} onClick={(event) => (event.stopPropagation(), act())}>
      Set {setting.where.split(".").at(-1)} to {to}
    </button>
  );
}
