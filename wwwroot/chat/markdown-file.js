// @ts-check
// A conversation as a Markdown file, as its reader sees it: to be kept, sent or printed elsewhere. Pure.

/**
 * @param {string} title
 * @param {{ role: 'user' | 'assistant', content: string, rating: { correction?: string | null } | null }[]} messages the branch that is shown
 * @param {{ user: string, assistant: string }} names
 */
export function toMarkdown(title, messages, names) {
  const parts = messages.map(({ role, content, rating }) => `## ${names[role]}\n\n${(rating?.correction ?? content).trim()}\n`);
  return [`# ${title.replace(/\s+/g, ' ')}\n`, ...parts].join('\n');
}
