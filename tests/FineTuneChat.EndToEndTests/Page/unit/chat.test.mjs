import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completeLength } from '../../../../wwwroot/chat/announcer.js';
import { toTurns, versionOf } from '../../../../wwwroot/chat/message.js';
import { streamCompletion } from '../../../../wwwroot/chat/completion.js';

const user = (content) => ({ role: 'user', content });
const thinking = (reasoning_content) => ({ reasoning_content });
const assistant = (content) => ({ role: 'assistant', content });
const shown = (turns) => turns.map((turn) => ({ ...turn, calls: [] }));

test('turns alternate when a reply never came', () => {
  assert.deepEqual(
    toTurns(shown([user('one'), assistant('1'), user('two'), assistant(''), user('three')])),
    [user('one'), assistant('1'), user('two\n\nthree')]);
});

test('the turns of a whole conversation stay as they are', () => {
  const messages = [user(' a '), assistant('b\n'), user('c')];
  assert.deepEqual(toTurns(shown(messages)), messages);
});

test('a version is told by its number, another model by its name', () => {
  assert.equal(versionOf('assistant@12'), 12);
  assert.equal(versionOf('llama-3.2-1b'), 'llama-3.2-1b');
});

test('sentences are announced when they end, not in the middle', () => {
  assert.equal(completeLength('Pi is 3.14 and'), 0);
  assert.equal(completeLength('It is. And'), 'It is.'.length);
  assert.equal(completeLength('- one\n- two'), '- one\n'.length);
});

/** Answers the next request with these pieces of an event stream. */
function answer(pieces, init = { status: 200 }) {
  globalThis.fetch = async () => new Response(new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
      controller.close();
    },
  }), init);
}

const chunk = (delta, finish_reason = null) =>
  `data: ${JSON.stringify({ id: 'chatcmpl-1', model: 'assistant@2', system_fingerprint: 'assistant@2', choices: [{ index: 0, delta, finish_reason }] })}\n\n`;

async function read() {
  const pieces = [];
  for await (const piece of streamCompletion({ messages: [], conversation: 'c' }, new AbortController().signal)) pieces.push(piece);
  return pieces;
}

test('a stream gives text, version and the reason of its end', async () => {
  answer([chunk({ role: 'assistant', content: '' }), chunk({ content: 'Hi' }), chunk({}, 'stop'), 'data: [DONE]\n\n']);
  const pieces = await read();
  assert.equal(pieces.map((piece) => piece.text).join(''), 'Hi');
  assert.equal(pieces.at(-1).finishReason, 'stop');
  assert.ok(pieces.every((piece) => piece.id === 'chatcmpl-1' && piece.version === 'assistant@2'));
});

test('what the model thinks first comes apart', async () => {
  answer([chunk(thinking('Hm')), chunk(thinking('m.')), chunk({ content: 'Hi' }), chunk({}, 'stop'), 'data: [DONE]\n\n']);
  const pieces = await read();
  assert.deepEqual([pieces.map(({ reasoning }) => reasoning).join(''), pieces.map(({ text }) => text).join('')], ['Hmm.', 'Hi']);
});

test('an error before the stream is the error of the server', async () => {
  answer([JSON.stringify({ error: { message: '1311 tokens, limit 1024', type: 'invalid_request_error', param: null, code: 'context_length_exceeded' } })], { status: 400 });
  await assert.rejects(read(), { status: 400, code: 'context_length_exceeded', message: '1311 tokens, limit 1024' });
});

test('an error in the stream is the error of the server', async () => {
  answer([chunk({ content: 'Hal' }), 'data: {"error":{"message":"The engine stopped.","type":"server_error","param":null,"code":"engine_failed"}}\n\n']);
  await assert.rejects(read(), { code: 'engine_failed', message: 'The engine stopped.' });
});

test('a stream that just ends is an interrupted reply', async () => {
  answer([chunk({ content: 'Hal' })]);
  await assert.rejects(read(), { code: 'interrupted' });
});

test('an answer that is no JSON is still an error with its status', async () => {
  answer(['<html>Bad gateway</html>'], { status: 502, statusText: 'Bad Gateway' });
  await assert.rejects(read(), { status: 502, message: '502 Bad Gateway' });
});
