// The official clients for Node as the judges of their dialects. usage: node dialects.mjs http://127.0.0.1:PORT
// Prints one line per check; exit code 1 when one fails.
import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';
import { Ollama } from 'ollama';
import OpenAI from 'openai';

const address = process.argv[2];
const anthropic = new Anthropic({ baseURL: address, apiKey: 'none', maxRetries: 0 });
const ollama = new Ollama({ host: address });
const openai = new OpenAI({ baseURL: `${address}/v1`, apiKey: 'none', maxRetries: 0 });

const messages = [{ role: 'user', content: 'hello' }];
const cities = { type: 'object', properties: { city: { enum: ['Ulm', 'Bonn'] } }, required: ['city'], additionalProperties: false };
const ask = { model: 'assistant', messages, max_tokens: 12, temperature: 0 };
const call = {
  ...ask, max_tokens: 200, tools: [{ name: 'weather', description: 'Tells it.', input_schema: cities }],
  tool_choice: { type: 'tool', name: 'weather', disable_parallel_tool_use: true },
};
const respond = { model: 'assistant', input: 'hello', max_output_tokens: 12, temperature: 0 };
const rate = async id => assert.equal((await fetch(`${address}/api/feedback`, {
  method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ completion_id: id, rating: 'up' }),
})).status, 200);

const checks = {
  async 'anthropic: message, stream, count'() {
    const whole = await anthropic.messages.create(ask);
    const streamed = await anthropic.messages.stream(ask).finalMessage();
    assert.deepEqual(streamed.content[0].text, whole.content[0].text);
    assert.deepEqual([streamed.stop_reason, streamed.usage.output_tokens], [whole.stop_reason, whole.usage.output_tokens]);
    const { input_tokens } = await anthropic.messages.countTokens({ model: 'assistant', messages });
    assert.equal(input_tokens, streamed.usage.input_tokens + streamed.usage.cache_read_input_tokens);
    await rate(streamed.id);
  },
  async 'anthropic: tools, streamed, with their results'() {
    const reply = await anthropic.messages.stream(call).finalMessage();
    const use = reply.content.at(-1);
    assert.deepEqual([reply.stop_reason, use.type, use.name], ['tool_use', 'tool_use', 'weather']);
    assert.ok(['Ulm', 'Bonn'].includes(use.input.city));
    const after = await anthropic.messages.create({
      ...call, tool_choice: { type: 'none' }, max_tokens: 3,
      messages: [...messages, { role: 'assistant', content: reply.content }, { role: 'user', content: [{ type: 'tool_result', tool_use_id: use.id, content: 'sunny' }] }],
    });
    assert.equal(after.stop_reason, 'max_tokens');
  },
  async 'anthropic: errors'() {
    await assert.rejects(anthropic.messages.create({ ...ask, model: 'nobody' }), e => e instanceof Anthropic.NotFoundError && e.error.error.type === 'not_found_error');
    await assert.rejects(anthropic.messages.create({ ...ask, temperature: 9 }), Anthropic.BadRequestError);
  },
  async 'anthropic: a client that leaves'() {
    for (let i = 0; i < 6; i++) {
      for await (const event of await anthropic.messages.create({ ...ask, max_tokens: 8000, stream: true })) if (event.type === 'content_block_delta') break;
    }
    assert.equal((await anthropic.messages.create(ask)).type, 'message');
  },
  async 'ollama: chat, whole and streamed'() {
    const options = { num_predict: 12, temperature: 0 };
    const whole = await ollama.chat({ model: 'assistant', messages, options });
    let text = '', last;
    for await (const part of await ollama.chat({ model: 'assistant:latest', messages, options, stream: true })) text += (last = part).message.content;
    assert.equal(text, whole.message.content);
    assert.ok(last.done && last.eval_count === whole.eval_count && last.total_duration > 0);
    await rate(last.id);
  },
  async 'ollama: generate, format, embed'() {
    const reply = await ollama.generate({ model: 'assistant', prompt: 'City?', format: cities });
    assert.ok(['Ulm', 'Bonn'].includes(JSON.parse(reply.response).city));
    assert.equal((await ollama.embed({ model: 'assistant', input: ['a', 'b'] })).embeddings.length, 2);
  },
  async 'ollama: models'() {
    assert.ok((await ollama.list()).models.some(m => m.name === 'assistant:latest'));
    assert.ok((await ollama.show({ model: 'assistant' })).capabilities.includes('tools'));
    assert.equal((await ollama.ps()).models[0].name, 'assistant:latest');
    assert.equal((await ollama.create({ model: 'poet', from: 'assistant', system: 'Rhyme.', parameters: { temperature: 0.2 } })).status, 'success');
    assert.equal((await ollama.show({ model: 'poet' })).system, 'Rhyme.');
    assert.ok((await ollama.version()).version);
  },
  async 'ollama: errors'() {
    await assert.rejects(ollama.chat({ model: 'nobody', messages }), e => e.status_code === 404 && e.error.includes('nobody'));
  },
  async 'openai: responses, whole and streamed'() {
    const whole = await openai.responses.create(respond);
    let text = '', last;
    for await (const event of await openai.responses.create({ ...respond, stream: true })) {
      if (event.type === 'response.output_text.delta') text += event.delta;
      last = event;
    }
    assert.equal(text, whole.output_text);
    assert.deepEqual([last.type, last.response.usage.output_tokens], ['response.incomplete', whole.usage.output_tokens]);
    assert.equal((await openai.responses.retrieve(whole.id)).output_text, whole.output_text);
    const next = await openai.responses.create({ ...respond, previous_response_id: whole.id });
    await rate(next.id);
    await openai.responses.delete(next.id);
    await assert.rejects(openai.responses.retrieve(next.id), OpenAI.NotFoundError);
  },
  async 'openai: responses with tools and formats'() {
    const tools = [{ type: 'function', name: 'weather', parameters: cities, strict: true }];
    const reply = await openai.responses.stream({ ...respond, max_output_tokens: 200, tools, tool_choice: 'required', parallel_tool_calls: false }).finalResponse();
    const use = reply.output.at(-1);
    assert.deepEqual([use.type, use.name], ['function_call', 'weather']);
    assert.ok(['Ulm', 'Bonn'].includes(JSON.parse(use.arguments).city));
    const input = [{ role: 'user', content: 'hello' }, ...reply.output, { type: 'function_call_output', call_id: use.call_id, output: 'sunny' }];
    assert.equal((await openai.responses.create({ ...respond, input, tools, tool_choice: 'none' })).object, 'response');
    const format = { type: 'json_schema', name: 'cities', schema: cities, strict: true };
    assert.ok(['Ulm', 'Bonn'].includes((await openai.responses.parse({ ...respond, max_output_tokens: 100, text: { format } })).output_parsed.city));
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
