import { setAt, unsetAt, type Keys } from "../model/pointer";
import { useStudio } from "../studio";
import { TextField } from "./TextField";

/** Free text about a thing, kept in the document. */
export function Description({ at, text }: { at: Keys; text: string }) {
  const { session } = useStudio();
  return <TextField name="Description" testid="field-description" multiline value={text} placeholder="What it is for, where its numbers come from" onCommit={(next) => void session.dispatch(next ? setAt([...at, "description"], next, "Edit the description") : unsetAt([...at, "description"], "Remove the description"))} />;
}
