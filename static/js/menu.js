// Menus: <div class="menu"><button data-menu aria-haspopup="menu" aria-expanded="false">…</button><div role="menu" hidden>.
// Arrow keys move (roving tabindex), Escape and a click elsewhere close.
const items = (menu) => [...menu.querySelectorAll('[role=menuitem]')];

function open(button, on) {
  const menu = button.parentElement.querySelector('[role=menu]');
  button.setAttribute('aria-expanded', String(on));
  menu.hidden = !on;
  if (!on) return;
  items(menu).forEach((item, at) => { item.tabIndex = at ? -1 : 0; });
  items(menu)[0]?.focus();
}

function closeAll(but) {
  for (const button of document.querySelectorAll('[data-menu][aria-expanded=true]')) if (button !== but) open(button, false);
}

document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-menu]');
  closeAll(button);
  if (button) open(button, button.getAttribute('aria-expanded') !== 'true');
});

document.addEventListener('keydown', (event) => {
  const menu = event.target.closest?.('[role=menu]');
  if (!menu) return;
  const all = items(menu);
  const at = all.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    const next = all[(to + all.length) % all.length];
    all.forEach((item) => { item.tabIndex = item === next ? 0 : -1; });
    next.focus();
  } else if (event.key === 'Escape' || event.key === 'Tab') {
    const button = menu.parentElement.querySelector('[data-menu]');
    open(button, false);
    if (event.key === 'Escape') button.focus();
  }
});
