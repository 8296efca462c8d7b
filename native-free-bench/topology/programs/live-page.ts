import { type LocalCluster, serveUi } from "stormcell";

/** Opens the dashboard of a cluster, and reads the live values of a topology as an open page does, until disposed. */
export async function openLivePage(cluster: LocalCluster, topology: string): Promise<AsyncDisposable> {
  const dashboard = await serveUi(cluster, { port: 0, portFile: false });
  const stop = new AbortController();
  const response = await fetch(`${dashboard.url}/api/v1/topology/${topology}/live`, { signal: stop.signal });
  const reading = readToEnd(response);
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      const bytes = await reading;
      await dashboard.close();
      if (bytes === 0) throw new Error(`the dashboard told nothing of ${topology}`);
    },
  };
}

async function readToEnd({ body }: Response): Promise<number> {
  let bytes = 0;
  try {
    for await (const part of body as AsyncIterable<Uint8Array>) bytes += part.length;
  } catch (error) {
    if ((error as Error).name !== "AbortError") throw error;
  }
  return bytes;
}
