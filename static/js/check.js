// The check before sending: its button waits until everything is ticked, and sends once. The server asks for the same.
let known = null;

function begin() {
  const form = document.getElementById('check');
  const button = document.getElementById('send');
  if (!form || !button || form === known) return;
  known = form;
  const boxes = [...form.querySelectorAll('input[name=ok]')];
  const look = () => { button.disabled = boxes.some((box) => !box.checked); };
  form.addEventListener('change', look);
  form.addEventListener('submit', (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = '1';
    button.setAttribute('aria-busy', 'true');
  });
  addEventListener('pageshow', () => { delete form.dataset.sent; button.removeAttribute('aria-busy'); look(); });
  look();
}
document.addEventListener('sekisho:swapped', begin);
begin();
