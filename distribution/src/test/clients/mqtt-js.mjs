// mqtt.js over TCP and over WebSocket, in both versions of the protocol: QoS 0 to 2, retained messages, and a will.
import assert from 'node:assert/strict';
import mqtt from 'mqtt';

for (const url of process.argv.slice(2)) {
  for (const protocolVersion of [4, 5]) {
    const topic = `mqtt-js/${url.slice(0, 2)}${protocolVersion}`;
    const options = { protocolVersion, reconnectPeriod: 0, connectTimeout: 20_000 };
    const subscriber = await mqtt.connectAsync(url, options);
    const got = [];
    const arrived = n => new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`got only ${JSON.stringify(got)}`)), 20_000);
      const look = () => { if (got.length >= n) { clearTimeout(late); resolve(); } else setTimeout(look, 10); };
      look();
    });
    subscriber.on('message', (t, payload, packet) => got.push([t, payload.toString(), packet.qos, packet.retain]));
    await subscriber.subscribeAsync(`${topic}/#`, { qos: 2 });

    const publisher = await mqtt.connectAsync(url, {
      ...options, will: { topic: `${topic}/will`, payload: 'gone', qos: 1, retain: false },
    });
    for (const qos of [0, 1, 2]) {
      await publisher.publishAsync(`${topic}/q${qos}`, `word${qos}`, { qos });
    }
    // mqtt.js shows a QoS 2 message only at its release, which a later QoS 1 message may overtake.
    await arrived(3);
    await publisher.publishAsync(`${topic}/kept`, 'state', { qos: 1, retain: true });
    await arrived(4);
    publisher.stream.destroy();
    await arrived(5);
    assert.deepEqual(got, [
      [`${topic}/q0`, 'word0', 0, false],
      [`${topic}/q1`, 'word1', 1, false],
      [`${topic}/q2`, 'word2', 2, false],
      [`${topic}/kept`, 'state', 1, false],
      [`${topic}/will`, 'gone', 1, false],
    ]);

    const late = await mqtt.connectAsync(url, options);
    const first = new Promise(resolve => late.on('message', (t, payload, packet) => resolve([t, payload.toString(), packet.retain])));
    await late.subscribeAsync(`${topic}/#`, { qos: 1 });
    assert.deepEqual(await first, [`${topic}/kept`, 'state', true]);
    await late.endAsync();
    await subscriber.endAsync();
  }
}
