import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SseParser, readEvents } from '../../../../wwwroot/sse.js';

const bytes = (text) => new TextEncoder().encode(text);

const STREAM = bytes([
  '\uFEFF: keep-alive\n\n',
  'data: {"text":"señal 你好 🙂"}\n\n',
  'event: training.progress\r\nid: 7\r\ndata: first\r\ndata: second\r\n\r\n',
  'data:no space\rdata:  two spaces\r\r',
  'unknown: field\nretry: 10\nevent: nothing\n\n',
  'data\n\n',
  'data: [DONE]\n\n',
  'data: cut off',
].join(''));

const EVENTS = [
  { event: 'message', data: '{"text":"señal 你好 🙂"}' },
  { event: 'training.progress', data: 'first\nsecond' },
  { event: 'message', data: 'no space\n two spaces' },
  { event: 'message', data: '' },
  { event: 'message', data: '[DONE]' },
];

function parse(...pieces) {
  const parser = new SseParser();
  return pieces.flatMap((piece) => parser.push(piece));
}

test('a whole stream gives its events', () => assert.deepEqual(parse(STREAM), EVENTS));

test('a stream cut at any byte gives the same events', () => {
  for (let at = 0; at <= STREAM.length; at++)
    assert.deepEqual(parse(STREAM.subarray(0, at), STREAM.subarray(at)), EVENTS, `cut at byte ${at}`);
});

test('a stream cut at any two bytes gives the same events', () => {
  for (let a = 0; a <= STREAM.length; a++)
    for (let b = a; b <= STREAM.length; b++)
      assert.deepEqual(parse(STREAM.subarray(0, a), STREAM.subarray(a, b), STREAM.subarray(b)), EVENTS, `cut at bytes ${a} and ${b}`);
});

test('a stream of single bytes with empty pieces between gives the same events', () => {
  const pieces = [...STREAM].flatMap((byte) => [Uint8Array.of(byte), new Uint8Array(0)]);
  assert.deepEqual(parse(...pieces), EVENTS);
});

test('leaving the events early closes the connection', async () => {
  let cancelled = false;
  const body = new ReadableStream({
    pull: (controller) => controller.enqueue(bytes('data: again\n\n')),
    cancel: () => { cancelled = true; },
  });
  for await (const { data } of readEvents(body)) {
    assert.equal(data, 'again');
    break;
  }
  assert.ok(cancelled);
});
