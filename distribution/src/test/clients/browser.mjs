// A page in headless Chromium, served by the host under test itself, so that it is of the same origin.
import { chromium } from 'playwright-core';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const flags = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

/** Opens a page of the host, calls `use(page)`, and closes the browser whatever comes. */
export async function withPage(port, use) {
  const origin = `http://127.0.0.1:${port}`;
  const stored = await fetch(`${origin}/app/page`, {
    method: 'PUT',
    headers: { 'content-type': 'text/html' },
    body: '<!doctype html><title>test</title>',
  });
  if (!stored.ok) throw new Error(`the page was not stored: ${stored.status} ${await stored.text()}`);
  const profile = mkdtempSync(join(tmpdir(), 'millrace-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: flags,
  });
  try {
    const page = await context.newPage();
    page.on('pageerror', error => console.log(`page error: ${error.message}`));
    await page.goto(`${origin}/app/page`);
    await use(page, origin);
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
}
