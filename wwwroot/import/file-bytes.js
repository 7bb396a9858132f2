// @ts-check
// A file as the API takes it: its bytes as they are. Whoever decodes them must see them: only so is an encoding detected.

/** @param {File} file @returns {Promise<string>} Base64 */
export async function toBase64(file) {
  const reader = new FileReader();
  const read = new Promise((resolve, reject) => {
    reader.onload = resolve;
    reader.onerror = () => reject(reader.error);
  });
  reader.readAsDataURL(file);
  await read;
  const address = /** @type {string} */ (reader.result);
  return address.slice(address.indexOf(',') + 1);
}

/** A model is too large to be sent, and has its own place. @param {File} file */
export async function isModel(file) {
  return await file.slice(0, 4).text() === 'GGUF';
}
