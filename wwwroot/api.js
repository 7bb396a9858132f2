// @ts-check
// Every request that the page makes, but for the reply's stream (chat/completion.js) and the event stream (live.js).

import { apiKey } from './preferences.js';

/**
 * What the server answers, by the page's names for it. api-types.d.ts is made from the server's OpenAPI document (CONTRIBUTING.md).
 * @typedef {import('./api-types.d.ts').RatingSummary} Rating
 * @typedef {import('./api-types.d.ts').ConversationMessage & { tool_calls?: import('./tools/calls.js').Part[] | null, tool_call_id?: string | null }} StoredMessage
 * @typedef {Omit<import('./api-types.d.ts').Conversation, 'messages' | 'other_messages'> & { messages: StoredMessage[], other_messages: StoredMessage[] }} StoredConversation
 * @typedef {{ id: string | null, change: 'answered' | 'rated' | 'changed' | 'deleted' | 'imported', completion_id?: string | null }} News the event conversation.changed
 * @typedef {import('./api-types.d.ts').Preset} Preset
 * @typedef {import('./api-types.d.ts').Prompt} Prompt
 * @typedef {import('./api-types.d.ts').ConversationImportReport} ChatImport
 * @typedef {import('./api-types.d.ts').RunProgress} Progress
 * @typedef {import('./api-types.d.ts').ReasonCode} ReasonCode
 * @typedef {import('./api-types.d.ts').GateVerdict} Gate
 * @typedef {import('./api-types.d.ts').CurvePoint} CurvePoint
 * @typedef {import('./api-types.d.ts').Run} Run
 * @typedef {import('./api-types.d.ts').TrainingState} Training
 * @typedef {import('./api-types.d.ts').ExampleMessage} ExampleMessage
 * @typedef {import('./api-types.d.ts').DatasetItem} Example
 * @typedef {import('./api-types.d.ts').ImportSummary} Import
 * @typedef {import('./api-types.d.ts').ImportReport} ImportReport
 * @typedef {import('./api-types.d.ts').SynthesisJob} Synthesis
 * @typedef {import('./api-types.d.ts').SyntheticRow} SyntheticRow
 * @typedef {import('./api-types.d.ts').Preference} Preference
 * @typedef {import('./api-types.d.ts').ApiKey} Key
 * @typedef {import('./api-types.d.ts').CallerAccess} Access
 * @typedef {import('./api-types.d.ts').ModelObject} Model
 * @typedef {import('./api-types.d.ts').AssistantView} Assistant
 * @typedef {import('./api-types.d.ts').ModelView} LocalModel
 * @typedef {import('./api-types.d.ts').LoadedModel} LoadedModel
 * @typedef {import('./api-types.d.ts').LoadOptions} LoadOptions
 * @typedef {import('./api-types.d.ts').MemoryNeed} MemoryNeed
 * @typedef {import('./api-types.d.ts').FoundModel} FoundModel
 * @typedef {import('./api-types.d.ts').OfferedModel} OfferedModel
 * @typedef {import('./api-types.d.ts').PullProgress} Download
 * @typedef {import('./api-types.d.ts').LogLine} LogLine
 * @typedef {import('./api-types.d.ts').Erased} Erased
 * @typedef {import('./api-types.d.ts').ModelVersion} Version
 * @typedef {import('./api-types.d.ts').VersionExample} VersionExample
 * @typedef {import('./api-types.d.ts').ReplySource} ReplySource
 * @typedef {import('./api-types.d.ts').ReplyContext} ReplyContext
 * @typedef {import('./api-types.d.ts').FollowUp} FollowUp
 * @typedef {Omit<import('./api-types.d.ts').ConversationSummary, 'object'>} ConversationSummary
 * @typedef {Rating['rating']} Thumb
 * @typedef {Run['status']} RunStatus
 * @typedef {NonNullable<import('./api-types.d.ts').DatasetChange['status']>} ExampleStatus
 */

/** @template T @typedef {{ data: T[], first_id: string | null, last_id: string | null, has_more: boolean }} Page */

/** @type {(refused: string | null) => Promise<boolean>} */
let askForKey = async () => false;

/** @param {typeof askForKey} ask asks somebody for a key when the server does; says whether there is another one to try */
export function onKeyNeeded(ask) {
  askForKey = ask;
}

/** A request that failed: `status` is 0 when no answer came, `code` is OpenAI's error code where there is one. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string | null} code
   * @param {string} message
   */
  constructor(status, code, message) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
  }
}

/**
 * @param {string} path
 * @param {RequestInit} init
 * @returns {Promise<Response>} an answer with a success status
 */
export async function send(path, init) {
  const key = apiKey.get();
  const response = await request(path, key === null ? init : { ...init, headers: { ...init.headers, Authorization: `Bearer ${key}` } });
  if (response.ok) return response;
  const error = await readError(response);
  if (error.status === 401 && await askForKey(key)) return send(path, init);
  throw error;
}

/**
 * @param {string} path
 * @param {RequestInit} init
 */
async function request(path, init) {
  try {
    return await fetch(path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, 'unreachable', 'No answer from the server.');
  }
}

/** @param {Response} response */
async function readError(response) {
  const body = await response.json().catch(() => null);
  return errorFrom(body?.error, response.status) ?? new ApiError(response.status, null, `${response.status} ${response.statusText}`);
}

/**
 * @param {any} error OpenAI's error object
 * @param {number} status
 */
export function errorFrom(error, status) {
  return typeof error?.message === 'string' ? new ApiError(status, error.code ?? null, error.message) : null;
}

/** Characters of a change that is sent to its end although the page is left: browsers allow 64 KiB. */
const KEPT_ALIVE = 20_000;

/**
 * @param {'GET' | 'POST' | 'PATCH' | 'DELETE'} method
 * @param {string} path
 * @param {{ body?: unknown, signal?: AbortSignal }} [options]
 * @returns {Promise<any>}
 */
async function call(method, path, { body, signal } = {}) {
  // A JSON content type on every change: a form on a foreign site cannot send one.
  const sent = JSON.stringify(body ?? {});
  const init = method === 'GET' ? { signal } : { method, signal, headers: { 'Content-Type': 'application/json' }, body: sent, keepalive: sent.length <= KEPT_ALIVE };
  const response = await send(path, init);
  const text = await response.text();
  return text === '' ? null : JSON.parse(text);
}

const id = encodeURIComponent;

/** The assistant that is always there. */
export const FIRST = 'assistant';

let assistant = FIRST;

/** Whose examples, runs and versions are meant from now on. @param {string} chosen its id */
export function askAbout(chosen) {
  assistant = chosen;
}

/** A path of these, with whose it is. @param {string} path */
export function of(path) {
  return assistant === FIRST ? path : `${path}${path.includes('?') ? '&' : '?'}assistant=${id(assistant)}`;
}

export const api = {
  /** Whether the engine answers: `ok`, or the code of the error that says why not. @returns {Promise<string | null>} */
  health: async () => {
    const response = await fetch('/health');
    return response.ok ? 'ok' : (await response.json().catch(() => null))?.error?.code ?? null;
  },

  /** @param {{ q?: string, tag?: string, pinned?: boolean, archived?: boolean, after?: string, limit?: number, signal?: AbortSignal }} query @returns {Promise<Page<ConversationSummary>>} */
  listConversations: ({ signal, ...filter }) => {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(filter)) if (value !== undefined && value !== '') query.set(name, String(value));
    return call('GET', `/api/conversations?${query}`, { signal });
  },
  /** @param {AbortSignal} [signal] @returns {Promise<Page<import('./api-types.d.ts').ConversationTag>>} */
  listTags: (signal) => call('GET', '/api/conversations/tags', { signal }),
  /** @param {string} conversation @returns {Promise<StoredConversation>} */
  readConversation: (conversation) => call('GET', `/api/conversations/${id(conversation)}`),
  /** @param {string} conversation @param {import('./api-types.d.ts').ConversationChange} change @returns {Promise<ConversationSummary>} */
  changeConversation: (conversation, change) => call('PATCH', `/api/conversations/${id(conversation)}`, { body: change }),
  /** @param {string} conversation @returns {Promise<Erased>} */
  deleteConversation: (conversation) => call('DELETE', `/api/conversations/${id(conversation)}`),
  /** @param {string[] | 'all'} conversations up to 100 @returns {Promise<import('./api-types.d.ts').ErasedConversations>} */
  deleteConversations: (conversations) => call('DELETE', `/api/conversations?${conversations === 'all' ? 'all=true' : conversations.map((one) => `id=${id(one)}`).join('&')}`),

  /** @param {string} conversation @returns {Promise<import('./api-types.d.ts').UsageReport>} */
  readUsage: (conversation) => call('GET', `/api/conversations/${id(conversation)}/usage`),

  /** @param {{ file: string, base64: string }} file @param {boolean} ratings whether its ratings count as this user's @returns {Promise<ChatImport>} */
  importConversations: (file, ratings) => call('POST', of(`/api/conversations/import?ratings=${ratings}`), { body: file }),

  /** @returns {Promise<Page<Preset>>} */
  listPresets: () => call('GET', '/api/presets'),
  /** @param {{ name: string, system: string, request: Record<string, unknown> }} preset @returns {Promise<Preset>} */
  savePreset: (preset) => call('POST', '/api/presets', { body: preset }),
  /** @param {string} preset */
  removePreset: (preset) => call('DELETE', `/api/presets/${id(preset)}`),

  /** @returns {Promise<Page<Prompt>>} */
  listPrompts: () => call('GET', '/api/prompts'),
  /** @param {{ name: string, text: string }} prompt @returns {Promise<Prompt>} */
  savePrompt: (prompt) => call('POST', '/api/prompts', { body: prompt }),
  /** @param {string} prompt */
  removePrompt: (prompt) => call('DELETE', `/api/prompts/${id(prompt)}`),

  /** @param {{ completion_id: string, rating: Thumb | null, correction?: string, comment?: string, reasons?: string[] }} feedback @returns {Promise<import('./api-types.d.ts').StoredRating>} */
  rate: (feedback) => call('POST', '/api/feedback', { body: feedback }),

  /** The newest. @returns {Promise<Page<Preference>>} */
  listPreferences: () => call('GET', of('/api/preferences?limit=100')),

  /** @returns {Promise<Page<Assistant>>} */
  listAssistants: () => call('GET', '/api/assistants'),
  /** @param {import('./api-types.d.ts').AssistantRequest} settings @returns {Promise<Assistant>} */
  createAssistant: (settings) => call('POST', '/api/assistants', { body: settings }),
  /** @param {string} changed its id @param {import('./api-types.d.ts').AssistantRequest} settings @returns {Promise<Assistant>} */
  changeAssistant: (changed, settings) => call('PATCH', `/api/assistants/${id(changed)}`, { body: settings }),
  /** @param {string} whose its id @returns {Promise<import('./api-types.d.ts').UsageReport>} */
  readAssistantUsage: (whose) => call('GET', `/api/assistants/${id(whose)}/usage`),
  /** @param {string} removed its id */
  deleteAssistant: (removed) => call('DELETE', `/api/assistants/${id(removed)}`),
  /** @param {File} file @param {string} name its id; '' as the file says @returns {Promise<Assistant>} */
  importAssistant: async (file, name) => {
    const body = new FormData();
    if (name) body.set('id', name);
    body.set('file', file);
    return (await send('/api/assistants/import', { method: 'POST', body })).json();
  },

  /** @returns {Promise<Page<import('./documents/library.js').Collection>>} */
  listCollections: () => call('GET', '/v1/vector_stores?limit=100'),
  /** @param {string} name @returns {Promise<import('./documents/library.js').Collection>} */
  createCollection: (name) => call('POST', '/v1/vector_stores', { body: { name } }),
  /** @param {string} collection @returns {Promise<import('./documents/library.js').Collection>} */
  readCollection: (collection) => call('GET', `/v1/vector_stores/${id(collection)}`),
  /** The uploaded files stay. @param {string} collection */
  deleteCollection: (collection) => call('DELETE', `/v1/vector_stores/${id(collection)}`),
  /** @param {string} collection @returns {Promise<Page<import('./documents/library.js').CollectionFile>>} */
  listCollectionFiles: (collection) => call('GET', `/v1/vector_stores/${id(collection)}/files?limit=100`),
  /** @param {File} file @returns {Promise<{ id: string }>} */
  uploadDocument: async (file) => {
    const body = new FormData();
    body.set('purpose', 'assistants');
    body.set('file', file);
    return (await send('/v1/files', { method: 'POST', body })).json();
  },
  /** @param {string} collection @param {string} file its id */
  addToCollection: (collection, file) => call('POST', `/v1/vector_stores/${id(collection)}/files`, { body: { file_id: file } }),
  /** Out of every collection. @param {string} file its id */
  deleteDocument: (file) => call('DELETE', `/v1/files/${id(file)}`),
  /** @param {number} passage @returns {Promise<import('./documents/library.js').Passage>} */
  readPassage: (passage) => call('GET', `/api/passages/${passage}`),

  /** @param {string} whose an assistant's id @returns {Promise<Page<import('./tools/toolbox.js').ServerTools>>} */
  listTools: (whose) => call('GET', `/api/tools?assistant=${id(whose)}`),
  /** Runs a call that its reader has allowed. @param {string} whose @param {{ server: string, tool: string, arguments: unknown }} body @param {AbortSignal} signal @returns {Promise<{ content: string, is_error: boolean }>} */
  callTool: (whose, body, signal) => call('POST', `/api/tools/call?assistant=${id(whose)}`, { body, signal }),
  /** @param {string} whose @returns {Promise<Page<import('./tools/toolbox.js').ToolServer>>} */
  listToolServers: (whose) => call('GET', `/api/tools/servers?assistant=${id(whose)}`),
  /** @param {string} whose @param {Record<string, unknown>} server */
  addToolServer: (whose, server) => call('POST', `/api/tools/servers?assistant=${id(whose)}`, { body: server }),
  /** @param {string} whose @param {string} name @param {Record<string, unknown>} change */
  changeToolServer: (whose, name, change) => call('PATCH', `/api/tools/servers/${id(name)}?assistant=${id(whose)}`, { body: change }),
  /** @param {string} whose @param {string} name */
  removeToolServer: (whose, name) => call('DELETE', `/api/tools/servers/${id(name)}?assistant=${id(whose)}`),

  /** @returns {Promise<{ data: Model[] }>} */
  listModels: () => call('GET', '/v1/models'),

  /** Those on this machine. @returns {Promise<Page<LocalModel>>} */
  listLocalModels: () => call('GET', '/api/models'),
  /** @returns {Promise<Page<LoadedModel>>} */
  listLoadedModels: () => call('GET', '/api/models/loaded'),
  /** @param {string} model @param {LoadOptions} options @returns {Promise<MemoryNeed>} */
  estimateMemory: (model, options) => call('POST', `/api/models/${id(model)}/memory`, { body: options }),
  /** @param {string} model @param {LoadOptions} options how it is loaded from now on @returns {Promise<LocalModel>} */
  changeModel: (model, options) => call('PATCH', `/api/models/${id(model)}`, { body: options }),
  /** As it is remembered; ends when it is loaded. @param {string} model @returns {Promise<LocalModel>} */
  loadModel: (model) => call('POST', `/api/models/${id(model)}/load`),
  /** @param {string} model @returns {Promise<LocalModel>} */
  unloadModel: (model) => call('POST', `/api/models/${id(model)}/unload`),
  /** @param {string} model */
  deleteModel: (model) => call('DELETE', `/api/models/${id(model)}`),

  /** @param {string} q @returns {Promise<Page<FoundModel>>} */
  searchHub: (q) => call('GET', `/api/models/search?q=${id(q)}`),
  /** @param {string} name owner/repository @returns {Promise<OfferedModel>} */
  readOffer: (name) => call('GET', `/api/models/hub/${name.split('/').map(id).join('/')}`),
  /** @returns {Promise<Page<Download>>} */
  listDownloads: () => call('GET', '/api/models/pull'),
  /** Begins, or goes on. @param {string} name @returns {Promise<Download>} */
  startDownload: (name) => call('POST', '/api/models/pull', { body: { name } }),
  /** @param {string} name @returns {Promise<Download>} */
  pauseDownload: (name) => call('POST', '/api/models/pull/pause', { body: { name } }),
  /** @param {string} name @returns {Promise<Download>} */
  cancelDownload: (name) => call('POST', '/api/models/pull/cancel', { body: { name } }),

  /** @param {{ status?: Example['status'], q?: string, from?: string, after?: string, signal?: AbortSignal }} query @returns {Promise<Page<Example>>} from: an import */
  listExamples: ({ status, q, from, after, signal }) => {
    const query = new URLSearchParams({ limit: '20' });
    for (const [name, value] of Object.entries({ status, q, import: from, after })) if (value) query.set(name, value);
    return call('GET', of(`/api/dataset?${query}`), { signal });
  },
  /** @param {string} completion @returns {Promise<ReplyContext>} what of the chat its model did not see */
  readContext: (completion) => call('GET', `/api/replies/${id(completion)}/context`),
  /** @param {string} completion @returns {Promise<FollowUp>} whether the user may be asked to have it remembered */
  readFollowUp: (completion) => call('GET', `/api/replies/${id(completion)}/follow-up`),
  /** @param {string} completion @returns {Promise<FollowUp>} */
  rememberFollowUp: (completion) => call('POST', `/api/replies/${id(completion)}/follow-up`),
  /** @param {string} completion @returns {Promise<Page<ReplySource>>} the examples that a reply comes from */
  readSources: (completion) => call('GET', `/api/replies/${id(completion)}/sources`),

  /** @param {string} example @param {{ status?: ExampleStatus, messages?: ExampleMessage[], rewordings?: Example['rewordings'] }} change @returns {Promise<Example>} */
  changeExample: (example, change) => call('PATCH', `/api/dataset/${id(example)}`, { body: change }),
  /** @param {import('./api-types.d.ts').ImportRequest} file @returns {Promise<ImportReport>} */
  importExamples: (file) => call('POST', of('/api/dataset/import'), { body: file }),

  /** @returns {Promise<Page<Import>>} */
  listImports: () => call('GET', of('/api/dataset/imports')),
  /** @param {string} imported its id @param {ExampleStatus} status @returns {Promise<Import>} */
  changeImport: (imported, status) => call('PATCH', of(`/api/dataset/imports/${id(imported)}`), { body: { status } }),
  /** @param {string} imported its id @returns {Promise<Erased>} */
  deleteImport: (imported) => call('DELETE', `/api/dataset/imports/${id(imported)}`),

  /** @param {import('./api-types.d.ts').SynthesisRequest} request @returns {Promise<Synthesis>} */
  startSynthesis: (request) => call('POST', of('/api/synthesis'), { body: request }),
  /** @param {string} collection @returns {Promise<Page<Synthesis>>} for the assistant that is chosen */
  listSyntheses: (collection) => call('GET', of(`/api/synthesis?vector_store_id=${id(collection)}`)),
  /** @param {string} synthesis @returns {Promise<Synthesis>} */
  readSynthesis: (synthesis) => call('GET', `/api/synthesis/${id(synthesis)}`),
  /** @param {string} synthesis @returns {Promise<Synthesis>} */
  cancelSynthesis: (synthesis) => call('POST', `/api/synthesis/${id(synthesis)}/cancel`),
  /** With its rows. @param {string} synthesis */
  deleteSynthesis: (synthesis) => call('DELETE', `/api/synthesis/${id(synthesis)}`),
  /** @param {string} synthesis @param {SyntheticRow['status']} status @param {string} [after] @returns {Promise<Page<SyntheticRow>>} */
  listRows: (synthesis, status, after) => call('GET', `/api/synthesis/${id(synthesis)}/rows?status=${status}${after ? `&after=${id(after)}` : ''}`),
  /** @param {string} synthesis @param {number} row @param {import('./api-types.d.ts').RowChange} change @returns {Promise<SyntheticRow>} */
  changeRow: (synthesis, row, change) => call('PATCH', `/api/synthesis/${id(synthesis)}/rows/${row}`, { body: change }),
  /** Of all that nobody has looked at. @param {string} synthesis @param {'accepted' | 'dropped'} status */
  changeRows: (synthesis, status) => call('PATCH', `/api/synthesis/${id(synthesis)}/rows`, { body: { status } }),
  /** @param {string} synthesis @param {boolean} isPreview @returns {Promise<ImportReport>} */
  importRows: (synthesis, isPreview) => call('POST', `/api/synthesis/${id(synthesis)}/import`, { body: { dry_run: isPreview } }),

  /** What this page's key may do. @returns {Promise<Access>} */
  access: () => call('GET', '/api/access'),
  /** @returns {Promise<Page<Key>>} */
  listKeys: () => call('GET', '/api/keys'),
  /** @param {string} name @param {string[]} scopes @param {string[] | undefined} only the assistants that it is for @returns {Promise<Key>} with the key itself, this once */
  createKey: (name, scopes, only) => call('POST', '/api/keys', { body: { name, scopes, assistants: only } }),
  /** @param {string} key its id */
  revokeKey: (key) => call('DELETE', `/api/keys/${id(key)}`),

  /** Prometheus' text. */
  metrics: () => send('/metrics', {}).then((response) => response.text()),
  /** @param {number} after the last line that is known @returns {Promise<Page<LogLine>>} */
  readLog: (after) => call('GET', `/api/log?after=${after}`),

  /** @returns {Promise<Training>} */
  training: () => call('GET', of('/api/training')),
  /** @param {string} run @returns {Promise<Run>} */
  readRun: (run) => call('GET', `/api/training/runs/${id(run)}`),
  startTraining: () => call('POST', of('/api/training/start')),
  /** @param {{ automatic: boolean }} change @returns {Promise<Training>} */
  changeTraining: (change) => call('PATCH', of('/api/training'), { body: change }),
  cancelTraining: () => call('POST', of('/api/training/cancel')),

  /** @returns {Promise<Page<Version>>} */
  listVersions: () => call('GET', of('/api/versions')),
  /** @param {number} number @param {string} [after] @returns {Promise<Page<VersionExample>>} what it was taught */
  listVersionExamples: (number, after) => call('GET', of(`/api/versions/${number}/examples?limit=20${after ? `&after=${id(after)}` : ''}`)),
  /** @param {number} number */
  activateVersion: (number) => call('POST', of(`/api/versions/${number}/activate`)),
  /** @param {number} number @returns {Promise<Version>} */
  deleteVersion: (number) => call('DELETE', of(`/api/versions/${number}`)),
};
