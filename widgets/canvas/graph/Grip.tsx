import { Handle, Position } from "@xyflow/react";

interface GripProps {
  side: "in" | "out";
  /** The node's id, and the port's name where it is one of several. */
  node: string;
  port?: string;
  top?: number;
  label: string;
}

/** A place to begin or end a connection. */
export function Grip({ side, node, port, top, label }: GripProps) {
  const id = port === undefined ? side : `${side}:${port}`;
  return (
    <Handle
      id={id}
      type={side === "in" ? "target" : "source"}
      position={side === "in" ? Position.Left : Position.Right}
      className="grip"
      style={top === undefined ? undefined : { top }}
      data-testid={`handle-${side}-${node}${port === undefined ? "" : `-${port}`}`}
      aria-label={label}
    />
  );
}
