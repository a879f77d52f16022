/**
 * A real browser for tests: the system's Chromium, driven by playwright-core. Every start has a fresh profile; pages that write to their
 * console, fail, or ask another host are found out.
 */
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const PROGRAM = process.env.DAS2SRV_CHROMIUM ?? '/usr/bin/chromium';

/** Why tests with a browser cannot run here; false if they can. */
export const NO_BROWSER: string | false = existsSync(PROGRAM)
  ? false
  : `absent chromium: tests in a browser; to run them: apt-get install chromium, or DAS2SRV_CHROMIUM=/path/of/it`;

/** How long the browser may take for anything: a busy machine is no fault of a page. */
const PATIENCE_MS = 120_000;

/** Starts the browser. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: PROGRAM,
    headless: true,
    timeout: PATIENCE_MS,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** A page under observation. */
export interface WatchedPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors and warnings of the console, and scripts that failed. */
  readonly complaints: string[];
  /** Addresses asked for, in order. */
  readonly requests: string[];
}

/** Opens an empty page in a context of its own. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  context.on('request', (request) => requests.push(request.url()));
  page.on('console', (message) => {
    // Reading pixels back is what tests do, not pages.
    if (message.text().includes('willReadFrequently')) return;
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return { page, context, complaints, requests };
}
