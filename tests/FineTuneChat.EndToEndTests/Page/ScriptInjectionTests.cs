using System.Collections.Concurrent;
using System.Text.Json;
using FineTuneChat.TestSupport;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FineTuneChat.EndToEndTests.Page;

/// <summary>What models, users and imported chats write is text: nothing of it runs, loads or looks like a part of the page.</summary>
[Collection(PageTests.Name)]
public sealed class ScriptInjectionTests(PageFixture fixture)
{
    private static readonly string[] Corpus = File.ReadAllLines(Path.Combine(Repository.Root, "tests/FineTuneChat.EndToEndTests/Page/script-injection.txt"));

    /// <summary>Shows each text in the page, as a growing and then finished reply or by the sanitiser alone; answers with what must not be there.</summary>
    private const string ShowAll =
        """
        async ([corpus, asReply]) => {
          const { MarkdownView, sanitise } = await import('/markdown.js');
          const place = document.getElementById('main');
          const first = new MarkdownView();
          place.append(first.element);
          first.show('$x$', true);
          while (!place.querySelector('math')) await new Promise((done) => setTimeout(done)); // its library is here: the others are drawn at once
          const allowed = new Set(['HTML', 'BODY', 'MAIN', 'DIV', 'P', 'BR', 'HR', 'STRONG', 'EM', 'DEL', 'CODE', 'PRE', 'BLOCKQUOTE', 'UL', 'OL', 'LI', 'A', 'H1', 'H2', 'H3', 'H4',
            'H5', 'H6', 'TABLE', 'THEAD', 'TBODY', 'TR', 'TH', 'TD']);
          const found = [];
          const check = (root, text) => {
            for (const element of root.querySelectorAll('*')) {
              const formula = element.closest('.formula');
              if (formula) { // drawn by the page: MathML alone, which neither leads nor loads nor covers anything
                const unsafe = !(element === formula || ['http://www.w3.org/1998/Math/MathML'].includes(element.namespaceURI) || element.tagName === 'SPAN')
                  || element.getAttributeNames().some((name) => name.startsWith('on') || ['href', 'src', 'id', 'name', 'xlink:href'].includes(name))
                  || /url|position|fixed/.test(element.getAttribute('style') ?? '');
                if (unsafe) found.push(`${text} → ${element.outerHTML}`);
                continue;
              }
              if (element.closest('figure.code > figcaption') || element.matches('figure.code, div.table')) continue; // the page's own frames
              const bad = !(allowed.has(element.tagName) || element.matches('figure.code code > span'))
                || (element.hasAttribute('class') && !element.matches('pre > code, code.math, figure.code code > span'))
                || element.getAttributeNames().some((name) => name.startsWith('on') || ['style', 'src', 'srcset', 'action', 'formaction', 'id', 'name', 'background'].includes(name))
                || (element.hasAttribute('href') && !/^(https?:|mailto:)/i.test(element.getAttribute('href')))
                || (element.tagName === 'A' && (element.target !== '_blank' || !element.rel.includes('noopener')));
              if (bad) found.push(`${text} → ${element.outerHTML}`);
            }
          };
          const reply = (text) => {
            const view = new MarkdownView();
            place.append(view.element);
            for (let end = 1; end < text.length; end++) { view.show(text.slice(0, end), false); check(view.element, text); }
            view.show(text, true);
            return view.element;
          };
          const alone = (text) => {
            const element = document.createElement('div');
            place.append(element);
            element.append(sanitise(text));
            return element;
          };
          for (const text of corpus) check((asReply ? reply : alone)(text), text);
          return found;
        }
        """;

    [BrowserTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task No_text_becomes_script_markup_or_a_request(bool asReply)
    {
        await using ChatPage page = await fixture.OpenAsync("#/learning");
        page.ToleratesPolicyReports = !asReply; // the sanitiser's inert document reports what it would have refused; replies do not get that far as HTML
        ConcurrentQueue<string> alarms = Watch(page);
        string[] found = await page.Tab.EvaluateAsync<string[]>(ShowAll, new object[] { Corpus, asReply });
        Assert.Empty(found);
        await SettleAsync(page);
        Assert.Empty(alarms);
    }

    [BrowserFact]
    public async Task Questions_titles_and_corrections_of_the_corpus_are_shown_as_text()
    {
        string all = string.Join("\n\n", Corpus);
        await using ChatPage page = await fixture.OpenAsync();
        ConcurrentQueue<string> alarms = Watch(page);
        foreach (string text in Corpus.Where((_, i) => i % 7 == 0))
        {
            (string conversation, string completion) = await fixture.ExchangeAsync(text);
            await fixture.RateAsync(completion, "down", all);
            await page.Tab.GotoAsync($"/#/chat/{conversation}");
            await Expect(page.Tab.Locator(".message.user .bubble")).ToHaveTextAsync(text);
            await Expect(page.LastReply.Locator(".correction")).ToBeVisibleAsync();
            await SettleAsync(page);
        }
        await page.Tab.ReloadAsync(); // the titles in the list, too
        await Expect(page.Conversations.First).ToBeVisibleAsync();
        await SettleAsync(page);
        Assert.Empty(alarms);
    }

    [BrowserFact]
    public async Task Links_of_a_reply_open_outside_and_tell_nothing()
    {
        (string conversation, string completion) = await fixture.ExchangeAsync("Link");
        await fixture.RateAsync(
            completion, "down", "[out](https://example.org/a) ![pic](https://example.org/p.png) [in](javascript:alert(1)) [rel](/api/training)");
        await using ChatPage page = await fixture.OpenAsync($"#/chat/{conversation}");
        ILocator links = page.LastReply.Locator(".correction a[href]");
        await Expect(links).ToHaveTextAsync(["out", "pic"]);
        await Expect(links.First).ToHaveAttributeAsync("rel", "noopener noreferrer nofollow");
        await Expect(page.LastReply.Locator("img")).ToHaveCountAsync(0);
    }

    /// <summary>Everything that must never happen: a dialog, a script that ran, a request to anybody else.</summary>
    private ConcurrentQueue<string> Watch(ChatPage page)
    {
        var alarms = new ConcurrentQueue<string>();
        page.Tab.Dialog += (_, dialog) => { alarms.Enqueue($"dialog: {dialog.Message}"); _ = dialog.DismissAsync(); };
        page.Tab.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(fixture.Server.Address.ToString(), StringComparison.Ordinal))
                alarms.Enqueue($"request: {request.Url}");
        };
        page.Tab.FrameNavigated += (_, frame) =>
        {
            if (frame != page.Tab.MainFrame || !frame.Url.StartsWith(fixture.Server.Address.ToString(), StringComparison.Ordinal))
                alarms.Enqueue($"navigation: {frame.Url}");
        };
        return alarms;
    }

    /// <summary>Two frames and a task later, whatever would have run has run.</summary>
    private static async Task SettleAsync(ChatPage page)
    {
        JsonElement? ran = await page.Tab.EvaluateAsync(
            "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(Boolean(window.xss))))))");
        Assert.False(ran!.Value.GetBoolean());
    }
}
