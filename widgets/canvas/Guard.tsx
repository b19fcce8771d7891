import { Component, type ReactNode } from "react";

/** A fault in drawing must not take the network along: it is said in words, and drawing can be tried again. */
export class Guard extends Component<{ children: ReactNode }, { fault: Error | null }> {
  override state = { fault: null };

  static getDerivedStateFromError(fault: Error): { fault: Error } {
    return { fault };
  }

  override render(): ReactNode {
    const fault: Error | null = this.state.fault;
    if (!fault) return this.props.children;
    return (
      <div className="spk fallen" role="alert">
        <p>The surface could not be drawn: {(fault as Error).message}. The network itself is safe.</p>
        <button type="button" className="btn line" onClick={() => this.setState({ fault: null })}>
          Draw again
        </button>
      </div>
    );
  }
}
