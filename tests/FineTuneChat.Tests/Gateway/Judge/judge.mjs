// OpenAI's own client for Node as the judge of the API. usage: node judge.mjs http://127.0.0.1:PORT
// Prints one line per check; exit code 1 when one fails.
import assert from 'node:assert/strict';
import OpenAI from 'openai';

const address = process.argv[2];
const client = new OpenAI({ baseURL: `${address}/v1`, apiKey: 'none', maxRetries: 0 });
const ask = { model: 'assistant', messages: [{ role: 'user', content: 'hello' }], max_tokens: 12, temperature: 0 };
const endless = { ...ask, max_tokens: 8000, ignore_eos: true, stream: true };

const cities = { type: 'object', properties: { city: { enum: ['Ulm', 'Bonn'] }, note: { type: 'string', minLength: 30, maxLength: 40 } }, required: ['city', 'note'], additionalProperties: false };
const tools = [
  { type: 'function', function: { name: 'weather', description: 'Tells it.', parameters: cities, strict: true } },
  { type: 'function', function: { name: 'time', parameters: { type: 'object', properties: {}, additionalProperties: false } } },
];
const calling = { ...ask, max_tokens: 200, tools, tool_choice: { type: 'function', function: { name: 'weather' } }, parallel_tool_calls: false };

function checkCities(value) {
  assert.ok(['Ulm', 'Bonn'].includes(value.city));
  assert.ok([...value.note].length >= 30 && [...value.note].length <= 40);
  assert.deepEqual(Object.keys(value), ['city', 'note']);
}

async function collect(request) {
  const texts = [], reasons = [];
  let usage, tokens = [];
  for await (const chunk of await client.chat.completions.create({ ...request, stream: true, stream_options: { include_usage: true } })) {
    usage = chunk.usage ?? usage;
    for (const choice of chunk.choices) {
      texts[choice.index] = (texts[choice.index] ?? '') + (choice.delta.content ?? '');
      reasons[choice.index] = choice.finish_reason ?? reasons[choice.index];
      tokens = tokens.concat(choice.logprobs?.content ?? []);
    }
  }
  return { texts, reasons, usage, tokens };
}

const checks = {
  async chat() {
    const reply = await client.chat.completions.create(ask);
    assert.equal(reply.object, 'chat.completion');
    assert.equal(reply.choices[0].message.role, 'assistant');
    assert.equal(reply.usage.total_tokens, reply.usage.prompt_tokens + reply.usage.completion_tokens);
  },
  async stream() {
    const plain = await client.chat.completions.create(ask);
    const { texts, reasons, usage } = await collect(ask);
    assert.deepEqual([texts[0], reasons[0]], [plain.choices[0].message.content, plain.choices[0].finish_reason]);
    assert.equal(usage.completion_tokens, plain.usage.completion_tokens);
    assert.ok(usage.prompt_tokens_details.cached_tokens > 0); // the plain one has left its prompt
  },
  async 'stream helper'() {
    const runner = client.chat.completions.stream(ask);
    const final = await runner.finalChatCompletion();
    assert.equal(final.choices[0].message.content, (await client.chat.completions.create(ask)).choices[0].message.content);
  },
  async logprobs() {
    const request = { ...ask, logprobs: true, top_logprobs: 2 };
    const content = (await client.chat.completions.create(request)).choices[0].logprobs.content;
    assert.ok(content.length > 0);
    for (const token of content) {
      assert.equal(token.top_logprobs.length, 2);
      assert.equal(token.logprob, token.top_logprobs[0].logprob); // greedy
      assert.ok(token.bytes.every(Number.isInteger));
    }
    assert.deepEqual((await collect(request)).tokens.map(t => t.token), content.map(t => t.token));
  },
  async n() {
    const request = { ...ask, n: 3, temperature: 1.5, seed: 3, ignore_eos: true };
    const reply = await client.chat.completions.create(request);
    assert.deepEqual(reply.choices.map(c => c.index), [0, 1, 2]);
    assert.equal(new Set(reply.choices.map(c => c.message.content)).size, 3);
    assert.equal(reply.usage.completion_tokens, 36);
    assert.deepEqual((await collect(request)).texts, reply.choices.map(c => c.message.content));
  },
  async 'a named tool'() {
    const { finish_reason, message } = (await client.chat.completions.create(calling)).choices[0];
    assert.deepEqual([finish_reason, message.content, message.tool_calls.length, message.tool_calls[0].type], ['tool_calls', null, 1, 'function']);
    assert.equal(message.tool_calls[0].function.name, 'weather');
    checkCities(JSON.parse(message.tool_calls[0].function.arguments));
  },
  async 'a streamed tool call'() {
    const plain = (await client.chat.completions.create(calling)).choices[0].message.tool_calls[0].function;
    const deltas = [];
    let reason;
    for await (const chunk of await client.chat.completions.create({ ...calling, stream: true })) {
      deltas.push(...(chunk.choices[0].delta.tool_calls ?? []));
      reason = chunk.choices[0].finish_reason ?? reason;
    }
    assert.equal(reason, 'tool_calls');
    assert.deepEqual([deltas[0].index, deltas[0].type, deltas[0].function], [0, 'function', { name: 'weather', arguments: '' }]);
    assert.ok(deltas[0].id && deltas.slice(1).every(d => d.index === 0 && !d.id && !d.type && !d.function.name));
    assert.ok(deltas.length > 10, `${deltas.length} deltas: they do not come as they are written`);
    assert.equal(deltas.map(d => d.function.arguments).join(''), plain.arguments);
  },
  async 'the stream helper and tools'() {
    const runner = client.chat.completions.stream(calling);
    let pieces = 0, parsed;
    runner.on('tool_calls.function.arguments.delta', () => pieces++).on('tool_calls.function.arguments.done', event => (parsed = JSON.parse(event.arguments)));
    const { choices } = await runner.finalChatCompletion();
    checkCities(parsed);
    checkCities(JSON.parse(choices[0].message.tool_calls[0].function.arguments));
    assert.ok(pieces > 10);
  },
  async 'a loop of calls and results'() {
    const asked = [];
    const runner = client.chat.completions.runTools({
      ...ask, max_tokens: 200, tool_choice: 'required', parallel_tool_calls: false,
      tools: [{ type: 'function', function: { name: 'weather', parameters: cities, parse: JSON.parse, function: args => (asked.push(args), 'sunny') } }],
    }, { maxChatCompletions: 2 });
    await runner.done().catch(() => {}); // a random model calls for ever
    assert.ok(asked.length >= 1);
    asked.forEach(checkCities);
    assert.ok(runner.messages.some(m => m.role === 'tool' && m.content === 'sunny'));
  },
  async 'required, none and too many'() {
    const required = await client.chat.completions.create({ ...calling, tool_choice: 'required' });
    assert.ok(['weather', 'time'].includes(required.choices[0].message.tool_calls[0].function.name));
    const none = await client.chat.completions.create({ ...calling, max_tokens: 5, tool_choice: 'none' });
    assert.deepEqual([none.choices[0].message.tool_calls, typeof none.choices[0].message.content], [undefined, 'string']);
    await assert.rejects(client.chat.completions.create({ ...calling, tool_choice: { type: 'function', function: { name: 'nobody' } } }), e => e.param === 'tool_choice');
  },
  async 'json schema'() {
    const response_format = { type: 'json_schema', json_schema: { name: 'cities', strict: true, schema: cities } };
    const reply = await client.chat.completions.parse({ ...ask, max_tokens: 200, temperature: 1.5, seed: 5, response_format });
    assert.equal(reply.choices[0].finish_reason, 'stop');
    checkCities(reply.choices[0].message.parsed ?? JSON.parse(reply.choices[0].message.content));
    const { texts } = await collect({ ...ask, max_tokens: 200, temperature: 1.5, seed: 5, response_format });
    assert.equal(texts[0], reply.choices[0].message.content);
    await assert.rejects(
      client.chat.completions.create({ ...ask, response_format: { type: 'json_schema', json_schema: { name: 'a', strict: true, schema: { type: 'object', properties: { a: { not: {} } } } } } }),
      e => e instanceof OpenAI.BadRequestError && e.code === 'invalid_json_schema' && e.message.includes('#/properties/a/not'));
  },
  async 'stored completions'() {
    const { id } = await client.chat.completions.create({ ...ask, metadata: { from: 'judge' } });
    assert.equal((await client.chat.completions.retrieve(id)).id, id);
    assert.deepEqual((await client.chat.completions.update(id, { metadata: { rating: 'up' } })).metadata, { rating: 'up' });
    const messages = [];
    for await (const message of client.chat.completions.messages.list(id)) messages.push(message.content);
    assert.equal(messages[0], 'hello');
    assert.equal((await client.chat.completions.delete(id)).deleted, true);
    await assert.rejects(client.chat.completions.retrieve(id), OpenAI.NotFoundError);
  },
  async completions() {
    const request = { model: 'assistant', prompt: ['one', 'two'], max_tokens: 5, temperature: 0 };
    const reply = await client.completions.create(request);
    assert.equal(reply.object, 'text_completion');
    const texts = ['', ''];
    for await (const chunk of await client.completions.create({ ...request, stream: true }))
      for (const choice of chunk.choices) texts[choice.index] += choice.text;
    assert.deepEqual(texts, reply.choices.map(c => c.text));
  },
  async embeddings() { // the client asks for base64 by itself, and decodes it
    const { data, usage } = await client.embeddings.create({ model: 'assistant', input: ['a text', 'another'] });
    const plain = await client.embeddings.create({ model: 'assistant', input: ['a text', 'another'], encoding_format: 'float' });
    assert.equal(data.length, 2);
    assert.ok(Math.abs(data[0].embedding.reduce((sum, x) => sum + x * x, 0) - 1) < 1e-4);
    data[1].embedding.forEach((x, i) => assert.ok(Math.abs(x - plain.data[1].embedding[i]) < 1e-6));
    assert.equal(usage.prompt_tokens, 13);
    const ids = await client.embeddings.create({ model: 'assistant', input: [[97, 32, 116, 101, 120, 116]], dimensions: 16 });
    const length = Math.hypot(...data[0].embedding.slice(0, 16));
    ids.data[0].embedding.forEach((x, i) => assert.ok(Math.abs(x - data[0].embedding[i] / length) < 1e-6));
    assert.equal(ids.data[0].embedding.length, 16);
  },
  async models() {
    const ids = (await client.models.list()).data.map(m => m.id);
    assert.ok(ids.includes('assistant'));
    assert.equal((await client.models.retrieve('assistant@0')).id, 'assistant@0');
  },
  async errors() {
    await assert.rejects(client.chat.completions.create({ ...ask, temperature: 9 }), e => e instanceof OpenAI.BadRequestError && e.param === 'temperature');
    await assert.rejects(client.chat.completions.create({ ...ask, nonsense: 1 }), e => e.code === 'unknown_parameter' && e.param === 'nonsense');
    await assert.rejects(client.chat.completions.create({ ...ask, model: 'nobody' }), e => e instanceof OpenAI.NotFoundError && e.code === 'model_not_found');
    await assert.rejects(client.chat.completions.create({ ...ask, messages: [{ role: 'user', content: 'x'.repeat(20000) }] }), e => e.status === 400 && e.code === 'context_length_exceeded');
    await assert.rejects(client.embeddings.create({ model: 'assistant', input: 'a', dimensions: 1e6 }), e => e.param === 'dimensions');
    await assert.rejects(client.completions.create({ model: 'assistant', prompt: 'a', suffix: 'b' }), e => e.code === 'unsupported_parameter' && e.param === 'suffix');
    await assert.rejects(client.models.retrieve('some/one:else'), e => e instanceof OpenAI.NotFoundError && e.message.includes('some/one:else'));
    await assert.rejects(client.post('/nothing', { body: {} }), e => e instanceof OpenAI.NotFoundError && e.code === 'unknown_url');
    await assert.rejects(client.get('/completions'), e => e.status === 405 && e.code === 'method_not_allowed');
    await assert.rejects(client.chat.completions.create({ ...endless, temperature: 9 }), OpenAI.BadRequestError); // known before the first token: no stream
  },
  async abort() {
    for (let i = 0; i < 6; i++) { // more than are written at a time: a place that is not given back would stop the last
      const stream = await client.chat.completions.create(endless);
      for await (const chunk of stream) {
        if (chunk.choices[0].delta.content) break; // leaves the loop, and aborts
      }
    }
    const controller = new AbortController();
    const pending = client.chat.completions.create({ ...endless, stream: false }, { signal: controller.signal });
    setTimeout(() => controller.abort(), 50);
    await assert.rejects(pending, OpenAI.APIUserAbortError);
    assert.equal((await client.chat.completions.create(ask)).object, 'chat.completion');
  },
};

let failed = 0;
for (const [name, check] of Object.entries(checks)) {
  try {
    await check();
    console.log(`ok ${name}`);
  } catch (e) {
    failed = 1;
    console.log(`FAILED ${name}: ${e.stack}`);
  }
}
process.exit(failed);
