// Decodes with cbor-x and msgpackr what the host at argv[2] encodes, and the other way round.
import assert from 'node:assert/strict';
import { Decoder, encode } from 'cbor-x';
import { Unpackr, pack } from 'msgpackr';

// Integers beyond 32 bits as numbers, as JSON has them; BigInt otherwise.
const cbor = new Decoder({ int64AsNumber: true, mapsAsObjects: true });
const msgpack = new Unpackr({ int64AsType: 'number', useRecords: false, mapsAsObjects: true });
const decode = (bytes) => cbor.decode(bytes);
const decodeMultiple = (bytes) => cbor.decodeMultiple(bytes);
const unpack = (bytes) => msgpack.unpack(bytes);
const unpackMultiple = (bytes) => msgpack.unpackMultiple(bytes);

const base = process.argv[2];
const CBOR = 'application/cbor';
const MSGPACK = 'application/msgpack';

const values = {
  scalars: { t: true, f: false, n: null, i: 1, neg: -1, big: 4294967296, half: 0.5, pi: 3.141592653589793, e: 1e300 },
  texts: { empty: '', ascii: 'plain', umlaut: 'äöü', emoji: '😀', quote: '"\\\n', long: 'x'.repeat(70000) },
  nested: { a: [[], {}, [1, [2, [3]]]], o: { p: { q: { r: 's' } } } },
  many: Array.from({ length: 300 }, (_, i) => ({ i, s: `item ${i}` })),
  edges: [0, 23, 24, 255, 256, 65535, 65536, 2147483647, -24, -25, -128, -129, -32769, -2147483648],
};

async function ask(method, path, headers, body) {
  const answer = await fetch(base + path, { method, headers, body });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
}

for (const [name, value] of Object.entries(values)) {
  const json = JSON.stringify(value);
  await ask('PUT', `/codecs/${name}`, { 'Content-Type': 'application/json' }, json);
  assert.deepEqual(decode(await ask('GET', `/codecs/${name}`, { Accept: CBOR })), value);
  assert.deepEqual(unpack(await ask('GET', `/codecs/${name}`, { Accept: MSGPACK })), value);

  await ask('PUT', `/cbor/${name}`, { 'Content-Type': CBOR }, encode(value));
  assert.deepEqual(JSON.parse(await ask('GET', `/cbor/${name}.json`, {})), value);
  assert.deepEqual(unpack(await ask('GET', `/cbor/${name}.msgpack`, {})), value);
  await ask('PUT', `/msgpack/${name}`, { 'Content-Type': MSGPACK }, pack(value));
  assert.deepEqual(JSON.parse(await ask('GET', `/msgpack/${name}.json`, {})), value);
  assert.deepEqual(decode(await ask('GET', `/msgpack/${name}.cbor`, {})), value);
}

await ask('PUT', '/codecs/zz', { 'Content-Type': 'image/png' }, Buffer.from([1, 2, 255]));
const byId = Object.fromEntries(Object.entries(values));
function check(rows) {
  assert.equal(rows.length, Object.keys(values).length + 1);
  for (const row of rows) {
    if (row.id === 'zz') {
      assert.deepEqual([row.type, [...row.bytes]], ['image/png', [1, 2, 255]]);
    } else {
      assert.deepEqual(row.value, byId[row.id]);
    }
  }
}
check(decode(await ask('GET', '/codecs/', { Accept: CBOR })));
check(decodeMultiple(await ask('GET', '/codecs/', { Accept: 'application/cbor-seq' })));
check(unpackMultiple(await ask('GET', '/codecs/', { Accept: MSGPACK })));
console.log('agreed');
