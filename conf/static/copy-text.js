// Puts a button beside every text in an element of class "call" that copies it. Without this script the text can be selected.
if ('clipboard' in navigator) {
  for (const place of document.querySelectorAll('.call')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'second copy';
    button.textContent = 'Copy';
    button.title = `Copy: ${place.getAttribute('aria-label') ?? 'this text'}`;
    button.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(place.querySelector('code')?.textContent ?? '');
        button.textContent = 'Copied';
      } catch {
        button.textContent = 'Not allowed';
      }
      setTimeout(() => {
        button.textContent = 'Copy';
      }, 2000);
    });
    place.append(button);
  }
}
