// Random operations through HTTP, WebSocket and MQTT, each followed over event streams, WebSocket and MQTT, each in another
// format: all must see the same values in the same order for each path.
// Arguments: HTTP port, MQTT port, number of operations, seed.
import assert from 'node:assert/strict';
import http from 'node:http';
import mqtt from 'mqtt';
import WebSocket from 'ws';
import * as cbor from 'cbor-x';
import * as msgpack from 'msgpackr';

const [httpPort, mqttPort, count, seed] = process.argv.slice(2).map(Number);
const PATHS = 25;
const IN_FLIGHT = 8;

// Mulberry32.
let state = seed >>> 0;
function random(n) {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), state | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) % n;
}

// ---- those who follow: path -> values, null for a delete

const seen = { sse: new Map(), websocket: new Map(), mqtt: new Map() };
const ended = {};
const ends = Object.fromEntries(Object.keys(seen).map(name => [name, new Promise(resolve => { ended[name] = resolve; })]));

function saw(name, path, value) {
  if (path === 'ops/end') return ended[name]();
  if (!seen[name].has(path)) seen[name].set(path, []);
  seen[name].get(path).push(value);
}

await new Promise((resolve, reject) => {
  http.get({ port: httpPort, path: '/ops/%23?start=now', headers: { accept: 'text/event-stream' } }, answer => {
    assert.equal(answer.statusCode, 200);
    answer.setEncoding('utf8');
    let rest = '';
    answer.on('data', text => {
      resolve();
      const blocks = (rest + text).split('\n\n');
      rest = blocks.pop();
      for (const block of blocks) {
        const data = block.split('\n').find(line => line.startsWith('data: '));
        if (!data) continue;
        const event = JSON.parse(data.slice(6));
        if (event.path) saw('sse', event.path, event.value);
        else if (event.reason) console.log(`gap: ${event.reason}`);
      }
    });
  }).on('error', reject);
});

function connect(format, encode, decode, onEvent) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${httpPort}/`, [`millrace.${format}`]);
    const waiting = new Map();
    let next = 1;
    socket.on('error', reject);
    socket.on('close', code => console.log(`WebSocket closed: ${code}`));
    socket.on('message', data => {
      const message = decode(data);
      if (message.id === undefined) return onEvent(message);
      const { resolve: done, reject: fail } = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.error) fail(new Error(`${message.error.code}: ${message.error.message}`));
      else done(message.result);
    });
    const ask = (op, fields) => new Promise((done, fail) => {
      const id = next++;
      waiting.set(id, { resolve: done, reject: fail });
      socket.send(encode({ id, op, ...fields }));
    });
    socket.on('open', () => resolve({ ask, socket }));
  });
}

const follower = await connect('msgpack', msgpack.pack, msgpack.unpack, event => {
  if (event.path) saw('websocket', event.path, event.value ?? null);
});
await follower.ask('subscribe', { filter: 'ops/#', start: 'now' });

const mqttFollower = await mqtt.connectAsync({
  host: '127.0.0.1', port: mqttPort, protocolVersion: 5, properties: { userProperties: { accept: 'application/cbor' } },
});
mqttFollower.on('message', (path, payload, packet) => {
  if (payload.length) assert.equal(packet.properties?.contentType, 'application/cbor');
  saw('mqtt', path, payload.length ? cbor.decode(payload) : null);
});
await mqttFollower.subscribeAsync('ops/#', { qos: 1 });

// ---- those who write

const writer = await connect('cbor', value => cbor.encode(value), data => cbor.decode(data), () => {});
const mqttWriter = await mqtt.connectAsync({ host: '127.0.0.1', port: mqttPort, protocolVersion: 5 });
const agent = new http.Agent({ keepAlive: true, maxSockets: IN_FLIGHT });

const bodies = [
  ['application/json', value => JSON.stringify(value)],
  ['application/cbor', value => cbor.encode(value)],
  ['application/msgpack', value => msgpack.pack(value)],
];

function request(method, path, value) {
  return new Promise((resolve, reject) => {
    const [type, encode] = bodies[random(bodies.length)];
    const body = value === undefined ? undefined : encode(value);
    const options = { port: httpPort, agent, method, path: `/${path}`, headers: body ? { 'content-type': type } : {} };
    const sent = http.request(options, answer => {
      answer.resume();
      answer.on('end', () => (answer.statusCode < 300 || answer.statusCode === 404 && method === 'DELETE'
        ? resolve() : reject(new Error(`${method} ${path}: ${answer.statusCode}`))));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

// One key each time, so that a merged record tells which patch it has seen last.
const writers = [
  {
    put: (path, value) => request('PUT', path, value),
    patch: (path, value) => request('PATCH', path, value),
    event: (path, value) => request('POST', path, value),
    delete: path => request('DELETE', path),
  },
  {
    put: (path, value) => writer.ask('put', { path, value }),
    patch: (path, value) => writer.ask('patch', { path, value }),
    event: (path, value) => writer.ask('publish', { path, value }),
    delete: path => writer.ask('delete', { path }),
  },
  {
    put: (path, value) => mqttWriter.publishAsync(path, JSON.stringify(value), { qos: 1, retain: true }),
    patch: null,
    event: (path, value) => mqttWriter.publishAsync(path, JSON.stringify(value), { qos: 1 }),
    delete: path => mqttWriter.publishAsync(path, '', { qos: 1, retain: true }),
  },
];

let next = 0;
const written = new Set();
async function work() {
  while (next < count) {
    const n = next++;
    const by = writers[random(writers.length)];
    const path = `ops/${random(PATHS)}`;
    const kind = ['put', 'put', 'patch', 'event', 'delete'][random(5)];
    if (kind === 'delete') {
      await by.delete(path);
    } else {
      const act = by[kind] ?? by.put;
      await act(path, { n, text: `value ${random(1000)} ä€`, list: [n, null, { deep: true }] });
      written.add(n);
    }
  }
}
await Promise.all(Array.from({ length: IN_FLIGHT }, work));
await writer.ask('publish', { path: 'ops/end', value: true });
await Promise.all(Object.values(ends));

// ---- the comparison

const numbers = [];
for (let i = 0; i < PATHS; i++) {
  const path = `ops/${i}`;
  const values = seen.sse.get(path) ?? [];
  assert.deepEqual(seen.websocket.get(path) ?? [], values, `WebSocket and SSE differ at ${path}`);
  assert.deepEqual(seen.mqtt.get(path) ?? [], values, `MQTT and SSE differ at ${path}`);
  numbers.push(...values.filter(value => value !== null).map(value => value.n));
}
assert.equal(new Set(numbers).size, numbers.length, 'a change was seen twice');
assert.deepEqual(numbers.sort((a, b) => a - b), [...written].sort((a, b) => a - b), 'a change was not seen');
console.log(`${count} operations, ${numbers.length} values seen by all`);
process.exit(0);
