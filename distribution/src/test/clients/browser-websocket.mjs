// A page's own WebSocket, both ways: a record by its URL, and the multiplexed protocol.
import assert from 'node:assert/strict';
import { withPage } from './browser.mjs';

const [port] = process.argv.slice(2);

await withPage(port, async (page, origin) => {
  const host = origin.replace('http', 'ws');

  const record = await page.evaluate(async url => {
    const socket = new WebSocket(url);
    const got = [];
    const done = new Promise((resolve, reject) => {
      socket.onmessage = message => { got.push(message.data); if (got.length === 2) resolve(); };
      socket.onclose = event => reject(new Error(`closed ${event.code} ${event.reason}`));
    });
    await new Promise(resolve => { socket.onopen = resolve; });
    socket.send('{"n":1}');
    socket.send('{"n":2}');
    await done;
    return got;
  }, `${host}/browser/1?mode=put&start=now`);
  assert.deepEqual(record, ['{"n":1}', '{"n":2}']);
  assert.deepEqual(await (await fetch(`${origin}/browser/1`)).json(), { n: 2 });

  const multiplexed = await page.evaluate(async url => {
    const socket = new WebSocket(url, ['millrace.json']);
    const got = [];
    await new Promise(resolve => { socket.onopen = resolve; });
    const text = 'long enough to be compressed '.repeat(100);
    const done = new Promise((resolve, reject) => {
      socket.onmessage = message => {
        got.push(JSON.parse(message.data));
        if (got.some(one => one.event === 'put' && one.value.text === text) && got.some(one => one.id === 2)) resolve();
      };
      socket.onclose = event => reject(new Error(`closed ${event.code} ${event.reason}`));
    });
    socket.send(JSON.stringify({ id: 1, op: 'subscribe', filter: 'browser/#', start: 'now' }));
    socket.send(JSON.stringify({ id: 2, op: 'put', path: 'browser/2', value: { text } }));
    await done;
    return { got, protocol: socket.protocol, extensions: socket.extensions };
  }, `${host}/`);
  assert.equal(multiplexed.protocol, 'millrace.json');
  assert.match(multiplexed.extensions, /^permessage-deflate/);
  assert.equal(multiplexed.got.find(one => one.id === 2).result.effect, 'created');

  const foreign = await page.evaluate(url => new Promise(resolve => {
    const socket = new WebSocket(url, ['millrace.json']);
    socket.onopen = () => resolve('open');
    socket.onerror = () => resolve('refused');
  }), `ws://localhost:${port}/`);
  assert.equal(foreign, 'refused', 'a page of 127.0.0.1 is no page of localhost');
});
