// Runs before the first paint, so that a chosen theme does not flash; the rest of the settings is in preferences.js.
(() => {
  try {
    const theme = localStorage.getItem('theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  } catch {
    // Storage is switched off in this browser: the system's theme it is.
  }
})();
