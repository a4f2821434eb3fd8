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
// HTTP/1.1 gives a browser six connections for all its tabs: there a page out of sight gives its stream back at once
const HIDDEN = performance.getEntriesByType('navigation')[0]?.nextHopProtocol === 'h2' ? 300000 : 1000;
const AGAIN = 30000;
// how many times more rows are fetched again on the way back
const ROUNDS = 10;
const meta = (name) => document.querySelector(`meta[name=${name}]`)?.content || '';
const parse = (text) => new DOMParser().parseFromString(html.createHTML(text), 'text/html');
let visit = null;
let round = 0;
// the page that is shown, without the place in it
const page = () => location.pathname + location.search;
let shown = page();

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
export function apply(text, done = true, whole = true) {
  const fresh = parse(text);
  let main = false;
  for (const element of [...fresh.body.children]) {
    if (!whole && ['main', 'side'].includes(element.id)) continue;
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

function complain(words, again) {
  const notice = document.getElementById('notice');
  if (!notice) return;
  const banner = document.createElement('div');
  banner.className = 'banner ng';
  banner.setAttribute('role', 'alert');
  const strong = document.createElement('strong');
  strong.textContent = words;
  banner.append(strong);
  if (again) {
    const link = document.createElement('a');
    link.href = again;
    link.textContent = meta('again');
    banner.append(link);
  }
  notice.replaceChildren(banner);
}

// Fetches and applies. Errors show their own fragment, or a notice when nothing came. Of two visits under way the newer
// one has the page: an older one to read is given up, what an older one to change said is only told beside it.
export async function load(url, options = {}, { part = false, push = true, source = null } = {}) {
  const control = new AbortController();
  const get = !options.method || options.method === 'GET';
  const mine = part ? round : ++round;
  if (!part) { visit?.abort(); visit = get ? control : null; }
  if (!part && push) remember(source);
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
    // rows of a list that is not shown any more
    if (part && get && mine !== round) return null;
    document.getElementById('notice')?.replaceChildren();
    const main = apply(text, answer.ok, mine === round);
    if (answer.ok) source?.closest('dialog')?.close();
    if (main && !part) settle(answer, push && (get || answer.redirected));
    else if (!answer.ok) focusError();
    return answer;
  } catch (error) {
    const slow = control.signal.reason === 'slow';
    if (slow || !control.signal.aborted) complain(meta(slow ? 'slow' : 'offline'), get && !part && url);
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
function settle(answer, push) {
  if (!answer.ok) { focusError(); return; }
  const url = new URL(answer.url);
  const before = shown;
  if (push && url.href !== location.href) history.pushState({ swap: true }, '', url);
  shown = page();
  if (before.split('?')[0] !== url.pathname) document.getElementById('main').focus({ preventScroll: true });
  if (push && before !== shown) scrollTo(0, 0);
}

// The page that is shown has another address from now on.
export function rename(url) {
  history.replaceState(history.state, '', url);
  shown = page();
}

// The way back: each entry of the history knows how far its page was scrolled, which rows were fetched after it came,
// and the row that was opened.
const keep = (more) => history.replaceState({ swap: true, ...history.state, ...more }, '');
const place = () => ({ top: Math.round(scrollY) });
function remember(source) { keep({ ...place(), at: source?.closest('[id]')?.id }); }
let restoring = 0;
async function restore() {
  const { top = 0, more = [], at } = history.state || {};
  const here = shown;
  restoring += 1;
  for (const url of more) await load(url, {}, { part: true });
  restoring -= 1;
  if (shown !== here || page() !== here) return;
  scrollTo(0, top);
  // who goes on at once must not find the place that the page had while its rows were still coming
  keep({ top });
  document.getElementById(at)?.querySelector('a')?.focus({ preventScroll: true });
}

const ours = (url) => new URL(url, location.href).origin === location.origin;

document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[data-swap]');
  if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  if (!ours(link.href) || link.target) return;
  event.preventDefault();
  const { href } = link;
  const part = link.dataset.swap === 'part';
  const { more = [] } = history.state || {};
  load(href, {}, { part, source: link }).then((answer) => {
    if (part && answer?.ok && more.length < ROUNDS) keep({ more: [...more, href] });
  });
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

addEventListener('popstate', async () => {
  // only the place in the page is another: a link to a field, or to the main part
  if (!history.state) return;
  // back before the other page had come
  if (page() === shown) { visit?.abort(); round += 1; return; }
  const answer = await load(location.href, {}, { push: false });
  if (answer?.ok && page() === shown) restore();
});
history.scrollRestoration = 'manual';
let settled = 0;
addEventListener('scroll', () => {
  clearTimeout(settled);
  settled = setTimeout(() => { if (page() === shown && !restoring) keep(place()); }, 200);
}, { passive: true });
addEventListener('pagehide', () => keep(place()));
if (history.state?.swap) restore();
else keep({});

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
  // refused (too many streams, the server restarts): the browser does not try again by itself
  stream.onerror = () => {
    if (stream.readyState !== EventSource.CLOSED || open?.stream !== stream) return;
    close();
    setTimeout(() => { if (!open && !document.hidden) listen(); }, AGAIN);
  };
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
