/**
 * The page of an export looks by itself how far it is (browse-export 9.5): as long as it says so, and as often as it says, it fetches itself and takes over what
 * has changed. Without this there is a link.
 */

/** Begins, if the page is one of an export that is not done. */
export function watchStatus(): void {
  const wait = waitOf(document);
  if (wait !== undefined) setTimeout(look, wait);

  async function look(): Promise<void> {
    let next: Document | undefined;
    try {
      const response = await fetch(location.pathname, { headers: { Accept: 'text/html' }, cache: 'no-store' });
      if (response.ok) next = new DOMParser().parseFromString(await response.text(), 'text/html');
    } catch {
      // The network is away for a while: the next look may find it again.
    }
    if (next !== undefined) takeOver(next);
    const again = next === undefined ? wait : waitOf(next);
    if (again !== undefined) setTimeout(look, again);
  }
}

/** Milliseconds until the next look makes sense; undefined once there is nothing to wait for. */
function waitOf(page: Document): number | undefined {
  const seconds = Number(page.querySelector<HTMLElement>('[data-wait]')?.dataset.wait);
  return seconds > 0 ? seconds * 1000 : undefined;
}

function takeOver(next: Document): void {
  const isDone = waitOf(next) === undefined;
  for (const part of document.querySelectorAll<HTMLElement>('[data-live]')) {
    const fresh = next.getElementById(part.id);
    if (fresh === null || fresh.isEqualNode(part)) continue;
    // Nothing goes away under the hands of somebody who is about to use it.
    if (!isDone && part.contains(document.activeElement)) continue;
    part.replaceChildren(...fresh.childNodes);
  }
}
