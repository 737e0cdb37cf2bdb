/** What a notebook needs besides its figures: tables, recorded metrics, run information, progress, studies. @module */
export * from "./format.ts";
export * from "./interruption.ts";
export * from "./kernel.ts";
export * from "./metric.ts";
export * from "./progress_display.ts";
export * from "./run_information.ts";
export * from "./scale.ts";
export * from "./show.ts";
export * from "./study.ts";
export * from "./table.ts";

import { listenForInterrupts } from "./interruption.ts";

// Importing this folder in a notebook is what makes its cells interruptible.
listenForInterrupts();
