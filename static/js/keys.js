// Single keys: an element with data-key="c" is clicked (or focused, when it is a field) by that key; "g i" is two keys
// in a row. Never while somebody writes or an IME composes, and only where the person wants them (body[data-keys]).
let first = '';
let timer = 0;

function writing(target) {
  return target.isContentEditable || target.matches?.('input:not([type=checkbox],[type=radio]),textarea,select');
}

function act(keys) {
  const place = [...document.querySelectorAll(`[data-key="${CSS.escape(keys)}"]`)].find((element) => !element.closest('[hidden]'));
  if (!place) return false;
  if (place.matches('input,textarea')) place.focus();
  else place.click();
  return true;
}

document.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!document.body.hasAttribute('data-keys') || writing(event.target) || document.querySelector('dialog[open]')) return;
  if (event.key.length !== 1) return;
  const keys = first ? `${first} ${event.key}` : event.key;
  clearTimeout(timer);
  first = '';
  if (act(keys)) event.preventDefault();
  else if (event.key === 'g') {
    first = 'g';
    timer = setTimeout(() => { first = ''; }, 1500);
  }
});
