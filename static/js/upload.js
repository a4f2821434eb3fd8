// Files: one a request, with its progress; chosen or dropped onto the form; taken away again.
import { apply, load } from './swap.js';

const csrf = () => document.querySelector('meta[name=csrf]').content;

export function uploads(form, kept, changed) {
  const field = form.querySelector('input[type=file]');
  let queue = Promise.resolve();

  function line(file) {
    const item = document.createElement('li');
    const name = document.createElement('span');
    const bar = document.createElement('progress');
    name.textContent = file.name;
    bar.setAttribute('aria-label', file.name);
    bar.max = 1;
    bar.value = 0;
    item.append(name, bar);
    form.querySelector('#uploads').append(item);
    return { item, bar };
  }

  function failed(item, file) {
    item.className = 'error-text';
    item.setAttribute('role', 'alert');
    item.textContent = form.dataset.unkept + file.name;
  }

  function send(draft, file, bar) {
    const data = new FormData();
    data.append('csrf', csrf());
    data.append('attachments', file);
    return new Promise((done) => {
      const request = new XMLHttpRequest();
      request.open('POST', `/mail/compose/${draft}/files`);
      request.setRequestHeader('Sekisho-Fragment', 'true');
      request.upload.onprogress = (event) => { if (event.lengthComputable) bar.value = event.loaded / event.total; };
      request.onloadend = () => done(request);
      request.send(data);
    });
  }

  async function one(file, { item, bar }) {
    const draft = await kept();
    const answer = draft ? await send(draft, file, bar) : { status: 0 };
    if (answer.status !== 200) { failed(item, file); return; }
    item.remove();
    apply(answer.responseText);
    changed();
  }

  function take(files) {
    for (const file of files) {
      const shown = line(file);
      queue = queue.then(() => one(file, shown));
    }
  }

  field.addEventListener('change', () => { take([...field.files]); field.value = ''; });
  const carries = (event) => event.dataTransfer?.types.includes('Files');
  form.addEventListener('dragover', (event) => { if (carries(event)) { event.preventDefault(); form.classList.add('over'); } });
  form.addEventListener('dragleave', (event) => { if (!form.contains(event.relatedTarget)) form.classList.remove('over'); });
  form.addEventListener('drop', (event) => {
    form.classList.remove('over');
    if (!carries(event)) return;
    event.preventDefault();
    take([...event.dataTransfer.files]);
  });
  form.addEventListener('click', async (event) => {
    const file = event.target.closest('button[value^="detach:"]')?.value.slice(7);
    if (!file) return;
    event.preventDefault();
    await load(`/mail/compose/${form.elements.draft.value}/files/${file}/remove`, { method: 'POST', body: new URLSearchParams({ csrf: csrf() }) }, { part: true });
    changed();
  });
}
