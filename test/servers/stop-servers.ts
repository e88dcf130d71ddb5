export default async function stopServers(): Promise<void> {
  await Promise.all((globalThis.cashpointTestServers ?? []).map((server) => server.stop()));
}
