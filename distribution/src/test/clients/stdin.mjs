// Lines that the test writes to a script.
import { createInterface } from 'node:readline';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

export async function nextLine() {
  const { value, done } = await lines.next();
  if (done) throw new Error('the test closed the standard input');
  return value;
}
