// The multiplexed protocol by `ws`, in three formats at once: cbor-x and msgpackr read what the host writes, and the
// host reads what they write.
import assert from 'node:assert/strict';
import WebSocket from 'ws';
import * as cbor from 'cbor-x';
import * as msgpack from 'msgpackr';

const [port] = process.argv.slice(2);

const formats = {
  json: { encode: JSON.stringify, decode: data => JSON.parse(data.toString()) },
  cbor: { encode: value => cbor.encode(value), decode: data => cbor.decode(data) },
  msgpack: { encode: value => msgpack.pack(value), decode: data => msgpack.unpack(data) },
};

class Client {
  constructor(name) {
    this.name = name;
    this.format = formats[name];
    this.waiting = new Map();
    this.events = [];
    this.next = 1;
    this.socket = new WebSocket(`ws://127.0.0.1:${port}/`, [`millrace.${name}`]);
    this.opened = new Promise((resolve, reject) => {
      this.socket.on('open', resolve);
      this.socket.on('error', reject);
    });
    this.socket.on('message', (data, binary) => {
      assert.equal(binary, name !== 'json');
      const message = this.format.decode(data);
      if (message.id !== undefined) {
        const { resolve, reject } = this.waiting.get(message.id);
        this.waiting.delete(message.id);
        if (message.error) reject(Object.assign(new Error(message.error.message), message.error));
        else resolve(message.result);
      } else {
        this.events.push(message);
        this.arrived?.();
      }
    });
  }

  ask(op, fields) {
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.socket.send(this.format.encode({ id, op, ...fields }));
    });
  }

  async until(condition) {
    while (!this.events.some(condition)) await new Promise(resolve => { this.arrived = resolve; });
    return this.events.find(condition);
  }
}

const clients = Object.keys(formats).map(name => new Client(name));
await Promise.all(clients.map(client => client.opened));
for (const client of clients) assert.equal(client.socket.protocol, `millrace.${client.name}`);

const values = [
  null, true, false, 0, -1, 23, 24, 255, 256, 65535, 65536, 2 ** 31, 2 ** 53 - 1, -(2 ** 31), 1.5, -1e300, '',
  'ä€😀', 'x'.repeat(300), [], {}, [[[]]], { a: { b: [1, 'two', null, { c: false }] } },
  Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`key ${i}`, i])), Array.from({ length: 70000 }, (_, i) => i % 10),
];

// What one writes, all read the same.
for (const client of clients) {
  for (const [i, value] of values.entries()) {
    await client.ask('put', { path: `formats/${client.name}/${i}`, value });
  }
}
for (const reader of clients) {
  for (const writer of clients) {
    for (const [i, value] of values.entries()) {
      const got = await reader.ask('get', { path: `formats/${writer.name}/${i}` });
      // cbor-x gives integers of more than 32 bits as BigInt.
      const same = typeof got.value === 'bigint' ? Number(got.value) : got.value;
      assert.deepEqual(same, value, `${writer.name} -> ${reader.name}, value ${i}`);
    }
  }
}

// Bytes are no structure, and stay what they are.
const bytes = Buffer.from([0, 255, 1, 254]);
await clients[1].ask('put', { path: 'formats/bytes', type: 'image/png', data: bytes });
for (const client of clients) {
  const got = await client.ask('get', { path: 'formats/bytes' });
  assert.equal(got.type, 'image/png');
  assert.deepEqual(client.name === 'json' ? Buffer.from(got.data, 'base64') : Buffer.from(got.data), bytes);
}

// All follow the same changes, each in its own format, in the same order.
for (const client of clients) await client.ask('subscribe', { filter: ['follow/+'], start: 'now' });
await clients[0].ask('put', { path: 'follow/1', value: { n: 1 } });
await clients[1].ask('patch', { path: 'follow/1', value: { m: 2 } });
await clients[2].ask('publish', { path: 'follow/1', value: [3], properties: { who: 'msgpackr' } });
await clients[1].ask('transact', { writes: [
  { op: 'put', path: 'follow/2', value: 'both' }, { op: 'delete', path: 'follow/1' },
] });
for (const client of clients) {
  await client.until(message => message.event === 'delete');
  assert.deepEqual(
    client.events.filter(message => message.path).map(({ event, path, value, properties }) => ({ event, path, value, properties })),
    [
      { event: 'put', path: 'follow/1', value: { n: 1 }, properties: undefined },
      { event: 'patch', path: 'follow/1', value: { n: 1, m: 2 }, properties: undefined },
      { event: 'event', path: 'follow/1', value: [3], properties: { who: 'msgpackr' } },
      { event: 'put', path: 'follow/2', value: 'both', properties: undefined },
      { event: 'delete', path: 'follow/1', value: undefined, properties: undefined },
    ]);
}

// A query's rows, and errors.
for (const client of clients) {
  const id = client.next;
  client.ask('query', { table: 'formats', query: 'limit(5)', demand: 100 }).catch(() => {});
  const done = await client.until(message => message.sub === id && message.event === 'done');
  assert.equal(done.rows, 5);
  await assert.rejects(client.ask('get', { path: 'formats/none' }), { code: 'not-found' });
  await assert.rejects(client.ask('put', { path: 'formats/#', value: 1 }), { code: 'invalid' });
}

for (const client of clients) client.socket.close();
