// @ts-check
// How a program talks to this server, ready to be copied.

/**
 * @param {string} base the API's address
 * @param {boolean} isKeyNeeded
 * @returns {{ name: string, language: string, code: string }[]}
 */
export function snippets(base, isKeyNeeded) {
  const key = isKeyNeeded ? 'YOUR-KEY' : 'none';
  const header = isKeyNeeded ? ` \\\n  -H "Authorization: Bearer ${key}"` : '';
  const { origin } = new URL(base);
  return [
    {
      name: 'curl', language: 'bash', code: `curl ${base}/chat/completions${header} \\
  -H "Content-Type: application/json" \\
  -d '{"model": "assistant", "messages": [{"role": "user", "content": "Hello"}]}'` },
    {
      name: 'Python', language: 'python', code: `from openai import OpenAI

client = OpenAI(base_url="${base}", api_key="${key}")
reply = client.chat.completions.create(
    model="assistant",
    messages=[{"role": "user", "content": "Hello"}],
)
print(reply.choices[0].message.content)` },
    {
      name: 'JavaScript', language: 'javascript', code: `import OpenAI from 'openai';

const client = new OpenAI({ baseURL: '${base}', apiKey: '${key}' });
const reply = await client.chat.completions.create({
  model: 'assistant',
  messages: [{ role: 'user', content: 'Hello' }],
});
console.log(reply.choices[0].message.content);` },
    {
      name: 'Rating', language: 'bash', code: `curl ${origin}/api/feedback${header} \\
  -H "Content-Type: application/json" \\
  -d '{"completion_id": "chatcmpl-…", "rating": "down", "correction": "The reply that I want."}'` },
    {
      name: 'C#', language: 'csharp', code: `using OpenAI;
using OpenAI.Chat;
using System.ClientModel;

var client = new OpenAIClient(new ApiKeyCredential("${key}"), new() { Endpoint = new("${base}") });
ChatCompletion reply = client.GetChatClient("assistant").CompleteChat("Hello");
Console.WriteLine(reply.Content[0].Text);` },
  ];
}
