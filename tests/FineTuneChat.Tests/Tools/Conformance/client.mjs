// The gateway as the client that is judged: it is given the judge's server, lists the server's tools and calls each that adds.
const [gateway, url] = process.argv.slice(2);

async function call(method, path, body) {
  const answer = await fetch(gateway + path, { method, headers: { 'Content-Type': 'application/json' }, body: body && JSON.stringify(body) });
  const json = await answer.json();
  if (!answer.ok) throw new Error(JSON.stringify(json));
  return json;
}

const name = `judge-${process.pid}`;
await call('POST', '/api/tools/servers', { name, url });
try {
  const { data } = await call('GET', '/api/tools');
  const server = data.find((other) => other.server === name);
  if (server.state !== 'ready') throw new Error(server.problem);
  for (const { name: tool } of server.tools) {
    console.log(await call('POST', '/api/tools/call', { server: name, tool, arguments: { a: 5, b: 3 } }));
  }
} finally {
  await call('DELETE', `/api/tools/servers/${name}`);
}
