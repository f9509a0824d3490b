// Clients that show no credentials in the handshake, as browsers' cannot, to a host that asks for some.
// Arguments: port, user, password.
import assert from 'node:assert/strict';
import mqtt from 'mqtt';
import WebSocket from 'ws';

const [port, user, password] = process.argv.slice(2);
const url = `ws://127.0.0.1:${port}`;

const client = await mqtt.connectAsync(`${url}/mqtt`, { username: user, password, reconnectPeriod: 0 });
await client.publishAsync('credentials/1', '{"n":1}', { qos: 1, retain: true });
await client.endAsync();
await assert.rejects(mqtt.connectAsync(`${url}/mqtt`, { username: user, password: 'wrong', reconnectPeriod: 0 }));

const socket = new WebSocket(`${url}/`, ['millrace.json']);
await new Promise((resolve, reject) => { socket.on('open', resolve); socket.on('error', reject); });
const ask = message => new Promise(resolve => {
  socket.once('message', data => resolve(JSON.parse(data.toString())));
  socket.send(JSON.stringify(message));
});
assert.equal((await ask({ id: 1, op: 'get', path: 'credentials/1' })).error.code, 'unauthenticated');
assert.equal((await ask({ id: 2, op: 'authenticate', user, password: 'wrong' })).error.code, 'unauthenticated');
assert.deepEqual((await ask({ id: 3, op: 'authenticate', user, password })).result, { identity: user });
assert.deepEqual((await ask({ id: 4, op: 'get', path: 'credentials/1' })).result.value, { n: 1 });
socket.close();

const refused = await new Promise(resolve => {
  const record = new WebSocket(`${url}/credentials/1`);
  record.on('unexpected-response', (request, answer) => resolve(answer.statusCode));
  record.on('open', () => resolve('open'));
});
assert.equal(refused, 401);
const letIn = await new Promise(resolve => {
  const record = new WebSocket(`${url}/credentials/1`, { auth: `${user}:${password}` });
  record.on('message', data => { resolve(data.toString()); record.close(); });
});
assert.equal(letIn, '{"n":1}');
process.exit(0);
