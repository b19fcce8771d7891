import { useEffect, useRef, useState } from "react";

interface TextFieldProps {
  name: string;
  value: string;
  multiline?: boolean;
  placeholder?: string;
  className?: string;
  autoFocus?: boolean;
  testid?: string;
  /** The id of a list of suggestions. */
  list?: string;
  /** A sentence when the text is not allowed. */
  check?: (text: string) => string;
  onCommit(value: string): void;
}

/** A line of text, kept on Enter or on leaving, taken back on Escape. */
export function TextField({ name, value, multiline, placeholder, className = "", autoFocus, testid, list, check, onCommit }: TextFieldProps) {
  const [draft, setDraft] = useState<string | null>(null);
  const element = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  useEffect(() => setDraft(null), [value]);
  useEffect(() => {
    if (!autoFocus) return;
    element.current?.focus();
    element.current?.select();
  }, [autoFocus]);
  const fault = draft === null ? "" : (check?.(draft) ?? "");
  const commit = (): void => {
    if (draft === null || fault) return;
    if (draft.trim() !== value) onCommit(draft.trim());
    setDraft(null);
  };
  const props = {
    ref: element,
    value: draft ?? value,
    placeholder,
    list: multiline ? undefined : list,
    "aria-label": name,
    "aria-invalid": fault !== "",
    title: fault || undefined,
    "data-testid": testid ?? `field-${name}`,
    autoComplete: "off",
    spellCheck: false,
    onChange: (event: { target: { value: string } }) => setDraft(event.target.value),
    onBlur: commit,
    onKeyDown: (event: React.KeyboardEvent) => {
      if (event.key === "Enter" && (!multiline || event.ctrlKey || event.metaKey)) {
        commit();
        element.current?.blur();
      } else if (event.key === "Escape" && draft !== null) {
        event.stopPropagation();
        setDraft(null);
      }
    },
  };
  return multiline ? <textarea {...props} className={className} /> : <input {...props} className={className} />;
}
