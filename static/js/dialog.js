// Dialogs: a link or button with data-dialog="ID" opens <dialog id="ID"> in place of the page that its href names;
// data-close inside closes it. The browser holds the focus and gives it back.
document.addEventListener('click', (event) => {
  const opener = event.target.closest('[data-dialog]');
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog) {
    event.preventDefault();
    dialog.showModal();
    return;
  }
  const closer = event.target.closest('dialog [data-close]');
  if (closer) {
    event.preventDefault();
    closer.closest('dialog').close();
  }
});
