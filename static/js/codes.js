// Codes that are shown once: buttons that print and copy them, which stand there only when scripts run.
function show() {
  for (const button of document.querySelectorAll('button[data-print],button[data-copy]')) button.hidden = false;
}
document.addEventListener('click', async event => {
  const button = event.target.closest?.('button[data-print],button[data-copy]');
  if (!button) return;
  if ('print' in button.dataset) return print();
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).innerText);
  button.textContent = button.dataset.done;
});
document.addEventListener('sekisho:swapped', show);
show();
