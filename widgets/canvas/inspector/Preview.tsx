import { useEffect, useState } from "react";

import type { Kind } from "../../core/catalogue";
import type { Values } from "../../core/document";
import type { Body, Questions } from "../../core/questions";
import type { Session } from "../../core/session";
import { useSession, useStudio } from "../studio";
import { ResponsePlot } from "./ResponsePlot";

type Answer = Questions["response"]["value"];
const REST_MS = 250;
const KEPT = 100;
const known = new WeakMap<Session, Map<string, Answer>>();

interface PreviewProps {
  kind: Kind;
  model: string;
  values: Values;
  /** The text of a model in the making, in the place of one of the catalogue. */
  body?: Body;
  /** Panels side by side. */
  wide?: boolean;
}

/** How a model responds with these parameters: computed by the engine, a moment after the last change. */
export function Preview({ kind, model, values, body, wide = false }: PreviewProps) {
  const connected = useSession((state) => state.connection === "live");
  const { answer, waiting } = useResponse({ kind, key: model, params: values, ...(body ? { body } : {}) });
  if (!connected) return <p className="quiet small">Responses come with Python: open the studio app or a notebook.</p>;
  if (!answer) return <p className="quiet small" role="status" data-testid="response-waiting">{waiting === "long" ? "Compiling it for the first time …" : "Trying it out …"}</p>;
  return (
    <div className={wide ? "responses wide" : "responses"} data-stale={waiting !== ""} data-testid={`response-${kind}`}>
      {answer.panels.map((panel) => <ResponsePlot key={panel.title} panel={panel} width={wide ? 344 : 296} height={wide ? 220 : 176} />)}
      {answer.note && <p className="quiet small">{answer.note}</p>}
    </div>
  );
}

/** The newest answer, and whether another is on its way ("" no, "short", "long"). */
function useResponse(asked: Questions["response"]["given"]): { answer: Answer | null; waiting: "" | "short" | "long" } {
  const { session } = useStudio();
  const models = useSession((state) => state.document.models);
  const dt = useSession((state) => state.document.run?.dt);
  const name = JSON.stringify([asked, dt, models && asked.key in models ? models[asked.key] : null]);
  const [shown, setShown] = useState<{ of: string; answer: Answer } | null>(null);
  const [waiting, setWaiting] = useState<"" | "short" | "long">("short");
  useEffect(() => {
    const cache = known.get(session) ?? new Map<string, Answer>();
    known.set(session, cache);
    const before = cache.get(name);
    if (before) {
      setShown({ of: asked.key, answer: before });
      setWaiting("");
      return;
    }
    let over = false;
    setWaiting("short");
    const late = setTimeout(() => setWaiting("long"), 2500);
    const rest = setTimeout(() => {
      void session.ask("response", asked).then((answer) => {
        if (answer) cache.set(name, answer);
        if (cache.size > KEPT) cache.delete(cache.keys().next().value!);
        if (over || !answer) return;
        clearTimeout(late);
        setShown({ of: asked.key, answer });
        setWaiting("");
      });
    }, REST_MS);
    return () => {
      over = true;
      clearTimeout(rest);
      clearTimeout(late);
    };
    // `name` stands for all that is asked
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [name, session]);
  return { answer: shown?.of === asked.key ? shown.answer : null, waiting };
}
