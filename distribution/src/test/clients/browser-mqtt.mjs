// mqtt.js in a page, over WebSocket: it follows what HTTP writes, and HTTP reads what it publishes.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { withPage } from './browser.mjs';

const [port] = process.argv.slice(2);

await withPage(port, async (page, origin) => {
  await page.addScriptTag({ content: readFileSync('node_modules/mqtt/dist/mqtt.min.js', 'utf8') });
  await page.evaluate(async url => {
    window.got = [];
    window.client = await mqtt.connectAsync(url, { protocolVersion: 5, reconnectPeriod: 0 });
    window.client.on('message', (topic, payload) => window.got.push([topic, payload.toString()]));
    await window.client.subscribeAsync('browser-mqtt/#', { qos: 1 });
  }, `${origin.replace('http', 'ws')}/mqtt`);

  const put = await fetch(`${origin}/browser-mqtt/a`, {
    method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{"from":"http"}',
  });
  assert.equal(put.status, 201);
  await page.waitForFunction(() => window.got.length === 1, null, { timeout: 20_000 });
  await page.evaluate(() => window.client.publishAsync('browser-mqtt/b', '{"from":"page"}', { qos: 1, retain: true }));
  await page.waitForFunction(() => window.got.length === 2, null, { timeout: 20_000 });
  assert.deepEqual(await page.evaluate(() => window.got), [
    ['browser-mqtt/a', '{"from":"http"}'],
    ['browser-mqtt/b', '{"from":"page"}'],
  ]);
  assert.deepEqual(await (await fetch(`${origin}/browser-mqtt/b`)).json(), { from: 'page' });
  await page.evaluate(() => window.client.endAsync());
});
