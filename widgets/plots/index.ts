// Plots on a 2-D canvas. Classes without a framework: `new Raster(element, {spikes, view})`, `.setRun(look)`, `.destroy()`.

export { ActivityPlot, type ActivityOptions, type Measure } from "./activity";
export { NO_RUN, type RunLook } from "./axes";
export { benchRaster, type RasterBench } from "./bench";
export { Raster, type RasterOptions } from "./raster";
export { TimeView, type Mode } from "./time-view";
export { TracePlot, type Trace } from "./traces";
