/** What the scripts share: options, counts, tests, studies. @module */
export * from "./arguments.ts";
export * from "./junit.ts";
export * from "./project.ts";
export * from "./tally.ts";
export * from "./test_run.ts";
export * from "./signals.ts";
export * from "./commit.ts";
export * from "./files.ts";
export * from "./study.ts";
export * from "./bench.ts";
export * from "./bench_peer.ts";
export * from "./bench_run.ts";
export * from "./setup_tensorflow.ts";
export * from "./setup_tensorflow_check.ts";
export * from "./wide.ts";
export * from "./fetch_data.ts";
export * from "./releases.ts";
