// What every plot has: two canvases that follow the size, pixel density and theme of their place. The lower holds the picture, the upper what
// moves with the pointer. Drawing waits for the next animation frame, so that many changes cost one picture.

import { paletteAt, type Palette } from "./palette";

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Space for names at the left and the time axis below, equal for all plots so that their time axes line up [CSS px]. */
export const MARGIN = { left: 120, right: 12, top: 6, bottom: 24 };
const NARROW = 440;
export const FONT = '11px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';

export abstract class Figure {
  readonly element: HTMLDivElement;
  protected readonly picture: CanvasRenderingContext2D;
  protected readonly overlay: CanvasRenderingContext2D;
  protected palette!: Palette;
  protected width = 0;
  protected height = 0;
  /** Device pixels per CSS pixel. */
  protected ratio = 1;
  private readonly probe: HTMLSpanElement;
  private readonly undo: (() => void)[] = [];
  private waiting = 0;
  private fresh = false;

  constructor(host: HTMLElement, label: string) {
    this.element = document.createElement("div");
    Object.assign(this.element.style, { position: "relative", width: "100%", height: "100%", overflow: "hidden", touchAction: "none", cursor: "crosshair" });
    this.element.tabIndex = 0;
    this.element.setAttribute("role", "img");
    this.element.setAttribute("aria-label", label);
    this.picture = this.canvas();
    this.overlay = this.canvas();
    this.probe = document.createElement("span");
    this.probe.hidden = true;
    this.element.append(this.probe);
    host.append(this.element);
    this.watchSize();
    this.watchTheme(host);
  }

  /** The picture is drawn anew at the next animation frame. */
  invalidate(): void {
    this.fresh = false;
    this.schedule();
  }

  destroy(): void {
    cancelAnimationFrame(this.waiting);
    for (const undo of this.undo.splice(0)) undo();
    this.element.remove();
  }

  /** Draws at once and says how long it took [ms]: for measurements. */
  drawNow(): number {
    const began = performance.now();
    this.paint();
    return performance.now() - began;
  }

  protected abstract draw(): void;
  protected abstract drawOverlay(): void;

  /** Only what lies above the picture is drawn anew. */
  protected invalidateOverlay(): void {
    this.schedule();
  }

  /** Something to be done when the plot goes. */
  protected onDestroy(undo: () => void): void {
    this.undo.push(undo);
  }

  protected listen<K extends keyof HTMLElementEventMap>(type: K, listener: (event: HTMLElementEventMap[K]) => void): void {
    this.element.addEventListener(type, listener, { passive: false });
    this.onDestroy(() => this.element.removeEventListener(type, listener));
  }

  protected get plotBox(): Box {
    const left = this.width < NARROW ? 8 : MARGIN.left;
    return { x: left, y: MARGIN.top, width: Math.max(this.width - left - MARGIN.right, 1), height: Math.max(this.height - MARGIN.top - MARGIN.bottom, 1) };
  }

  private schedule(): void {
    if (!this.waiting) this.waiting = requestAnimationFrame(() => this.paint());
  }

  private paint(): void {
    cancelAnimationFrame(this.waiting);
    this.waiting = 0;
    if (this.width < 2 || this.height < 2) return;
    if (!this.fresh) {
      this.palette = paletteAt(this.probe);
      this.clear(this.picture);
      this.draw();
      this.fresh = true;
    }
    this.clear(this.overlay);
    this.drawOverlay();
  }

  private clear(context: CanvasRenderingContext2D): void {
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    context.font = FONT;
    context.lineWidth = 1;
    context.setLineDash([]);
    context.globalAlpha = 1;
    context.textAlign = "left";
    context.textBaseline = "middle";
  }

  private canvas(): CanvasRenderingContext2D {
    const canvas = document.createElement("canvas");
    Object.assign(canvas.style, { position: "absolute", inset: "0", width: "100%", height: "100%", display: "block", pointerEvents: "none" });
    this.element.append(canvas);
    return canvas.getContext("2d")!;
  }

  private watchSize(): void {
    const measure = (): void => {
      const { clientWidth, clientHeight } = this.element;
      const ratio = Math.min(window.devicePixelRatio || 1, 3);
      if (clientWidth === this.width && clientHeight === this.height && ratio === this.ratio) return;
      [this.width, this.height, this.ratio] = [clientWidth, clientHeight, ratio];
      for (const { canvas } of [this.picture, this.overlay]) [canvas.width, canvas.height] = [Math.round(clientWidth * ratio), Math.round(clientHeight * ratio)];
      this.invalidate();
    };
    const observer = new ResizeObserver(measure);
    observer.observe(this.element);
    window.addEventListener("resize", measure); // another pixel density: moved to another screen, or the page was zoomed
    this.onDestroy(() => observer.disconnect());
    this.onDestroy(() => window.removeEventListener("resize", measure));
    measure();
  }

  private watchTheme(host: HTMLElement): void {
    const changed = (): void => this.invalidate();
    const system = window.matchMedia("(prefers-color-scheme: dark)");
    system.addEventListener("change", changed);
    this.onDestroy(() => system.removeEventListener("change", changed));
    const observer = new MutationObserver(changed);
    for (let at: Element | null = host.closest("[data-theme]"); at; at = at.parentElement?.closest("[data-theme]") ?? null) observer.observe(at, { attributes: true, attributeFilter: ["data-theme", "class", "style"] });
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "class", "style"] });
    this.onDestroy(() => observer.disconnect());
  }
}
