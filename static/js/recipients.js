// Recipients as chips: the form's own field holds the text, an input takes what is typed, the server says who is who.
import { load } from './swap.js';

const WAIT = 150;
const join = (...texts) => texts.map((text) => text.trim().replace(/[,;、\s]+$/, '')).filter(Boolean).join(', ');

export function recipients(form, changed) {
  const all = [...form.querySelectorAll('.recipients')].map((line) => box(line, () => mark(form, all), changed));
}

// Asks the server for the chips of all fields.
let round = 0;
async function mark(form, all) {
  const mine = ++round;
  const body = new URLSearchParams(all.map((one) => [one.name, one.base]));
  const answer = await load('/mail/compose/recipients', { method: 'POST', body }, { part: true });
  if (answer?.ok && mine === round) all.forEach((one) => one.read());
}

function box(line, ask, changed) {
  const name = line.dataset.field;
  const field = line.querySelector('textarea');
  const chips = () => line.querySelector('.chips');
  const list = () => line.querySelector('.suggest');
  const input = document.createElement('input');
  Object.assign(input, { id: `${name}-new`, type: 'text', autocomplete: 'off', spellcheck: false });
  input.setAttribute('role', 'combobox');
  input.setAttribute('aria-autocomplete', 'list');
  input.setAttribute('aria-controls', `suggest-${name}`);
  input.setAttribute('aria-expanded', 'false');
  for (const it of ['aria-describedby', 'aria-invalid']) if (field.hasAttribute(it)) input.setAttribute(it, field.getAttribute(it));
  field.hidden = true;
  field.after(input);
  line.querySelector('label').htmlFor = input.id;
  const self = { name, base: field.value, read };
  let timer = 0;
  let at = -1;

  function read() {
    self.base = join(...[...chips().children].map((chip) => chip.dataset.typed));
    write();
  }
  function write() {
    field.value = join(self.base, input.value);
  }
  function commit(text = input.value) {
    close();
    if (!text.trim()) return;
    self.base = join(self.base, text);
    input.value = '';
    write();
    changed();
    ask();
  }
  function drop(chip) {
    chip.remove();
    read();
    changed();
    ask();
  }
  function close() {
    clearTimeout(timer);
    list().hidden = true;
    at = -1;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  }
  async function suggest() {
    const query = input.value.trim();
    if (!query) { close(); return; }
    await load(`/mail/suggest?${new URLSearchParams({ field: name, q: query })}`, {}, { part: true });
    if (input.value.trim() !== query || document.activeElement !== input) close();
    else input.setAttribute('aria-expanded', String(!list().hidden));
  }
  function move(by) {
    const options = [...list().children];
    if (list().hidden || !options.length) return false;
    at = (at + by + options.length + (at < 0 && by < 0 ? 1 : 0)) % options.length;
    options.forEach((option, i) => option.setAttribute('aria-selected', String(i === at)));
    input.setAttribute('aria-activedescendant', options[at].id);
    return true;
  }

  input.addEventListener('input', (event) => {
    write();
    clearTimeout(timer);
    if (event.isComposing) return;
    if (/[,;、]$/.test(input.value)) commit();
    else timer = setTimeout(suggest, WAIT);
  });
  input.addEventListener('compositionend', () => { timer = setTimeout(suggest, WAIT); });
  input.addEventListener('paste', (event) => {
    const text = event.clipboardData.getData('text');
    if (!/[\r\n]/.test(text.trim())) return;
    event.preventDefault();
    commit(join(input.value, text.replace(/[\r\n]+/g, ', ')));
  });
  input.addEventListener('keydown', (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    const chosen = at >= 0 && !list().hidden ? list().children[at] : null;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') { if (move(event.key === 'ArrowDown' ? 1 : -1)) event.preventDefault(); }
    else if (event.key === 'Enter') { event.preventDefault(); commit(chosen?.dataset.typed); }
    else if (event.key === 'Tab' && chosen) commit(chosen.dataset.typed);
    else if (event.key === 'Escape') close();
    else if (event.key === 'Backspace' && !input.value && chips().lastElementChild) drop(chips().lastElementChild);
  });
  input.addEventListener('blur', () => commit());
  line.addEventListener('mousedown', (event) => {
    const option = event.target.closest('[role=option]');
    if (!option) return;
    event.preventDefault();
    commit(option.dataset.typed);
  });
  line.addEventListener('click', (event) => {
    const chip = event.target.closest('.chip');
    if (chip && event.target.closest('button')) { drop(chip); input.focus(); }
    else if (event.target.classList.contains('box')) input.focus();
  });
  return self;
}
