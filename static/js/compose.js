// Writing a mail: saved three seconds after the last change and on leaving, by version, so that a second window is
// told and nothing is lost. The form works without this file.
import { apply, rename } from './swap.js';
import { recipients } from './recipients.js';
import { uploads } from './upload.js';

const PAUSE = 3000;
const AGAIN = 15000;
// what may leave with a page that closes
const SMALL = 60000;
let form = null;
let timer = 0;
let dirty = false;
let stale = false;
let busy = null;

const id = () => form.elements.draft.value;

function say(words) {
  const saved = document.getElementById('saved');
  if (saved && !form.dataset.conflict) saved.textContent = words;
}

function body(act) {
  const data = new FormData(form);
  data.delete('attachments');
  data.set('do', act);
  return data;
}

async function post(act) {
  const leaving = act === 'leave';
  const small = form.elements.body.value.length * 3 < SMALL;
  const answer = await fetch('/mail/compose', {
    method: 'POST', body: body(act), headers: { 'Sekisho-Fragment': 'true' }, keepalive: leaving && small,
  });
  if (!form.isConnected) return;
  if (answer.status === 409) {
    form.dataset.conflict = '1';
    apply(await answer.text(), false);
    return;
  }
  if (!answer.ok) throw new Error(answer.status);
  apply(await answer.text());
  stale = !leaving;
  rename(`/mail/compose/${id()}`);
}

// Saves what was changed, one save after the other.
async function save(act = 'autosave') {
  clearTimeout(timer);
  if (busy) await busy;
  if (!form || form.dataset.conflict || !(dirty || (stale && act === 'leave'))) return;
  dirty = false;
  say(form.dataset.saving);
  busy = post(act).catch(() => {
    dirty = true;
    say(form.dataset.failed);
    timer = setTimeout(save, AGAIN);
  });
  await busy;
  busy = null;
}

function changed() {
  dirty = true;
  clearTimeout(timer);
  timer = setTimeout(save, PAUSE);
}

// The number of the draft, made if there is none yet.
async function kept() {
  if (!id()) {
    dirty = true;
    await save();
  }
  return id();
}

function submit(event) {
  if (event.defaultPrevented) return;
  if (busy) {
    event.preventDefault();
    const button = event.submitter;
    busy.then(() => form.requestSubmit(button));
    return;
  }
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = '1';
  clearTimeout(timer);
  dirty = stale = false;
}

function begin() {
  const found = document.getElementById('compose');
  if (form && !form.isConnected) {
    if (dirty || stale) save('leave');
    form = null;
  }
  if (!found || found === form) return;
  form = found;
  dirty = stale = false;
  form.addEventListener('input', (event) => { if (event.target.type !== 'file') changed(); });
  form.addEventListener('submit', submit);
  recipients(form, changed);
  uploads(form, kept, () => { stale = true; });
}

addEventListener('keydown', (event) => {
  if (!form?.isConnected || event.isComposing || !(event.ctrlKey || event.metaKey)) return;
  if (event.key === 's') {
    event.preventDefault();
    dirty = true;
    save('leave');
  } else if (event.key === 'Enter') {
    event.preventDefault();
    document.getElementById('go')?.click();
  }
});
const leave = () => { if (document.hidden && form?.isConnected && !form.dataset.sent) save('leave'); };
document.addEventListener('visibilitychange', leave);
addEventListener('pagehide', leave);
addEventListener('pageshow', () => { if (form) delete form.dataset.sent; });
document.addEventListener('sekisho:swapped', begin);
begin();
