// Fragment swaps: a link or form with data-swap is fetched with the header Sekisho-Fragment, and the elements of the
// answer take the place of those with the same id. The page works without this file.
//   data-swap          also changes address, title and focus, as a visit to the page would
//   data-swap="part"   changes only the elements
//   data-append        on an element of the answer: its children are added to the one on the page
//   data-events="URL"  a stream of fragments (server-sent events)
const html = window.trustedTypes
  ? trustedTypes.createPolicy('sekisho', { createHTML: (text) => text })
  : { createHTML: (text) => text };
const PATIENCE = 15000;
const HIDDEN = 300000;
const meta = (name) => document.querySelector(`meta[name=${name}]`)?.content || '';
const parse = (text) => new DOMParser().parseFromString(html.createHTML(text), 'text/html');
let visit = null;

function attributes(old, fresh) {
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
}

// What somebody is typing stays; after a success the other fields show what the server has.
function field(old, fresh, done) {
  if (old.type === 'password' || old.type === 'file') { if (done) old.value = ''; return; }
  if (!done || old === document.activeElement) return;
  if (old.type === 'checkbox' || old.type === 'radio') old.checked = fresh.checked;
  else if (old.value !== fresh.value) old.value = fresh.value;
}

// Makes old equal to fresh and keeps every element that is in both, so that focus, caret and scroll stay.
function morph(old, fresh, done) {
  if (old.nodeType !== 1) {
    if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
    return;
  }
  attributes(old, fresh);
  children(old, fresh, done);
  if (old.matches('input,select,textarea')) field(old, fresh, done);
}

function children(old, fresh, done) {
  const kept = new Map();
  const wanted = new Set([...fresh.children].map((child) => child.id));
  for (const child of [...old.children]) {
    if (!child.id) continue;
    if (wanted.has(child.id)) kept.set(child.id, child);
    else child.remove();
  }
  let at = old.firstChild;
  for (const node of [...fresh.childNodes]) {
    const same = node.id && kept.get(node.id);
    while (same && at && at !== same && !at.id) {
      const next = at.nextSibling;
      at.remove();
      at = next;
    }
    if (same && same.nodeName === node.nodeName) {
      if (same === at) at = at.nextSibling;
      else old.insertBefore(same, at);
      morph(same, node, done);
    } else if (at && !at.id && !node.id && at.nodeName === node.nodeName) {
      const next = at.nextSibling;
      morph(at, node, done);
      at = next;
    } else {
      old.insertBefore(node, at);
    }
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

// Puts the elements of an answer in their places; true when the page's main part was among them.
export function apply(text, done = true) {
  const fresh = parse(text);
  let main = false;
  for (const element of [...fresh.body.children]) {
    const old = element.id && document.getElementById(element.id);
    if (!old) continue;
    main ||= element.id === 'main';
    if (element.hasAttribute('data-append')) old.append(...element.childNodes);
    else if (element.nodeName === old.nodeName) morph(old, element, done);
    else old.replaceWith(element);
  }
  if (main && fresh.title) document.title = fresh.title;
  document.dispatchEvent(new CustomEvent('sekisho:swapped', { detail: { main } }));
  return main;
}

function complain(words) {
  const notice = document.getElementById('notice');
  if (!notice) return;
  const banner = document.createElement('div');
  banner.className = 'banner ng';
  banner.setAttribute('role', 'alert');
  const strong = document.createElement('strong');
  strong.textContent = words;
  banner.append(strong);
  notice.replaceChildren(banner);
}

// Fetches and applies. Errors show their own fragment, or a notice when nothing came.
export async function load(url, options = {}, { part = false, push = true, source = null } = {}) {
  const control = new AbortController();
  const get = !options.method || options.method === 'GET';
  if (get && !part) { visit?.abort(); visit = control; }
  const timer = setTimeout(() => control.abort('slow'), PATIENCE);
  source?.setAttribute('aria-busy', 'true');
  try {
    const answer = await fetch(url, {
      ...options,
      headers: { 'Sekisho-Fragment': 'true', 'X-CSRF': meta('csrf'), ...options.headers },
      credentials: 'same-origin',
      signal: control.signal,
    });
    const elsewhere = answer.headers.get('Sekisho-Location');
    if (elsewhere) { location.assign(elsewhere); return null; }
    if (!(answer.headers.get('Content-Type') || '').startsWith('text/html')) { location.assign(url); return null; }
    const text = await answer.text();
    document.getElementById('notice')?.replaceChildren();
    const before = location.pathname;
    const main = apply(text, answer.ok);
    if (answer.ok) source?.closest('dialog')?.close();
    if (main && !part) settle(answer, push, before);
    else if (!answer.ok) focusError();
    return answer;
  } catch (error) {
    if (control.signal.reason === 'slow') complain(meta('slow'));
    else if (error.name !== 'AbortError') complain(meta('offline'));
    return null;
  } finally {
    clearTimeout(timer);
    source?.removeAttribute('aria-busy');
  }
}

function focusError() {
  const place = document.querySelector('main [role=alert][tabindex], main [aria-invalid=true], main [role=alert]');
  place?.focus();
  place?.scrollIntoView({ block: 'nearest' });
}

// After a visit: address, focus, scroll.
function settle(answer, push, before) {
  if (!answer.ok) { focusError(); return; }
  const url = new URL(answer.url);
  if (push && url.href !== location.href) history.pushState({ swap: true }, '', url);
  if (url.pathname !== before) {
    document.getElementById('main').focus({ preventScroll: true });
    if (push) scrollTo(0, 0);
  }
}

const ours = (url) => new URL(url, location.href).origin === location.origin;

document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[data-swap]');
  if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if (!ours(link.href) || link.target) return;
  event.preventDefault();
  load(link.href, {}, { part: link.dataset.swap === 'part', source: link });
});

document.addEventListener('submit', (event) => {
  const form = event.target.closest('form[data-swap]');
  if (!form || event.defaultPrevented) return;
  const button = event.submitter;
  const action = button?.getAttribute('formaction') || form.getAttribute('action') || location.href;
  if (!ours(action)) return;
  event.preventDefault();
  if (form.getAttribute('aria-busy')) return;
  const data = new FormData(form, button);
  const options = { part: form.dataset.swap === 'part', source: form };
  if (form.method === 'get') {
    const url = new URL(action, location.href);
    url.search = new URLSearchParams(data);
    load(url, {}, options);
  } else {
    load(action, { method: 'POST', body: form.enctype === 'multipart/form-data' ? data : new URLSearchParams(data) }, options);
  }
});

addEventListener('popstate', () => load(location.href, {}, { push: false }));
history.replaceState({ swap: true }, '');

// One stream a page, another when the page shows something else; closed while the page has been out of sight for five
// minutes, and resumed where it ended.
let open = null;
function close() {
  open?.stream.close();
  open = null;
}
function listen() {
  const place = document.querySelector('[data-events]');
  const asked = place?.dataset.events;
  if (open?.asked === asked) return;
  close();
  if (!place) return;
  const url = new URL(asked, location.href);
  if (!ours(url)) return;
  if (place.heard === asked) url.searchParams.set('after', place.last);
  const stream = new EventSource(url);
  open = { asked, stream };
  stream.onmessage = (event) => {
    [place.heard, place.last] = [asked, event.lastEventId];
    apply(event.data, false);
  };
}
let away = 0;
document.addEventListener('visibilitychange', () => {
  clearTimeout(away);
  if (!document.hidden) listen();
  else away = setTimeout(close, HIDDEN);
});
document.addEventListener('sekisho:swapped', listen);
listen();
