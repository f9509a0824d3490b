// Follows a record by EventSource; prints what came when the last value has.
// Arguments: port, path, last value.
import { withPage } from './browser.mjs';

const [port, path, last] = process.argv.slice(2);

await withPage(port, async page => {
  await page.evaluate(url => {
    window.seen = [];
    window.source = new EventSource(url);
    for (const kind of ['put', 'patch', 'delete', 'event', 'gap']) {
      window.source.addEventListener(kind, event => {
        window.seen.push(kind === 'put' ? JSON.parse(event.data).n : kind);
      });
    }
    return new Promise((resolve, reject) => {
      window.source.onopen = resolve;
      window.source.onerror = () => reject(new Error('the stream did not open'));
    }).then(() => { window.source.onerror = null; });
  }, path);
  console.log('open');
  await page.waitForFunction(n => window.seen.includes(n), Number(last), { timeout: 100_000 });
  console.log(JSON.stringify(await page.evaluate(() => window.seen)));
});
