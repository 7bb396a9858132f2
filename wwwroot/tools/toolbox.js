// @ts-check
// The tools that an assistant has, and running one of them.

import { api, ApiError } from '../api.js';
import { assistantOf } from '../assistants/current.js';

/**
 * @typedef {{ server: string, name: string, title: string | null, description: string, parameters: unknown, function: string, fingerprint: string }} Tool
 * @typedef {{ server: string, state: 'ready' | 'failed' | 'off', problem: string | null, tools: Tool[], left_out: { name: string, reason: string }[] }} ServerTools
 * @typedef {{ name: string, transport: 'builtin' | 'stdio' | 'http', command: string | null, args: string[], env: string[], url: string | null, headers: string[], enabled: boolean }} ToolServer
 */

/** After so many replies in a row that call tools the model has to answer. */
const ROUNDS = 8;

/** By assistant. @type {Map<string, ServerTools[]>} */
const known = new Map();

/** @param {string} assistant @param {boolean} [again] whether to ask, though it is known @returns {Promise<ServerTools[]>} */
export async function readTools(assistant, again = false) {
  const before = known.get(assistant);
  if (before && !again) return before;
  const { data } = await api.listTools(assistant);
  known.set(assistant, data);
  return data;
}

/** Of what was read before. @param {string} assistant @param {string} name the function's @returns {Tool | null} */
export function findTool(assistant, name) {
  return known.get(assistant)?.flatMap(({ tools }) => tools).find((tool) => tool.function === name) ?? null;
}

/** What a request has of tools. One call at a time: so its arguments follow the tool's schema by grammar. @param {import('../chat/options/options.js').Options} options @param {number} rounds replies with calls before this one */
export async function offer({ model, tools }, rounds) {
  const assistant = assistantOf(model);
  if (assistant === null || !tools) return {};
  const ready = (await readTools(assistant).catch(() => [])).filter((server) => server.state === 'ready' && server.tools.length > 0);
  if (ready.length === 0) return {};
  return {
    tools: ready.map(({ server }) => ({ type: 'mcp', server_label: server })), parallel_tool_calls: false,
    ...rounds >= ROUNDS ? { tool_choice: 'none' } : {},
  };
}

/** Forgets what was read: a server may have ended since. @param {string} assistant */
export const forgetTools = (assistant) => { known.delete(assistant); };

/**
 * @param {string} assistant
 * @param {Tool} tool
 * @param {string} given the arguments, as the model wrote them
 * @param {AbortSignal} signal
 * @returns {Promise<{ content: string, failed: boolean }>} a failure is the model's to read, too: it may call otherwise
 */
export async function runTool(assistant, tool, given, signal) {
  try {
    const result = await api.callTool(assistant, { server: tool.server, tool: tool.name, arguments: JSON.parse(given === '' ? '{}' : given) }, signal);
    return { content: result.content, failed: result.is_error };
  } catch (error) {
    if (error instanceof ApiError && error.status !== 0) return { content: error.message, failed: true };
    if (error instanceof SyntaxError) return { content: 'The arguments are no JSON.', failed: true };
    throw error;
  }
}
