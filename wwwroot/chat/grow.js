// @ts-check

/**
 * Makes a textarea as high as its text (CSS sets the limit), now and while it changes.
 * @param {HTMLTextAreaElement} area
 */
export function growToContent(area) {
  const fit = () => {
    area.style.height = 'auto';
    area.style.height = `${area.scrollHeight + area.offsetHeight - area.clientHeight}px`;
  };
  area.addEventListener('input', fit);
  requestAnimationFrame(fit);
  return fit;
}
