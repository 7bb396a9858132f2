// @ts-check
// Starts the page: sidebar, the view that the address names, keys.

import { onKeyNeeded } from './api.js';
import { assistantOf, choose, refreshAssistants } from './assistants/current.js';
import { chats } from './chat/chats.js';
import { ChatView } from './chat/chat-view.js';
import { TopBar } from './shell/top-bar.js';
import { h, icon } from './dom.js';
import { takeDroppedFiles } from './import/drop.js';
import { t } from './i18n/i18n.js';
import { connect, refreshLearning } from './live.js';
import { followWork } from './notices/notices.js';
import { History } from './shell/history.js';
import { askForKey } from './shell/key.js';
import { keepForOffline } from './shell/offline.js';
import { Sidebar } from './shell/sidebar.js';
import { store } from './store.js';

/** @typedef {import('./chat/chat.js').Chat} Chat */

/** The views beside the chat. Their modules come after the chat stands: on a slow line it is there a second sooner. */
const VIEWS = {
  '#/assistants': { place: /** @type {const} */ ('assistants'), load: async () => (await import('./assistants/assistants-view.js')).AssistantsView },
  '#/compare': { place: /** @type {const} */ ('compare'), load: async () => (await import('./compare/compare-view.js')).CompareView },
  '#/documents': { place: /** @type {const} */ ('documents'), load: async () => (await import('./documents/documents-view.js')).DocumentsView },
  '#/documents/…/rows': { place: /** @type {const} */ ('documents'), load: async () => (await import('./documents/rows/rows-view.js')).RowsView },
  '#/learning': { place: /** @type {const} */ ('learning'), load: async () => (await import('./learning/learning-view.js')).LearningView },
  '#/models': { place: /** @type {const} */ ('models'), load: async () => (await import('./model-manager/models-view.js')).ModelsView },
  '#/server': { place: /** @type {const} */ ('server'), load: async () => (await import('./server/server-view.js')).ServerView },
};

const TEMPORARY = '#/temporary';

onKeyNeeded(askForKey);
takeDroppedFiles(async (files) => {
  if (!document.dispatchEvent(new CustomEvent('files', { detail: files, cancelable: true }))) return; // documents: a view has taken them
  const { importFile } = await import('./import/import-dialog.js');
  for (const file of files) await importFile({ file });
});
const root = /** @type {HTMLElement} */ (document.getElementById('app'));
const history = new History();
/** @type {Chat | null} */
let chat = null;
let shell = mountShell();
let view = mountView();

void connect();
void refreshAssistants();
followWork(new AbortController().signal);
void history.reload();
for (const { load } of Object.values(VIEWS)) load().catch(() => {}); // whoever goes there is told
keepForOffline();
chats.addEventListener('settled', () => void history.reload());
addEventListener('hashchange', () => { // comes for each change of the address, also when that is another by now: a temporary chat was left
  chats.endTemporary();
  view.leave();
  view = mountView();
});
document.addEventListener('languagechange', () => {
  view.leave();
  shell.leave();
  shell = mountShell();
  view = mountView();
});
store.addEventListener('assistant', () => { // a chat that has not begun is with that one now
  if (chat?.phase !== 'new' || location.hash.startsWith('#/with/')) return;
  view.leave();
  view = mountView();
});
document.addEventListener('imported', () => {
  chats.retryMissing();
  void history.reload();
  void refreshLearning();
});
document.addEventListener('conversation', (event) => { // said, rated, renamed or deleted: here, in another tab, by another program
  const news = /** @type {CustomEvent<import('./api.js').News>} */ (event).detail;
  history.reloadSoon();
  if (news.change === 'rated') void refreshLearning();
  if (chat && (news.id === chat.id || (news.id === null && news.change === 'deleted'))) chat.told(news);
});
document.addEventListener('keydown', key);
document.addEventListener('visibilitychange', () => { // other tabs and programs go on meanwhile
  if (document.visibilityState !== 'visible') return;
  void history.reload();
  void refreshLearning();
  void chat?.catchUp();
});

function mountShell() {
  const life = new AbortController();
  const main = h('main', { id: 'main', tabindex: -1 });
  const sidebar = new Sidebar(history, life.signal);
  const topBar = new TopBar(sidebar, life.signal);
  root.replaceChildren(
    h('a', { class: 'skip-link', href: '#main', onclick: (/** @type {Event} */ event) => { event.preventDefault(); main.focus(); } }, t('skip')),
    sidebar.element,
    h('div', { class: 'stage' }, topBar.element, main));
  return { main, sidebar, topBar, leave: () => life.abort() };
}

function mountView() {
  const life = new AbortController();
  const other = VIEWS[/** @type {keyof typeof VIEWS} */ (location.hash.replace(/vs_\w+/, '…'))] ?? null; // a collection names itself in the address
  const place = other?.place ?? null;
  const id = /^#\/chat\/([\w-]+)$/.exec(location.hash)?.[1];
  const model = /^#\/with\/([^/]+)$/.exec(location.hash)?.[1]; // a new chat with another model or version
  const asked = model && decodeURIComponent(model);
  const documents = /^#\/documents\/(vs_\w+)$/.exec(location.hash)?.[1]; // a new chat that looks things up there
  if (asked) choose(assistantOf(asked) ?? store.state.assistant);
  chat = other ? null : id ? chats.open(id) : location.hash === TEMPORARY ? chats.temporary() : chats.create(asked);
  if (chat && documents) chat.choose({ ...chat.options, documents: [documents] });
  const chatView = chat && new ChatView(chat, life.signal);
  if (chat) keepCompany(chat, life.signal);

  shell.sidebar.select({ chat: chat?.id ?? null, place: chat?.isTemporary ? 'temporary' : place });
  shell.sidebar.close();
  shell.topBar.show(chat, place, life.signal);
  if (chat && !id && !chat.isTemporary) follow(chat, life.signal);
  if (chatView) show(chatView);
  else {
    other.load().then(
      (View) => { if (!life.signal.aborted) show(new View(life.signal)); }, // else its reader has gone elsewhere meanwhile
      () => shell.main.replaceChildren(h('div', { class: 'notice error', role: 'alert' }, icon('warning'), h('p', {}, t('error.unreachable')))));
  }
  return { leave: () => life.abort() };

  /** @param {{ element: HTMLElement, focus(): void }} content */
  function show(content) {
    shell.main.replaceChildren(content.element);
    if (!matchMedia('(pointer: coarse)').matches || place) content.focus(); // on a phone the cursor would raise the keyboard
  }
}

/** The page is about the assistant of the conversation that is open. @param {Chat} open @param {AbortSignal} signal */
function keepCompany(open, signal) {
  const follow = () => { if (open.phase === 'open') choose(open.assistant); };
  open.addEventListener('messages', follow, { signal });
  follow();
}

/**
 * Gives a new conversation its address and its place in the list when it begins, unless its reader has just gone elsewhere.
 * @param {Chat} chat
 * @param {AbortSignal} signal
 */
function follow(chat, signal) {
  const address = location.hash;
  chat.addEventListener('messages', () => {
    if (chat.phase !== 'open' || location.hash !== address) return;
    window.history.replaceState(null, '', `#/chat/${chat.id}`);
    history.begin(chat.id, chat.title ?? '');
  }, { signal });
}

async function openPalette() {
  const [{ Palette }, { commands }] = await Promise.all([import('./palette/palette.js'), import('./palette/commands.js')]);
  await new Palette(commands(chat, () => {
    shell.topBar.openSidebar();
    shell.sidebar.history.focusSearch();
  })).open();
}

/** @param {KeyboardEvent} event */
function key(event) {
  if (event.defaultPrevented || document.querySelector('dialog[open], :popover-open')) return; // their keys come first
  if (event.key === 'Escape') {
    if (shell.sidebar.isOpen) shell.sidebar.close();
    else chat?.stop();
  } else if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === 'k') {
    void openPalette();
    event.preventDefault();
  } else if (event.altKey && event.shiftKey && (event.code === 'KeyN' || event.code === 'KeyL')) {
    location.hash = event.code === 'KeyN' ? '#/' : '#/learning';
    event.preventDefault();
  }
}
