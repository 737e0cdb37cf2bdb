/** The worker side of {@link parallelMap}: says that it is there, loads one function, then answers one message an item. */
/// <reference lib="deno.worker" />

interface Start {
  module: string;
  name: string;
  shared: unknown;
}
interface Task {
  index: number;
  item: unknown;
}

let work: Promise<(item: unknown, shared: unknown) => unknown>;
let shared: unknown;

self.onmessage = async ({ data }: MessageEvent<Start | Task>) => {
  if ("module" in data) {
    shared = data.shared;
    work = import(data.module).then((module) => module[data.name]);
    work.catch(() => {}); // reported with the first item
    return;
  }
  try {
    const result = await (await work)(data.item, shared);
    self.postMessage({ index: data.index, result });
  } catch (error) {
    self.postMessage({ index: data.index, error });
  }
};

self.postMessage({ ready: true });
