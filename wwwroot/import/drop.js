// @ts-check
// A file that is dropped anywhere, or pasted, is taken for import. Without this the browser would show it in the page's place.

import { h, icon } from '../dom.js';
import { t } from '../i18n/i18n.js';

/** @param {(files: File[]) => Promise<void>} take */
export function takeDroppedFiles(take) {
  const curtain = h('div', { class: 'drop-curtain', hidden: true, 'aria-hidden': 'true' });
  document.body.append(curtain);

  document.addEventListener('dragenter', (event) => { if (isOfFiles(event)) reveal(true); });
  document.addEventListener('dragover', (event) => {
    if (!isOfFiles(event)) return;
    event.preventDefault(); // also over a dialog: the page must stay
    if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy';
  });
  document.addEventListener('dragleave', (event) => { if (event.relatedTarget === null) reveal(false); });
  document.addEventListener('drop', (event) => {
    if (!isOfFiles(event)) return;
    event.preventDefault();
    reveal(false);
    receive([...event.dataTransfer?.files ?? []]);
  });
  document.addEventListener('paste', (event) => {
    const files = [...event.clipboardData?.files ?? []];
    if (files.length === 0) return; // text goes where the cursor is
    event.preventDefault();
    receive(files);
  });

  /** @param {boolean} isShown */
  function reveal(isShown) {
    if (isShown) curtain.replaceChildren(h('p', {}, icon('upload'), t('drop')));
    curtain.hidden = !isShown || document.querySelector('dialog[open]') !== null;
  }

  /** An open dialog that wants a file takes it; any other is not to be disturbed. @param {File[]} files */
  function receive(files) {
    const dialog = document.querySelector('dialog[open]');
    const field = dialog?.querySelector('input[type="file"]');
    if (!dialog) void take(files);
    else if (field instanceof HTMLInputElement && files.length > 0) {
      const taken = new DataTransfer();
      taken.items.add(files[0]);
      field.files = taken.files;
      field.dispatchEvent(new Event('change'));
    }
  }
}

/** @param {DragEvent} event */
const isOfFiles = (event) => event.dataTransfer?.types.includes('Files') ?? false;
