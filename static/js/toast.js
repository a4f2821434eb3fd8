// Toasts go after ten seconds, or when what they offer is over (data-stays, seconds); they stay while the pointer or the
// focus is on them.
const STAYS = 10000;
const place = document.getElementById('toast');
let timer = 0;

function start() {
  clearTimeout(timer);
  const offer = place.querySelector('[data-stays]');
  const stays = offer ? offer.dataset.stays * 1000 : STAYS;
  if (place.firstElementChild) timer = setTimeout(() => place.replaceChildren(), stays);
}
function stay() { clearTimeout(timer); }

export function toast(words) {
  const box = document.createElement('div');
  box.className = 'toast';
  const text = document.createElement('p');
  text.textContent = words;
  box.append(text);
  place.replaceChildren(box);
  start();
}

if (place) {
  for (const event of ['mouseenter', 'focusin']) place.addEventListener(event, stay);
  for (const event of ['mouseleave', 'focusout']) place.addEventListener(event, start);
  place.addEventListener('click', (event) => {
    if (!event.target.closest('[data-dismiss]')) return;
    event.preventDefault();
    place.replaceChildren();
  });
  document.addEventListener('sekisho:swapped', start);
  start();
}
