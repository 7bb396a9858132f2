// @ts-check

import { assistantOf } from '../assistants/current.js';
import { Chat } from './chat.js';
import { newId } from './ids.js';

/** The conversations of this visit, so that one which is still writing goes on while another is shown. Event `settled`: a reply of any of them ended. */
class Chats extends EventTarget {
  /** @type {Map<string, Chat>} */
  #open = new Map();
  /** @type {Chat | null} */
  #temporary = null;

  /** A conversation that the server does not know yet. @param {string} [model] another than the version in service */
  create(model) {
    const chat = this.#add(new Chat(newId()));
    if (model) {
      chat.options.model = model;
      chat.assistant = assistantOf(model) ?? chat.assistant;
    }
    return chat;
  }

  /** The temporary conversation, as long as it is not left. */
  temporary() {
    return this.#temporary ??= new Chat(newId(), true);
  }

  endTemporary() {
    this.#temporary?.stop();
    this.#temporary = null;
  }

  /** @param {string} id */
  open(id) {
    const known = this.#open.get(id);
    if (known && known.phase !== 'unreachable') {
      void known.catchUp();
      return known;
    }
    const chat = this.#add(new Chat(id));
    void chat.load();
    return chat;
  }

  /** Looks again for those that were not there. */
  retryMissing() {
    for (const chat of this.#open.values()) if (chat.phase === 'missing') void chat.load();
  }

  /** Those that were looked at. */
  get ids() {
    return [...this.#open.keys()];
  }

  /** @param {string} id @param {string} title */
  rename(id, title) {
    this.#open.get(id)?.rename(title);
  }

  /** @param {string} id */
  forget(id) {
    this.#open.get(id)?.stop();
    this.#open.delete(id);
  }

  /** @param {Chat} chat */
  #add(chat) {
    this.#open.set(chat.id, chat);
    chat.addEventListener('settled', () => this.dispatchEvent(new Event('settled')));
    return chat;
  }
}

export const chats = new Chats();
