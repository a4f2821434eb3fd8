// A form with data-auto is sent by itself once it is on the page: opening a mail marks it as read. Without scripts its
// button does.
function send() {
  for (const form of document.querySelectorAll('form[data-auto]')) {
    form.removeAttribute('data-auto');
    form.requestSubmit();
  }
}
document.addEventListener('sekisho:swapped', send);
send();
