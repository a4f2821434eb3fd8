// Selecting mails: the box above takes all of the page, shift takes a range, x and j/k work without the pointer.
const boxes = () => [...document.querySelectorAll('#rows input[type=checkbox]')];
let last = null;

function all() { return document.querySelector('[data-select-all]'); }
function show() {
  const box = all();
  if (!box) return;
  const list = boxes();
  const on = list.filter((one) => one.checked).length;
  box.checked = on > 0 && on === list.length;
  box.indeterminate = on > 0 && on < list.length;
}

document.addEventListener('change', (event) => {
  if (event.target.matches('[data-select-all]')) boxes().forEach((box) => { box.checked = event.target.checked; });
  show();
});

document.addEventListener('click', (event) => {
  const box = event.target.closest?.('#rows input[type=checkbox]');
  if (!box) return;
  const list = boxes();
  if (event.shiftKey && last && list.includes(last)) {
    const [from, to] = [list.indexOf(last), list.indexOf(box)].sort((a, b) => a - b);
    list.slice(from, to + 1).forEach((one) => { one.checked = box.checked; });
    show();
  }
  last = box;
});

// After an act nothing is selected any more.
document.addEventListener('sekisho:swapped', (event) => {
  if (event.detail.main) boxes().forEach((box) => { box.checked = false; });
  show();
});

function move(step) {
  const rows = [...document.querySelectorAll('#rows .row > a')];
  const at = rows.indexOf(document.activeElement?.closest?.('.row')?.querySelector(':scope > a'));
  (rows[at + step] || rows[at < 0 ? 0 : at])?.focus();
}

document.addEventListener('keydown', (event) => {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!document.body.hasAttribute('data-keys') || !document.getElementById('rows')) return;
  if (event.target.matches('input:not([type=checkbox]),textarea,select') || document.querySelector('dialog[open]')) return;
  const row = document.activeElement?.closest?.('.row');
  if (event.key === 'j') move(1);
  else if (event.key === 'k') move(-1);
  else if (event.key === 'x' && row) row.querySelector('input').click();
  else if (event.key === 's' && row) row.querySelector('.star').click();
  else return;
  event.preventDefault();
});

show();
